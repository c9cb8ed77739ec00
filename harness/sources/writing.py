"""Puts what was fetched among the project's seeds: all of it or nothing, and never a secret."""

from __future__ import annotations

import secrets
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.machine.space import explained
from harness.record.scan import leaks
from harness.record.tabular import format_of
from harness.seeds.index import digest_of, read_index, write_index
from harness.sources.secret_columns import secret_columns, secret_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from harness.record.tabular import Format
    from harness.sources.shelf import Kept

_SHOWN = 10
_BEGINNING = 16
_BY_NAME = "its name says that it is secret"


@dataclass(frozen=True, kw_only=True)
class Planted:
    """What was written.

    Attributes:
        folder: The folder of seeds.
        names: The tables and objects that it has now, as ``service name``.
        rows: Their rows, as far as they have some.
        bytes: The size of their files.
        sampled: How many of them have a part of their rows.
    """

    folder: Path
    names: tuple[str, ...]
    rows: int
    bytes: int
    sampled: int


def write_seeds(
    folder: Path,
    draft: Path,
    kept: Sequence[Kept],
    *,
    sources: Mapping[str, str],
    recorded: str,
    known: Iterable[str] = (),
) -> Planted:
    """Put seeds into their folder, and tell of them in its index.

    Args:
        folder: The folder ``seeds``.
        draft: Where their files are, laid out alike.
        kept: The seeds.
        sources: For a service, the source as it may be shown.
        recorded: The time, as text.
        known: Values that must not be in any file.

    Raises:
        InputError: A seed holds a secret, or there is a file in its place that was not recorded;
            nothing was written.
        EnvironmentNotAbleError: There is no room.
    """
    _refuse_secrets(draft, kept, known=[value for value in known if value])
    entries = {entry["seed"]: entry for entry in read_index(folder)}
    foreign = [
        str(folder / file)
        for one in kept
        for file in one.files
        if file not in entries and (folder / file).exists()
    ]
    if foreign:
        raise InputError(
            "seeds of your own would be overwritten",
            evidence=foreign[:_SHOWN],
            remedy="move them elsewhere",
        )
    files = [file for one in kept for file in one.files]
    new = {
        file: {
            "seed": file,
            "from": sources[one.service],
            "recorded": recorded,
            **one.facts,
            "sha256": digest_of(draft / file),
        }
        for one in kept
        for file in one.files
    }
    old = {file for one in kept for file in _files_of(one, entries)} - new.keys()
    with explained(folder, doing="writing the seeds"), _beside(folder, draft, files) as put:
        put()
        # What was there goes last: whenever this is broken off, each table has its rows.
        for file in old:
            (folder / file).unlink(missing_ok=True)
        if kept:
            left = {file: entry for file, entry in entries.items() if file not in old}
            write_index(folder, {**left, **new}.values())
    return Planted(
        folder=folder,
        names=tuple(f"{one.service} {one.name}" for one in kept),
        rows=sum(int(one.facts.get("rows") or 0) for one in kept),
        bytes=sum((draft / file).stat().st_size for file in files),
        sampled=sum("of" in one.facts for one in kept),
    )


def _files_of(one: Kept, entries: Mapping[str, Any]) -> list[str]:
    """The files that an older recording has of the same table or object."""
    if one.service == "gcs":
        return [file for file in one.files if file in entries]
    endings = (".sql", ".parquet", ".jsonl")
    return [f for f in (f"{one.service}/{one.name}{end}" for end in endings) if f in entries]


def _refuse_secrets(draft: Path, kept: Sequence[Kept], *, known: list[str]) -> None:
    found = [line for one in kept for line in _secrets(draft, one, known)]
    if found:
        raise InputError(
            "the seeds are not saved: they would hold a secret",
            evidence=found[:_SHOWN],
            remedy="leave these tables or objects out with --without NAME, and write seeds of "
            "your own for them below fixtures/seeds/, which are taken instead",
        )


def _secrets(draft: Path, one: Kept, known: list[str]) -> Iterator[str]:
    for file in one.files:
        if file.endswith(".parquet") and one.service != "gcs":
            yield from _in_columns(draft / file, one, known)
            continue
        form = _format(draft / file, one)
        for column in secret_columns(draft / file, form) if form is not None else ():
            yield f"{one.service} {one.name}, column {column}: {_BY_NAME}"
        for leak in leaks([draft / file], known=known):
            yield f"{one.service} {one.name}, line {leak.line}: {leak.kind} {leak.shown}..."


def _format(file: Path, one: Kept) -> Format | None:
    with file.open("rb") as stream:
        beginning = stream.read(_BEGINNING)
    stored = one.facts.get("stored") or {}
    return format_of(file.name, stored.get("content_type", ""), beginning)


def _in_columns(file: Path, one: Kept, known: list[str]) -> Iterator[str]:
    import pyarrow.parquet as pq  # noqa: PLC0415

    source = pq.ParquetFile(file)
    part = file.with_suffix(".column")
    for field in source.schema_arrow:
        column = source.read([field.name])
        secret = list(secret_parts(field.name, column.column(0)))
        if secret:
            for name in secret:
                yield f"{one.service} {one.name}, column {name}: {_BY_NAME}"
            continue
        pq.write_table(column, part)
        for leak in leaks([part], known=known):
            yield f"{one.service} {one.name}, column {field.name}: {leak.kind} {leak.shown}..."
        part.unlink()


@contextmanager
def _beside(folder: Path, draft: Path, files: Sequence[str]) -> Iterator[Callable[[], None]]:
    """Copy files beside the places that they are to have; what is given puts them there."""
    made: dict[Path, Path] = {}

    def put() -> None:
        for new, file in made.items():
            new.replace(file)

    try:
        for name in files:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            new = file.with_name(f".{secrets.token_hex(8)}.new")
            made[new] = file
            shutil.copyfile(draft / name, new)
            # A draft is private; seeds are for all who share the project.
            new.chmod(0o644)
        yield put
    finally:
        for new in made:
            new.unlink(missing_ok=True)
