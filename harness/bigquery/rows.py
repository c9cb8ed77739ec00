"""Pages of rows, written as BigQuery's JSON by DuckDB itself.

A cell is ``{"v": "text"}``, a STRUCT ``{"v": {"f": [cells]}}``, an ARRAY ``{"v": [cells]}``; an
ARRAY that is NULL is empty. No Python object is made for a cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError
from harness.bigquery.types import is_made_up, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.bigquery.database import Database
    from harness.bigquery.entries import Table
    from harness.bigquery.types import Field

# BigQuery's own limit is 20 MB of response; this many rows of a wide table are less.
MAX_PAGE = 50_000
# What DuckDB reads at once.
_ONE_VECTOR = 2048
# Whose text is NULL where the value is. Naming a value twice costs a table of thousands of columns
# minutes: DuckDB's search for what expressions share grows with the square of them.
_NULL_OF_NULL = {
    "INT64",
    "BOOL",
    "FLOAT64",
    "NUMERIC",
    "STRING",
    "JSON",
    "BYTES",
    "DATE",
    "DATETIME",
    "TIME",
    "TIMESTAMP",
}


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of rows.

    Attributes:
        json: The rows, joined by commas.
        count: How many they are.
        next: The index of the next row, or None at the end.
        total: How many rows there are in all pages.
    """

    json: str
    count: int
    next: int | None
    total: int


def page(
    database: Database,
    table: Table,
    *,
    fields: Sequence[Field],
    start: int,
    limit: int | None,
    int64_timestamps: bool,
    partition: str = "",
) -> Page:
    """Read a page.

    Args:
        database: Holds the rows.
        table: The table, as it was when the client began to read.
        fields: The columns to show.
        start: Index of the first row.
        limit: Rows at most, or None.
        int64_timestamps: Whether a TIMESTAMP is told in whole microseconds.
        partition: The id of the one partition to read, or an empty string.
    """
    total, where = table.rows, ""
    if partition and table.partitioning is not None:
        total = sum(part.rows for part in table.partitions if part.id == partition)
        where = f"WHERE {table.partitioning.id_sql()} = {literal(partition)} "
    wanted = MAX_PAGE if limit is None else min(limit, MAX_PAGE)
    count = max(min(wanted, total - start), 0)
    if not count:
        return Page(json="", count=0, next=None, total=total)
    if any(map(is_made_up, fields)):
        database.know("bq_big")
    cells = _joined(
        f"""'{{"v":' || {cell_sql(field, quoted(field.name), int64=int64_timestamps)} || '}}'"""
        for field in fields
    )
    # A scan keeps the order of insertion; sorting all rows for each page would not scale.
    number = table.row_column
    source = (
        f"(SELECT *, {table.row_id} AS {number} "  # noqa: S608
        f"FROM {table.rows_in} {where}LIMIT {count} OFFSET {start})"
    )
    order = f" ORDER BY {number}"
    if count == total <= _ONE_VECTOR and not where:
        # One thread reads them all, in their order: half of the time of a small answer.
        source, order = table.rows_in, ""
    with database.cursor() as cursor:
        row = cursor.execute(
            f"""SELECT string_agg('{{"f":[' || {cells} || ']}}', ','{order}) FROM {source}"""  # noqa: S608
        ).fetchone()
    after = start + count
    return Page(
        json=str(row[0]) if row else "",
        count=count,
        next=after if after < total else None,
        total=total,
    )


def cell_sql(field: Field, value: str, *, int64: bool, depth: int = 0) -> str:
    """SQL that gives a cell's content as JSON text.

    Args:
        field: The column or field.
        value: SQL of its value.
        int64: Whether a TIMESTAMP is told in whole microseconds.
        depth: How many ARRAYs it stands in, for distinct names.
    """
    if not field.repeated:
        inner = _one_sql(field, value, int64=int64, depth=depth)
        if field.type in _NULL_OF_NULL:
            return f"coalesce({inner}, 'null')"
        return f"CASE WHEN {value} IS NULL THEN 'null' ELSE {inner} END"
    item = f"item_{depth}"
    inner = _one_sql(field, item, int64=int64, depth=depth + 1)
    items = (
        f"list_transform({value}, lambda {item} : '{{\"v\":' || "
        f"CASE WHEN {item} IS NULL THEN 'null' ELSE {inner} END || '}}')"
    )
    return (
        f"CASE WHEN {value} IS NULL THEN '[]' ELSE '[' || array_to_string({items}, ',') || ']' END"
    )


