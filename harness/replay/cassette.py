"""Cassettes: folders with an ``index.yaml`` that a person can review, and bodies as files.

The index is a list of recordings::

    - method: GET
      url: https://example.com/data.csv.gz
      status: 200
      headers: {content-type: application/octet-stream}
      body: data.csv.gz
      sha256: 0123...
      encoding: gzip                  # how the body was sent; the file does not have it
      cut: 1000                       # it broke off: so many bytes were announced
      request:                        # what a request must bring as well
        headers: {accept: text/csv}
        body: query.json
        sha256: 4567...
        match: json                   # or bytes, form
        ignore: [requested_at]        # names in a JSON body that do not count
      generated: {rows: 1000, seed: 7}  # nobody answered so: the body was made up
      recorded: 2021-02-01T05:00:00Z
      ignore_query: [X-Amz-*]
      note: optional

The body is a file beside the index, with the bytes that were on the wire, only without a content
coding: csv.gz stays csv.gz.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from harness.errors import CassetteError
from harness.replay.entry import Entry

if TYPE_CHECKING:
    from pathlib import Path

    from harness.replay.recording import Recording

INDEX = "index.yaml"


def load_all(folder: Path) -> tuple[Recording, ...]:
    """Read every cassette below a folder, in the order of their paths.

    Args:
        folder: Where to look; it need not exist.

    Raises:
        CassetteError: An index cannot be read or a body is not what its index says.
    """
    return tuple(
        recording
        for index in sorted(folder.rglob(INDEX))
        # A hidden folder is one that is still being written.
        if not any(part.startswith(".") for part in index.relative_to(folder).parts)
        for recording in load(index.parent)
    )


def foreign(folder: Path) -> tuple[Path, ...]:
    """What stands in a cassette's folder and is no part of the cassette.

    Args:
        folder: The folder; it need not exist.
    """
    if folder.is_symlink() or folder.is_file():
        return (folder,)
    if not folder.is_dir():
        return ()
    own = {INDEX}
    try:
        entries = YAML(typ="safe").load(folder / INDEX) or []
        for entry in entries:
            own |= {str(one["body"]) for one in (entry, entry.get("request", {})) if "body" in one}
    except (OSError, ValueError, YAMLError, TypeError, AttributeError):
        # What the index of a broken cassette names, nobody knows.
        own = {INDEX} if (folder / INDEX).is_file() else set()
    return tuple(one for one in sorted(folder.iterdir()) if one.name not in own or one.is_dir())


def load(folder: Path) -> tuple[Recording, ...]:
    """Read one cassette and check its bodies.

    Args:
        folder: The folder with the index and the bodies.

    Raises:
        CassetteError: The index cannot be read or a body is not what the index says; the message
            names file, line and entry.
    """
    index = folder / INDEX
    try:
        entries = YAML(typ="safe").load(index)
    except (OSError, UnicodeDecodeError) as error:
        raise CassetteError(
            f"{index} cannot be read", cause=str(error), remedy="restore the cassette"
        ) from error
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        place = f"{index}:{mark.line + 1}" if mark else str(index)
        raise CassetteError(
            f"{place} is not valid YAML",
            cause=str(getattr(error, "problem", "") or error),
            remedy="mend the line named above",
        ) from error
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise CassetteError(
            f"{index} is not a list of recordings",
            evidence=[f"found {type(entries).__name__} at the top"],
            remedy="begin each recording with '- method: GET'",
        )
    resolved = folder.resolve()
    return tuple(
        Entry(index=index, folder=resolved, number=number).read(value)
        for number, value in enumerate(entries)
    )
