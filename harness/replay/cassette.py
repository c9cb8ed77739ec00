"""Cassettes: folders with an ``index.yaml`` that a person can review, and bodies as files.

The index is a list of recordings::

    - method: GET
      url: https://example.com/data.csv.gz
      status: 200
      headers: {content-type: application/octet-stream}
      body: data.csv.gz
      sha256: 0123...
      recorded: 2021-02-01T05:00:00Z
      ignore_query: [X-Amz-*]
      note: optional

The body is a file beside the index, with the bytes that were on the wire: csv.gz stays csv.gz.
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from harness.errors import CassetteError
from harness.nearest import meant
from harness.replay.recording import Recording
from harness.replay.urls import is_web_url

if TYPE_CHECKING:
    from pathlib import Path

INDEX = "index.yaml"
_REQUIRED = ("method", "url", "status")
_LAST_STATUS = 599
_KEYS = (*_REQUIRED, "headers", "body", "sha256", "ignore_query", "recorded", "note")


def load_all(folder: Path) -> tuple[Recording, ...]:
    """Read every cassette below a folder, in the order of their paths.

    Args:
        folder: Where to look; it need not exist.

    Raises:
        CassetteError: An index cannot be read or a body is not what its index says.
    """
    return tuple(
        recording for index in sorted(folder.rglob(INDEX)) for recording in load(index.parent)
    )


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
    return tuple(
        _Entry(index=index, number=number).read(value) for number, value in enumerate(entries)
    )


class _Entry:
    """One entry of an index, and the errors that name it."""

    def __init__(self, *, index: Path, number: int) -> None:
        self._index = index
        self._number = number

    def read(self, value: Any) -> Recording:
        if not isinstance(value, dict):
            raise self._error("is not a mapping of names to values")
        for key in value:
            if key not in _KEYS:
                near = meant(str(key), _KEYS)
                hint = f"did you mean {near!r}?" if near else ""
                raise self._error(f"has an unknown key {key!r}", hint, key=key)
        for key in _REQUIRED:
            if key not in value:
                raise self._error(f"has no {key!r}")
        body, digest = self._body(value)
        return Recording(
            method=str(value["method"]).upper(),
            url=self._url(value),
            status=self._status(value),
            headers=self._headers(value),
            body=body,
            sha256=digest,
            ignore_query=self._ignored(value),
            recorded=str(value.get("recorded", "")),
            note=str(value.get("note", "")),
            source=f"{self._index}, recording {self._number + 1}",
        )

    def _url(self, value: dict[str, Any]) -> str:
        url = str(value["url"])
        if not is_web_url(url):
            raise self._wrong(value, "url", "an absolute http or https URL")
        return url

    def _status(self, value: dict[str, Any]) -> int:
        status = value["status"]
        # 1xx answers are never final, so none can be played.
        if not isinstance(status, int) or not HTTPStatus.OK <= status <= _LAST_STATUS:
            raise self._wrong(value, "status", "a number from 200 to 599")
        return status

    def _headers(self, value: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        headers = value.get("headers", {})
        if not isinstance(headers, dict):
            raise self._wrong(value, "headers", "a mapping; a repeated header has a list of values")
        return tuple(
            (str(name), str(text))
            for name, texts in headers.items()
            for text in (texts if isinstance(texts, list) else [texts])
        )

    def _ignored(self, value: dict[str, Any]) -> tuple[str, ...]:
        ignored = value.get("ignore_query", [])
        if not isinstance(ignored, list):
            raise self._wrong(value, "ignore_query", "a list of query keys")
        return tuple(str(key) for key in ignored)

    def _body(self, value: dict[str, Any]) -> tuple[Path | None, str]:
        if value.get("body") is None:
            return None, ""
        folder = self._index.parent.resolve()
        file = (folder / str(value["body"])).resolve()
        if not file.is_relative_to(folder):
            raise self._wrong(value, "body", "a file inside the cassette's folder")
        try:
            with file.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise self._error("has a body that cannot be read", str(error), key="body") from error
        stated = str(value.get("sha256", "")).lower()
        if found != stated:
            raise self._error(
                "has a body that is not what its sha256 says",
                f"{file.name} has {found}, the index says {stated or 'nothing'}",
                key="sha256" if "sha256" in value else "body",
            )
        return file, found

    def _wrong(self, value: dict[str, Any], key: str, wanted: str) -> CassetteError:
        return self._error(
            f"has a {key!r} that cannot be used",
            f"expected {wanted}, found {value[key]!r}",
            key=key,
        )

    def _error(self, what: str, cause: str = "", *, key: str | None = None) -> CassetteError:
        return CassetteError(
            f"{self._index}:{self._line(key)}: recording {self._number + 1} {what}",
            cause=cause,
            remedy="correct the entry, or make the recording again",
        )

    def _line(self, key: str | None) -> int:
        """The entry's line, or that of one of its keys.

        The index is read again for it: a reader that keeps lines is six times slower.
        """
        entries = YAML(typ="rt", pure=True).load(self._index)
        line: int = (
            entries.lc.item(self._number)[0]
            if key is None
            else entries[self._number].lc.key(key)[0]
        )
        return line + 1
