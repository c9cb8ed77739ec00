"""Objects as tables: their columns, numbers of rows and rows, read in columns."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

from harness.errors import CheckFailedError
from harness.services.object_layout import partition_of
from harness.services.protocol import Column, Sink

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from pyarrow import dataset as pads
    from pyarrow import fs as pafs

    from harness.services.object_layout import Group

_ELEMENTS = "SELECT array_to_string(json_extract(?, '$[*]')::VARCHAR[], chr(10))"


def sink(group: Group, files: pafs.FileSystem, *, service: str) -> Sink:
    """A group's columns and number of rows.

    Where the content is not what its name promises, there are none: reading it tells why.

    Args:
        group: The objects.
        files: Where they are read from.
        service: Whose they are.
    """
    generations = [f"{part.name}\0{part.generation}" for part in group.parts]
    version = hashlib.sha256("\n".join(generations).encode()).hexdigest()[:16]
    rows: int | None = None
    columns: tuple[Column, ...] = ()
    if group.format:
        try:
            rows, schema = _facts(group, files)
            columns = tuple(
                Column(name=field.name, type=str(field.type), nullable=field.nullable)
                for field in schema
            )
        except CheckFailedError:
            rows = None
    return Sink(service=service, name=group.name, rows=rows, columns=columns, version=version)


def read(group: Group, files: pafs.FileSystem) -> pa.Table:
    """All rows of a group; the keys of ``key=value`` folders are columns.

    Raises:
        CheckFailedError: The content is not a table, or the parts do not fit together.
    """
    import pyarrow as pa  # noqa: PLC0415 - a stack starts before anything is read

    if not group.format:
        raise CheckFailedError(
            f"{group.name} cannot be read as a table",
            cause="its name does not end in .parquet, .csv, .json or .jsonl",
            remedy="read its bytes by the service's client()",
        )
    try:
        if group.is_dataset:
            return _dataset(group, files).to_table()
        return _single(group, files)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(group, error) from error


def partitions(group: Group, files: pafs.FileSystem) -> Mapping[str, int]:
    """Rows in each ``key=value`` folder.

    Raises:
        CheckFailedError: A part cannot be read.
    """
    import pyarrow as pa  # noqa: PLC0415 - a stack starts before anything is read

    if not any(partition_of(part.name) for part in group.parts):
        return {}
    counts: Counter[str] = Counter()
    try:
        for fragment in _dataset(group, files).get_fragments():
            name = fragment.path.partition("/")[2]
            counts[partition_of(name)] += fragment.count_rows()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(group, error) from error
    return dict(sorted(counts.items()))


def _facts(group: Group, files: pafs.FileSystem) -> tuple[int, pa.Schema]:
    import pyarrow as pa  # noqa: PLC0415 - a stack starts before anything is read
    from pyarrow import parquet  # noqa: PLC0415

    try:
        if group.is_dataset:
            whole = _dataset(group, files)
            return whole.count_rows(), whole.schema
        if group.format == "parquet":
            facts = parquet.ParquetFile(_path(group), filesystem=files)
            return facts.metadata.num_rows, facts.schema_arrow
        table = _single(group, files)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(group, error) from error
    return table.num_rows, table.schema


def _dataset(group: Group, files: pafs.FileSystem) -> pads.Dataset:
    """The parts as one; columns that only some of them have are null in the others."""
    from pyarrow import dataset as pads  # noqa: PLC0415 - a stack starts before anything is read

    paths = [f"{part.bucket}/{part.name}" for part in group.parts]
    options = pads.FileSystemFactoryOptions(
        partition_base_dir=group.name.rstrip("/"),
        partitioning=pads.HivePartitioning.discover(),
    )
    kinds = {
        "parquet": pads.ParquetFileFormat,
        "csv": pads.CsvFileFormat,
        "json": pads.JsonFileFormat,
    }
    factory = pads.FileSystemDatasetFactory(files, paths, kinds[group.format](), options)
    return factory.finish(factory.inspect(fragments=len(paths)))


def _single(group: Group, files: pafs.FileSystem) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415 - a stack starts before anything is read
    from pyarrow import csv, parquet  # noqa: PLC0415
    from pyarrow import json as lines  # noqa: PLC0415

    path = _path(group)
    if group.format == "parquet":
        return parquet.ParquetFile(path, filesystem=files).read()
    with files.open_input_stream(path, compression="detect") as stream:
        if group.format == "csv":
            return csv.read_csv(stream)
        content: bytes = stream.read()
    if content.lstrip().startswith(b"["):
        content = _as_lines(content)
        if not content:
            return pa.table({})
    return lines.read_json(pa.BufferReader(content))


def _as_lines(content: bytes) -> bytes:
    """A JSON array as lines of JSON, which pyarrow reads in columns and with the same types.

    Raises:
        ValueError: It is not valid JSON.
    """
    import duckdb  # noqa: PLC0415 - a stack starts before anything is read

    from harness.engine import memory  # noqa: PLC0415

    with memory() as connection:
        try:
            row = connection.execute(_ELEMENTS, [content.decode()]).fetchone()
        except duckdb.InvalidInputException as error:
            # Its text quotes the whole content behind what is wrong.
            raise ValueError(str(error).partition("  Input: ")[0]) from error
    return str(row[0]).encode() if row else b""


def _path(group: Group) -> str:
    (part,) = group.parts
    return f"{part.bucket}/{part.name}"


def _unreadable(group: Group, error: Exception) -> CheckFailedError:
    return CheckFailedError(
        f"{group.name} cannot be read as {group.format}",
        cause=str(error).strip().splitlines()[0] if str(error).strip() else repr(error),
        evidence=[f"{one.bucket}/{one.name}: {one.size} bytes" for one in group.parts[:5]],
        remedy="look at what the pipeline wrote, and whether all parts have the same columns",
    )
