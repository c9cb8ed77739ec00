"""Avro, read block by block: each becomes columns at once."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.loads.avro_container import blocks_of, damaged, header_of, number
from harness.bigquery.loads.avro_limits import least_bytes, may_hold
from harness.bigquery.loads.avro_schema import Read, Schema
from harness.bigquery.loads.load_columns import staged_from_arrow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa

    from harness.bigquery.database import Database
    from harness.bigquery.loads.load_bad import Staged
    from harness.bigquery.loads.loads import Source
    from harness.bigquery.types import Field


def stage(
    database: Database,
    files: Source,
    configuration: Mapping[str, Any],
    wanted: tuple[Field, ...] | None,
) -> Staged:
    """Read files into a new DuckDB table.

    Args:
        database: Holds the rows.
        files: The files.
        configuration: The JobConfigurationLoad.
        wanted: The columns of the job's schema, or None.

    Raises:
        ApiError: A file cannot be read, or does not agree with the schema.
    """
    import pyarrow as pa  # noqa: PLC0415

    batches: list[pa.RecordBatch] = []
    first: Read | None = None
    for path in files.paths:
        with path.open("rb") as file:
            header = header_of(file)
            read = _schema(configuration).read(header.schema)
            if first is not None and read.field != first.field:
                raise UnsupportedError("Avro files with different schemas in one job")
            first = read
            for block in _columns(read, blocks_of(file, header)):
                batches.append(pa.RecordBatch.from_struct_array(block))  # noqa: PERF401
    if first is None:
        raise ApiError("invalid", "No files to read")
    content = pa.Table.from_batches(batches, pa.schema(list(first.arrow)))
    return staged_from_arrow(
        database,
        content,
        configuration=configuration,
        wanted=wanted,
        targets=_targets(configuration),
        kind="Avro",
        known=first.field.fields,
    )


def fields_of(path: Path, configuration: Mapping[str, Any]) -> tuple[Field, ...]:
    """The columns that a file tells.

    Raises:
        ApiError: It cannot be read, or has what a table cannot hold.
    """
    with path.open("rb") as file:
        return _schema(configuration).read(header_of(file).schema).field.fields


def _schema(configuration: Mapping[str, Any]) -> Schema:
    logical = bool(configuration.get("useAvroLogicalTypes"))
    return Schema(logical=logical, targets=_targets(configuration))


def _targets(configuration: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(configuration.get("decimalTargetTypes") or ("NUMERIC",))


def _columns(read: Read, blocks: Iterator[tuple[int, bytes]]) -> Iterator[pa.StructArray]:
    """Each block's records as columns.

    A block has the binary form of an array but for the count at its beginning and the zero at its
    end, so that one call reads all its records.
    """
    import fastavro  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    try:
        schema = fastavro.parse_schema({"type": "array", "items": read.schema})
    except Exception as error:
        raise damaged(f"Invalid schema: {error}", header=True) from error
    least = least_bytes(read.schema)
    for count, content in blocks:
        if not may_hold(content, count, least):
            raise damaged("EOF reached")
        packed = io.BytesIO(number(count) + content + b"\0" if count else b"\0")
        try:
            rows = fastavro.schemaless_reader(packed, schema, None)
        except UnicodeDecodeError as error:
            raise damaged(f"Invalid UTF-8 in a string: {error.reason}") from error
        except Exception as error:
            # The library raises many kinds of error for bytes that are no records.
            raise damaged("EOF reached") from error
        if packed.read(1) or (not count and content):
            raise damaged("Sync mismatch")
        try:
            yield pa.array(rows, read.arrow)
        except (pa.ArrowException, ValueError, OverflowError) as error:
            raise damaged(str(error)) from error
