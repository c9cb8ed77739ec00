"""Which objects are one dataset: names in, sinks' names and their parts out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMATS = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".csv.gz": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json.gz": "json",
    ".jsonl.gz": "json",
    ".ndjson.gz": "json",
}
_KEY = re.compile(r"[^/=]+=[^/]*")
_UUID = r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}"
# The names that pyarrow, Spark, Dask, DuckDB, polars and BigQuery's exports give to parts.
_PART = re.compile(rf"part[-_.]?\d|{_UUID}(?:[-_]\d+)?[.]|data_\d+[.]|\d+[.]|[^/]*\d{{12}}[.]")


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """One object.

    Attributes:
        bucket: Its bucket.
        name: Its name in the bucket.
        size: Bytes.
        generation: Changes with each write.
    """

    bucket: str
    name: str
    size: int
    generation: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """Objects that make one sink.

    Attributes:
        name: ``bucket/object``, or ``bucket/folder/`` for a dataset.
        parts: The objects that hold its rows.
        format: ``parquet``, ``csv`` or ``json``; empty where the content is not tabular.
    """

    name: str
    parts: tuple[StoredObject, ...]
    format: str = ""

    @property
    def is_dataset(self) -> bool:
        """Whether it is a folder of parts."""
        return self.name.endswith("/")


def groups(objects: Iterable[StoredObject]) -> list[Group]:
    """Put the parts of a dataset together; all other objects stand for themselves.

    A dataset is a folder with ``key=value`` folders below it, or with files whose names are those
    that writers of datasets give to parts. Placeholders of folders, and what writers leave beside
    the parts (``_SUCCESS``, ``_metadata``), are left out.

    Args:
        objects: The objects of one bucket or of several.
    """
    found: dict[tuple[str, str], list[StoredObject]] = {}
    single: list[Group] = []
    beside: list[StoredObject] = []
    for one in objects:
        if one.name.endswith("/"):
            continue
        kind = format_of(one.name)
        root = _root(one.name) if kind else None
        if root is not None:
            found.setdefault((f"{one.bucket}/{root}", kind), []).append(one)
        elif one.name.rpartition("/")[2].startswith(("_", ".")):
            beside.append(one)
        else:
            single.append(_alone(one, kind))
    datasets = []
    taken: set[str] = set()
    # Two kinds of parts in one folder are two datasets; the larger keeps the folder's name.
    for (name, kind), parts in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        if name in taken:
            single += [_alone(one, kind) for one in parts]
        else:
            taken.add(name)
            datasets.append(Group(name=name, parts=tuple(parts), format=kind))
    for one in beside:
        if not any(f"{one.bucket}/{one.name}".startswith(name) for name in taken):
            single.append(_alone(one, format_of(one.name)))
    return sorted(datasets + single, key=lambda group: group.name)


def named(objects: Iterable[StoredObject], name: str) -> Group | None:
    """The group of a name: a sink's, a part's, or any folder that holds one kind of table."""
    objects = list(objects)
    for group in groups(objects):
        if group.name == name:
            return group
    for one in objects:
        if f"{one.bucket}/{one.name}" == name:
            return _alone(one, format_of(name))
    if not name.endswith("/"):
        return None
    below = [
        one
        for one in objects
        if f"{one.bucket}/{one.name}".startswith(name) and format_of(one.name)
    ]
    kinds = {format_of(one.name) for one in below}
    return Group(name=name, parts=tuple(below), format=kinds.pop()) if len(kinds) == 1 else None


def format_of(name: str) -> str:
    """``parquet``, ``csv`` or ``json`` by the name's ending, or an empty string."""
    low = name.lower()
    return next((kind for ending, kind in FORMATS.items() if low.endswith(ending)), "")


def partition_of(name: str) -> str:
    """The ``key=value`` folders of an object's name, as ``key=value/key=value``."""
    return "/".join(folder for folder in name.split("/")[:-1] if _KEY.fullmatch(folder))


def _alone(one: StoredObject, kind: str) -> Group:
    return Group(name=f"{one.bucket}/{one.name}", parts=(one,), format=kind)


def _root(name: str) -> str | None:
    """The folder of the dataset that an object is a part of, with its slash, or None."""
    folders = name.split("/")[:-1]
    for index, folder in enumerate(folders):
        if _KEY.fullmatch(folder):
            return "".join(f"{above}/" for above in folders[:index])
    if folders and _PART.match(name.rpartition("/")[2]):
        return "".join(f"{above}/" for above in folders)
    return None