def _one_sql(field: Field, value: str, *, int64: bool, depth: int) -> str:
    if field.type == "STRUCT":
        cells = _joined(
            f"""'{{"v":' || {
                cell_sql(
                    inner,
                    f"struct_extract({value}, {literal(inner.name)})",
                    int64=int64,
                    depth=depth,
                )
            } || '}}'"""
            for inner in field.fields
        )
        return f"""'{{"f":[' || {cells} || ']}}'"""
    return f"""'"' || {text_sql(field.type, value, int64=int64)} || '"'"""


def _joined(cells: Iterable[str]) -> str:
    """SQL of cells with commas between them; one call, as DuckDB bounds how deep operators go."""
    listed = ", ".join(cells)
    return f"concat_ws(',', {listed})" if listed else "''"


def text_sql(kind: str, value: str, *, int64: bool) -> str:
    """SQL that gives a scalar's text, escaped for JSON, without the quotes.

    Raises:
        ApiError: There is no such type.
    """
    fraction = (
        f"CASE WHEN microsecond({value}) % 1000000 = 0 THEN '' "
        f"ELSE '.' || lpad(CAST(microsecond({value}) % 1000000 AS VARCHAR), 6, '0') END"
    )
    seconds = f"printf('%.6f', epoch_us({value}) / 1000000.0)"
    texts = {
        "INT64": f"CAST({value} AS VARCHAR)",
        "BOOL": f"CAST({value} AS VARCHAR)",
        "FLOAT64": (
            f"CASE WHEN isnan({value}) THEN 'NaN' WHEN isinf({value}) "
            f"THEN CASE WHEN {value} > 0 THEN 'Infinity' ELSE '-Infinity' END "
            f"ELSE CAST({value} AS VARCHAR) END"
        ),
        "NUMERIC": (
            f"regexp_replace(regexp_replace(CAST({value} AS VARCHAR), "
            r"'(\.[0-9]*?)0+$', '\1'), '\.$', '')"
        ),
        "BIGNUMERIC": f"bq_big_text({value})",
        "INTERVAL": f"bq_interval_text({value})",
        "STRING": _escaped(value),
        "JSON": _escaped(f"CAST({value} AS VARCHAR)"),
        "BYTES": f"to_base64({value})",
        "DATE": f"strftime({value}, '%Y-%m-%d')",
        "DATETIME": f"strftime({value}, '%Y-%m-%dT%H:%M:%S') || {fraction}",
        "TIME": f"strftime(DATE '2000-01-01' + {value}, '%H:%M:%S') || {fraction}",
        "TIMESTAMP": f"CAST(epoch_us({value}) AS VARCHAR)" if int64 else seconds,
    }
    if kind.startswith("RANGE<"):
        return _range_text(kind[6:-1], value, int64=int64)
    if kind not in texts:
        raise ApiError("invalid", f"Type {kind} cannot be shown")
    return texts[kind]


def _range_text(element: str, value: str, *, int64: bool) -> str:
    ends = [
        f"CASE WHEN isfinite({one}) THEN {text_sql(element, one, int64=int64)} ELSE 'UNBOUNDED' END"
        for one in (f"struct_extract({value}, '{name}')" for name in ("from~", "to~"))
    ]
    return f"'[' || {ends[0]} || ', ' || {ends[1]} || ')'"


def _escaped(value: str) -> str:
    text = f"CAST(to_json({value}) AS VARCHAR)"
    return f"{text}[2:-2]"
