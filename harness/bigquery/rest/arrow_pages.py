"""The first page of a query's answer as an Arrow record batch.

jobs.query sends it where ``queryResultsFormat`` asks for it; the rows behind it are read from the
stream of the job by the Storage Read API, as google-cloud-bigquery's ``_arrow_query`` has it.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.rows import MAX_PAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.database import Database
    from harness.bigquery.entries import Table

FORMATS = ("QUERY_RESULTS_FORMAT_UNSPECIFIED", "STRUCT_ENCODING", "ARROW")
_CODECS = {"COMPRESSION_UNSPECIFIED": None, "LZ4_FRAME": "lz4", "ZSTD": "zstd"}
# Of a column of TIMESTAMP(12), which the stub has none of; a plain TIMESTAMP has microseconds.
_PRECISIONS = (
    "TIMESTAMP_PRECISION_UNSPECIFIED",
    "TIMESTAMP_PRECISION_MICROS",
    "TIMESTAMP_PRECISION_NANOS",
    "TIMESTAMP_PRECISION_PICOS",
)
# The answer is 10 MB at most; base64 makes it a third larger.
_LARGEST = 7 << 20


@dataclass(frozen=True, kw_only=True)
class ArrowOptions:
    """How a client wants the batch.

    Attributes:
        compression: Arrow's name of a codec, or None.
    """

    compression: str | None = None


def arrow_options(body: Mapping[str, Any]) -> ArrowOptions | None:
    """What a QueryRequest says of its results; None where they are to be JSON.

    Raises:
        ApiError: There is no such form, codec or precision.
    """
    form = body.get("queryResultsFormat") or FORMATS[0]
    if form not in FORMATS:
        raise ApiError("invalid", f"Invalid value for queryResultsFormat: {form}")
    if form != "ARROW":
        return None
    given = body.get("arrowSerializationOptions") or {}
    codec = given.get("bufferCompression") or "COMPRESSION_UNSPECIFIED"
    if codec not in _CODECS:
        raise ApiError("invalid", f"Invalid value for bufferCompression: {codec}")
    precision = given.get("picosTimestampPrecision") or _PRECISIONS[0]
    if precision not in _PRECISIONS:
        raise ApiError("invalid", f"Invalid value for picosTimestampPrecision: {precision}")
    return ArrowOptions(compression=_CODECS[codec])


def arrow_page(
    database: Database, table: Table, options: ArrowOptions, *, limit: int | None
) -> dict[str, Any]:
    """The parts of a QueryResponse that tell the first rows.

    Args:
        database: Holds the rows.
        table: The answer.
        options: How it is wanted.
        limit: Rows at most, or None.

    Raises:
        ApiError: A column cannot be told so.
    """
    # They load Arrow, which no other query needs.
    from harness.bigquery.storage.columns import arrow_schema, column_sql, fitted  # noqa: PLC0415
    from harness.bigquery.storage.rows import serialised  # noqa: PLC0415

    if any(one.type == "STRUCT" and not one.fields for one in table.fields):
        raise UnsupportedError("a STRUCT without fields in Arrow")
    schema = arrow_schema(table.fields)
    told: dict[str, Any] = {"arrowSchema": {"serializedSchema": _text(schema.serialize())}}
    wanted = min(table.rows, MAX_PAGE if limit is None else min(limit, MAX_PAGE))
    columns = ", ".join(column_sql(table, one) for one in table.fields)
    shown = 0
    if wanted and columns:
        with database.cursor() as cursor:
            # A scan keeps the order of insertion, as for pages of JSON.
            rows = cursor.sql(f"SELECT {columns} FROM {table.rows_in} LIMIT {wanted}")  # noqa: S608
            batch = rows.to_arrow_table().combine_chunks().to_batches()[0]
        batch = fitted(batch, schema)
        shown = max(min(wanted, wanted * _LARGEST // max(batch.nbytes, 1)), 1)
        content = serialised(batch.slice(0, shown), options.compression)
        told["arrowRecordBatch"] = {"serializedRecordBatch": _text(content)}
    told["pageRowCount"] = str(shown)
    if shown < table.rows:
        told["pageToken"] = str(shown)
    return told


def _text(content: Any) -> str:
    return b64encode(memoryview(content)).decode()
