"""CreateReadSession: a request becomes a session, or is refused as the real service does.

The texts of refusals are those that clients' own tests expect of the service and that users report:
``request failed: ...``.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.entries import TableRef, now_ms
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sizes import bytes_read
from harness.bigquery.storage.columns import arrow_schema, chosen, column_sql
from harness.bigquery.storage.filter import condition, sample
from harness.bigquery.storage.session import ReadSession

if TYPE_CHECKING:
    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table
    from harness.bigquery.storage.sessions import ReadSessions

_TABLE = re.compile(r"projects/([^/]+)/datasets/([^/]+)/tables/([^/]+)")
_PROJECT = re.compile(r"projects/([^/]+)")
_AVRO, _ARROW = 1, 2
# Google's clients ask for LZ4 wherever they can. Each batch says itself how it is packed, and on
# one machine packing takes longer than sending.
_CODECS = {0: None, 1: None, 2: "zstd"}
_MICROS = (0, 1)
_LZ4 = 2
# Users have measured that 195 MB come in one stream and 264 MB in four.
_LARGE = 200_000_000
_STREAMS_OF_LARGE = 4
# The real limit is 1,000; each stream that is read has a thread here.
_MOST_STREAMS = 48
_BATCH_BYTES = 2_000_000
_SAMPLED = 2048


def make(catalog: Catalog, sessions: ReadSessions, request: Any) -> tuple[ReadSession, int]:
    """Make a session.

    Args:
        catalog: The catalog.
        sessions: Where it is kept.
        request: The CreateReadSessionRequest.

    Returns:
        The session and the estimate of its bytes.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    wanted, options = request.read_session, request.read_session.read_options
    project = _PROJECT.fullmatch(request.parent)
    if project is None:
        raise ApiError("invalid", f"Invalid parent name: {request.parent}")
    _check_format(wanted)
    least, most = request.preferred_min_stream_count, request.max_stream_count
    if min(least, most) < 0 or (most and least > most):
        raise ApiError(
            "invalid",
            "max_stream_count must not be negative or less than preferred_min_stream_count",
        )
    with catalog.lock:
        table = _table(catalog, wanted)
        fields = chosen(table, options.selected_fields)
        where, changing = condition(catalog, table, options.row_restriction)
        conditions = [f"({where})"] if where else []
        if options.HasField("sample_percentage"):
            conditions.append(sample(table, options.sample_percentage))
        session = ReadSession(
            name=_name(catalog, table, project[1]),
            table=table,
            columns=tuple(column_sql(table, field) for field in fields),
            conditions=tuple(conditions),
            schema=arrow_schema(fields),
            compression=codec(options.arrow_serialization_options),
            packed=_packed(options),
        )
        rows = sessions.hold(session)
    size = measure(catalog, session, rows)
    count = _streams(size, rows, least, most) if fields else 0
    for number in range(count):
        session.add(rows * number // count, rows * (number + 1) // count)
    if changing:
        sessions.copy_now(session)
    sessions.add(session)
    return session, size


def measure(catalog: Catalog, session: ReadSession, rows: int) -> int:
    """About how many bytes a session's columns have, from the first rows; it sizes its batches.

    Args:
        catalog: The catalog.
        session: The session.
        rows: How many row ids it has.
    """
    table, names = session.table, session.schema.names
    if not rows or not names:
        return 0
    first = replace(table, rows_in=f"(SELECT * FROM {table.rows_in} LIMIT {_SAMPLED})")  # noqa: S608
    measured = bytes_read(catalog.database, first, columns=names)
    size = measured * max(table.rows, 1) // min(max(table.rows, 1), _SAMPLED)
    session.rows_per_batch = min(max(_BATCH_BYTES // max(size // rows, 1), 64), 1 << 16)
    return size


def codec(options: Any) -> str | None:
    """The compression of Arrow's buffers that a client asks for.

    Raises:
        ApiError: There is no such thing.
    """
    if options.picos_timestamp_precision not in _MICROS:
        raise UnsupportedError("picos_timestamp_precision finer than microseconds")
    if options.buffer_compression not in _CODECS:
        raise ApiError("invalid", f"Unknown buffer compression: {options.buffer_compression}")
    return _CODECS[options.buffer_compression]


def named_table(name: str) -> TableRef | None:
    """The table that ``projects/p/datasets/d/tables/t`` names, or None."""
    found = _TABLE.fullmatch(name)
    return TableRef(project=found[1], dataset=found[2], table=found[3]) if found else None


def _check_format(wanted: Any) -> None:
    if wanted.data_format == _AVRO:
        raise UnsupportedError("data format AVRO in the Storage Read API; ARROW is")
    if wanted.data_format != _ARROW:
        raise ApiError("invalid", "data format unspecified")


def _packed(options: Any) -> bool:
    asked = options.response_compression_codec
    if asked not in (0, _LZ4):
        raise ApiError("invalid", f"Unknown response compression: {asked}")
    if asked and options.arrow_serialization_options.buffer_compression:
        raise ApiError(
            "invalid", "Arrow buffer compression and response compression cannot both be set"
        )
    return bool(asked)


def _table(catalog: Catalog, wanted: Any) -> Table:
    ref = named_table(wanted.table)
    if ref is None:
        raise ApiError("invalid", f"Invalid table name: {wanted.table}")
    if "$" in ref.table or "@" in ref.table:
        raise ApiError("invalid", f"Invalid table name: {wanted.table}: decorators are not allowed")
    table = catalog.table(ref)
    if table.view is not None or table.external is not None:
        raise ApiError("invalid", "non-table entities cannot be read with the storage API")
    if wanted.table_modifiers.HasField("snapshot_time"):
        _check_moment(table, wanted.table_modifiers.snapshot_time)
    return table


def _check_moment(table: Table, moment: Any) -> None:
    """Refuse a time at which the table was not as it is now."""
    asked = moment.seconds * 1000 + moment.nanos // 1_000_000
    named = f"Invalid time travel timestamp {asked} for table {table.ref}@{asked}."
    if asked > now_ms():
        raise ApiError("invalid", f"{named} Cannot read into the future")
    if asked < table.created:
        raise ApiError("invalid", f"{named} Cannot read before {table.created}")
    if asked < table.modified:
        raise UnsupportedError(f"snapshot_time before the last change of table {table.ref}")


def _name(catalog: Catalog, table: Table, project: str) -> str:
    location = catalog.dataset(table.ref.project, table.ref.dataset).location.lower()
    return f"projects/{project}/locations/{location}/sessions/{uuid.uuid4().hex}"


def _streams(size: int, rows: int, least: int, most: int) -> int:
    natural = _STREAMS_OF_LARGE if size > _LARGE else 1
    count = min(max(natural, least), _MOST_STREAMS, rows)
    return min(count, most) if most else count
