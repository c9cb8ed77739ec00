"""Writes a cassette: all of it or nothing, and never with a secret in it."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from harness.errors import CassetteError, InputError
from harness.machine.space import explained
from harness.record.entries import Entries
from harness.record.names import Names
from harness.record.scan import leaks
from harness.record.secrets import Secrets
from harness.replay.cassette import INDEX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from harness.replay.capture import Capture


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was written.

    Attributes:
        folder: The cassette.
        recordings: How many recordings its index has.
        bodies: How many body files it has.
        bytes: Their size together.
        scrubbed: How many secrets were taken out.
        sampled: How many recordings have a part of their rows.
        whole: The tables that were to be sampled and stayed whole: the body's file, and why.
    """

    folder: Path
    recordings: int
    bodies: int
    bytes: int
    scrubbed: int
    sampled: int
    whole: Mapping[str, str]


def write_cassette(
    folder: Path,
    captures: Sequence[Capture],
    *,
    title: str,
    known: Iterable[str] = (),
    match_headers: Iterable[str] = (),
    ignore: Iterable[str] = (),
    sample: int | None = None,
    generated: Mapping[str, int] | None = None,
    replace: bool = True,
) -> Written:
    """Write captures as a cassette, in place of one that is there.

    Args:
        folder: The cassette's folder; its parents are made.
        captures: The captures, in order.
        title: What the index says of itself in its first line.
        known: Secrets that are known to the caller.
        match_headers: Request headers that must be the same when a recording is played.
        ignore: Names in JSON bodies and forms of requests that do not count when a recording is
            played.
        sample: How many rows are kept of a tabular answer; None for all of them.
        generated: How the answers were made, where no origin gave them.
        replace: Whether it may take the place of a cassette.

    Raises:
        CassetteError: A secret would be kept; nothing was written.
        EnvironmentNotAbleError: There is no room.
        InputError: There is a cassette by now that must not be replaced.
    """
    secrets = Secrets(captures, known=known)
    with explained(folder.parent, doing="writing the cassette"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _beside(folder) as draft:
            entries = Entries(
                draft,
                secrets=secrets,
                names=Names(),
                match_headers=match_headers,
                ignore=ignore,
                sample=sample,
                generated=generated,
            )
            values = _told_once(map(entries.entry, _heard_out(captures)))
            _write_index(draft / INDEX, values, title=title)
            files = sorted(draft.iterdir())
            _refuse_leaks(files, secrets=secrets, cassette=folder)
            written = Written(
                folder=folder,
                recordings=len(values),
                bodies=len(files) - 1,
                bytes=sum(file.stat().st_size for file in files if file.name != INDEX),
                scrubbed=secrets.count,
                sampled=sum("sample" in value for value in values),
                whole=entries.whole,
            )
            if not replace and folder.exists():
                raise InputError(
                    f"the recording is not saved: by now there is a cassette {folder}",
                    cause="it was made by another recording at the same time",
                    remedy="record it anew with --replace, or give another name with --name",
                )
            _put(draft, folder)
    return written


def _heard_out(captures: Iterable[Capture]) -> list[Capture]:
    """Without answers that a client did not wait for, where it was told the whole another time."""
    kept = list(captures)
    whole = {_request_of(capture) for capture in kept if not capture.broken}
    return [one for one in kept if not (one.left and _request_of(one) in whole)]


def _request_of(capture: Capture) -> tuple[str, str, bytes]:
    body = b"" if capture.request_body is None else capture.request_body.read_bytes()
    return capture.method, capture.url, hashlib.sha256(body).digest()


def _told_once(values: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what only repeats the last answer to the same request: that plays on by itself."""
    by_request: dict[str, list[int]] = {}
    answers = []
    kept = list(values)
    for number, value in enumerate(kept):
        request = repr([value["method"], value["url"], value.get("request")])
        by_request.setdefault(request, []).append(number)
        answers.append({name: text for name, text in value.items() if name != "recorded"})
    repeated: set[int] = set()
    for numbers in by_request.values():
        while len(numbers) > 1 and answers[numbers[-1]] == answers[numbers[-2]]:
            repeated.add(numbers.pop())
    return [value for number, value in enumerate(kept) if number not in repeated]


def _write_index(file: Path, values: list[dict[str, Any]], *, title: str) -> None:
    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=2, offset=0)
    with file.open("w", encoding="utf-8") as stream:
        stream.write(f"# {title}\n")
        yaml.dump(values, stream)


def _refuse_leaks(files: Iterable[Path], *, secrets: Secrets, cassette: Path) -> None:
    found = leaks(files, known=secrets.values)
    if found:
        raise CassetteError(
            f"the cassette {cassette.name} is not saved: it would hold a secret",
            evidence=[str(leak) for leak in found],
            remedy="leave the secret out of what is fetched, or send it in a header, a query key "
            "or a field whose name says what it is (such as authorization or access_token)",
        )


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A private folder beside the cassette, gone at the end."""
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _put(draft: Path, folder: Path) -> None:
    """Put the new cassette in place of the old; at no time is neither there for long."""
    if folder.exists():
        old = draft.with_name(draft.name + "-old")
        folder.rename(old)
        try:
            draft.rename(folder)
        except OSError:
            old.rename(folder)
            raise
        shutil.rmtree(old)
    else:
        draft.rename(folder)
    # A draft is private; a cassette is for all who share the project.
    folder.chmod(0o755)
    for file in folder.iterdir():
        file.chmod(0o644)
