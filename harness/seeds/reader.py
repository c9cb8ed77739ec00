"""The seeds of a project: which file goes to which service, under which name."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.nearest import meant
from harness.seeds.index import INDEX, digest_of, read_index
from harness.services.catalogue import BY_NAME, SEEDED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

KEEP = ".keep"
"""The name of a file that makes the bucket it is in."""
BUCKET = "bucket"
TABLES = (".sql", ".csv", ".csv.gz", ".parquet", ".jsonl")


@dataclass(frozen=True, kw_only=True)
class Seed:
    """One file.

    Attributes:
        service: The service's name.
        name: ``schema.table``, ``bucket/object`` or ``dataset.table``; of SQL the file's stem.
        kind: The file's ending, such as ``.csv.gz``; of an object an empty text, and ``bucket`` of
            the file ``.keep`` that stands for a bucket alone.
        file: The file.
        stored: What is said of an object besides: ``content_type``, ``content_encoding``,
            ``metadata``.
    """

    service: str
    name: str
    kind: str
    file: Path
    stored: Mapping[str, Any] = field(default_factory=dict)


def read_seeds(folder: Path) -> tuple[Seed, ...]:
    """All seeds: SQL before data, each in the order of the names.

    Args:
        folder: The folder ``seeds``; it need not exist.

    Raises:
        InputError: A file's place or name does not say where it goes, or a recorded seed is not
            what the index says.
    """
    if not folder.is_dir():
        return ()
    places = [place for place in sorted(folder.iterdir()) if place.name != INDEX]
    entries = {entry["seed"]: entry for entry in read_index(folder)}
    found = []
    for seed in (seed for place in places for seed in _of_service(place)):
        entry = entries.get(seed.file.relative_to(folder).as_posix(), {})
        _check(seed.file, entry.get("sha256"))
        found.append(replace(seed, stored=entry.get("stored") or {}))
    return tuple(sorted(found, key=lambda seed: (seed.service, seed.kind != ".sql", seed.name)))


def _check(file: Path, stated: str | None) -> None:
    if stated is not None and digest_of(file) != stated:
        raise InputError(
            f"the recorded seed {file} is not what its sha256 in {INDEX} says",
            cause="it was changed since, or its recording was broken off",
            remedy=f"restore it; or take its entry out of {INDEX}, and it is a seed of your own; "
            "or delete it, and record it anew",
        )


def _of_service(place: Path) -> Iterator[Seed]:
    if place.name.startswith("."):
        return
    if place.name not in SEEDED or not place.is_dir():
        near = meant(place.name, SEEDED)
        raise InputError(
            f"{place} is no folder of seeds",
            cause=f"did you mean {near}?" if near else "",
            remedy=f"put seeds into one of the folders {', '.join(SEEDED)}",
        )
    objects = BY_NAME[place.name].holds_objects
    for file in sorted(place.rglob("*")):
        if objects and file.name == KEEP and file.parent.parent == place:
            yield Seed(service=place.name, name=file.parent.name, kind=BUCKET, file=file)
        elif file.is_file() and not file.name.startswith("."):
            yield _object(place, file) if objects else _table(place.name, file)


def _object(place: Path, file: Path) -> Seed:
    name = file.relative_to(place).as_posix()
    if "/" not in name:
        raise InputError(
            f"the seed {file} is in no bucket",
            remedy=f"put it into a folder that is named as the bucket: {place}/my-bucket/{name}",
        )
    return Seed(service=place.name, name=name, kind="", file=file)


def _table(service: str, file: Path) -> Seed:
    kind = next((ending for ending in TABLES if file.name.endswith(ending)), "")
    name = file.name.removesuffix(kind)
    if not kind:
        raise InputError(
            f"the seed {file} is of no kind that can be loaded",
            remedy=f"make it one of {', '.join(TABLES)}",
        )
    if kind != ".sql" and name.count(".") != 1:
        raise InputError(
            f"the seed {file} does not name a table",
            remedy=f"name it {BY_NAME[service].outer}.table{kind}",
        )
    return Seed(service=service, name=name, kind=kind, file=file)
