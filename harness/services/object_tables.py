"""Objects as tables: their rows, read in columns."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.errors import CheckFailedError
from harness.services.object_layout import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa
    from pyarrow import dataset as pads
    from pyarrow import fs as pafs

    from harness.services.object_layout import Group

_ELEMENTS = "SELECT array_to_string(json_extract(?, '$[*]')::VARCHAR[], chr(10))"


def read(group: Group, files: pafs.FileSystem) -> pa.Table:
    """All rows of a group; the keys of ``key=value`` folders are columns.

    Raises:
        CheckFailedError: The content is not a table, or the parts do not fit together.
    """
    if not group.format:
        raise CheckFailedError(
            f"{group.name} cannot be read as a table",
            cause="its name does not end in .parquet, .csv, .json or .jsonl",
            remedy="read its bytes by the service's client()",
        )
    with readable(group):
        return dataset(group, files).to_table() if group.is_dataset else single(group, files)


def partitions(group: Group, files: pafs.FileSystem) -> Mapping[str, int]:
    """Rows in each ``key=value`` folder.

    Raises:
        CheckFailedError: A part cannot be read.
    """
    if not any(partition_of(part.name) for part in group.parts):
        return {}
    counts: Counter[str] = Counter()
    with readable(group):
        for fragment in dataset(group, files).get_fragments():
            name = fragment.path.partition("/")[2]
            counts[partition_of(name)] += fragment.count_rows()
    return dict(sorted(counts.items()))


@contextmanager
def readable(group: Group) -> Iterator[None]:
    """While it is open, a group is read.

    Raises:
        CheckFailedError: The content is not a table, or the parts do not fit together.
    """
    import pyarrow as pa  # noqa: PLC0415 - a stack starts before anything is read

    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(group, error) from error


def factory(group: Group, files: pafs.FileSystem) -> pads.FileSystemDatasetFactory:
    """What makes a dataset of the parts; it has not looked at them yet."""
    from pyarrow import dataset as pads  # noqa: PLC0415 - a stack starts before anything is read

    options = pads.FileSystemFactoryOptions(
        partition_base_dir=group.name.rstrip("/"),
        partitioning=pads.HivePartitioning.discover(),
    )
    kinds = {
        "parquet": pads.ParquetFileFormat,
        "csv": pads.CsvFileFormat,
        "json": pads.JsonFileFormat,
    }
    return pads.FileSystemDatasetFactory(files, paths_of(group), kinds[group.format](), options)


def paths_of(group: Group) -> list[str]:
    """Where the parts are, in the file system of pyarrow."""
    return [f"{part.bucket}/{part.name}" for part in group.parts]


def path_of(group: Group) -> str:
    """The same of a group of one part."""
    (path,) = paths_of(group)
    return path


def dataset(group: Group, files: pafs.FileSystem) -> pads.Dataset:
    """The parts as one, within ``readable``.

    Columns that only some of them have are null in the others.
    """
    making = factory(group, files)
    return making.finish(making.inspect(fragments=len(group.parts)))


def single(group: Group, files: pafs.FileSystem) -> pa.Table:
    """All rows of a group of one part, within ``readable``."""
    import pyarrow as pa  # noqa: PLC0415 - a stack starts before anything is read
    from pyarrow import csv, parquet  # noqa: PLC0415
    from pyarrow import json as lines  # noqa: PLC0415

    path = path_of(group)
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


def _unreadable(group: Group, error: Exception) -> CheckFailedError:
    return CheckFailedError(
        f"{group.name} cannot be read as {group.format}",
        cause=str(error).strip().splitlines()[0] if str(error).strip() else repr(error),
        evidence=[f"{one.bucket}/{one.name}: {one.size} bytes" for one in group.parts[:5]],
        remedy="look at what the pipeline wrote, and whether all parts have the same columns",
    )
