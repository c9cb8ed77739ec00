"""Objects as sinks: what was read of them holds until one of them is written again."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

from harness.errors import CheckFailedError, ServiceError
from harness.services import object_tables as tables
from harness.services.protocol import Column, Sink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pyarrow as pa
    from pyarrow import fs as pafs

    from harness.services.object_layout import Group, StoredObject

    Tail = Callable[[StoredObject], bytes]

_READERS = 8
"""Parts of a dataset that are read at a time."""


class ObjectSinks:
    """The sinks of a service's objects.

    A run asks for all of them before it and after it, and a test once more. What tells whether an
    object is still the same is its generation, which the service changes with each write.

    Args:
        service: Whose they are.
        files: Gives what they are read from.
    """

    def __init__(self, service: str, *, files: Callable[[], pafs.FileSystem]) -> None:
        self._service = service
        self._files = files
        self._kept: dict[Group, Sink] = {}

    def all(self, groups: Iterable[Group], *, tail: Tail | None = None) -> list[Sink]:
        """The sinks of all groups that there are; what is known of others is forgotten.

        Args:
            groups: What the service holds now.
            tail: Gives the end of an object, where that takes less than the file system.
        """
        files = cache(self._files)
        found = {group: self._kept.get(group) or self._read(group, files, tail) for group in groups}
        self._kept = {group: sink for group, sink in found.items() if _lasts(group, sink)}
        return list(found.values())

    def one(self, group: Group) -> Sink:
        """A group's columns and number of rows.

        Where the content is not what its name promises, there are none: reading it tells why.

        Args:
            group: The objects, as they are now.
        """
        return self._kept.get(group) or self._read(group, self._files, None)

    def forget(self) -> None:
        """Forget what was read: all objects go, or another server comes."""
        self._kept = {}

    def _read(self, group: Group, files: Callable[[], pafs.FileSystem], tail: Tail | None) -> Sink:
        generations = [f"{part.name}\0{part.generation}" for part in group.parts]
        version = hashlib.sha256("\n".join(generations).encode()).hexdigest()[:16]
        rows: int | None = None
        columns: tuple[Column, ...] = ()
        if group.format:
            try:
                rows, schema = _facts(group, files(), tail)
                columns = tuple(
                    Column(name=field.name, type=str(field.type), nullable=field.nullable)
                    for field in schema
                )
            except CheckFailedError:
                rows = None
        return Sink(
            service=self._service, name=group.name, rows=rows, columns=columns, version=version
        )


def _lasts(group: Group, sink: Sink) -> bool:
    """Whether a sink stays as it is while its group does: not where the reading may have failed."""
    return sink.rows is not None and all(part.generation for part in group.parts)


def _facts(group: Group, files: pafs.FileSystem, tail: Tail | None) -> tuple[int, pa.Schema]:
    with tables.readable(group):
        if group.format == "parquet":
            footers = _of_tails(group, tail) or _of_files(group, files)
            return _together(group, footers, files) if group.is_dataset else footers[0]
        if group.is_dataset:
            parts = tables.dataset(group, files)
            return parts.count_rows(), parts.schema
        table = tables.single(group, files)
        return table.num_rows, table.schema


def _of_tails(group: Group, tail: Tail | None) -> list[tuple[int, pa.Schema]]:
    """Rows and columns of each part by the end of the object; none where one has to be opened.

    A footer says from the end where it begins, so that the end alone is a file with all of it.
    """
    import pyarrow as pa  # noqa: PLC0415 - a stack starts before anything is read
    from pyarrow import parquet  # noqa: PLC0415

    try:
        ends = [tail(part) for part in group.parts] if tail is not None else []
        found = [parquet.ParquetFile(pa.BufferReader(end)) for end in ends]
    except (pa.ArrowException, ServiceError, OSError):
        return []
    return [(one.metadata.num_rows, one.schema_arrow) for one in found]


def _of_files(group: Group, files: pafs.FileSystem) -> list[tuple[int, pa.Schema]]:
    from pyarrow import dataset as pads  # noqa: PLC0415 - a stack starts before anything is read

    kind = pads.ParquetFileFormat()

    def footer(path: str) -> tuple[int, pa.Schema]:
        part = kind.make_fragment(path, files)
        part.ensure_complete_metadata()
        return part.metadata.num_rows, part.physical_schema

    with ThreadPoolExecutor(_READERS) as pool:
        return list(pool.map(footer, tables.paths_of(group)))


def _together(
    group: Group, footers: list[tuple[int, pa.Schema]], files: pafs.FileSystem
) -> tuple[int, pa.Schema]:
    """What the dataset says, which reads each part twice for it."""
    import pyarrow as pa  # noqa: PLC0415 - a stack starts before anything is read

    keys = tables.factory(group, files).inspect(fragments=0)
    schemas = [*(schema for _, schema in footers), keys]
    return sum(rows for rows, _ in footers), pa.unify_schemas(schemas)
