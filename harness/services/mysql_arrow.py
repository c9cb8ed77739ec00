"""Rows of MySQL as Arrow: written by the server into a file, and read in columns."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from harness.engine import memory
from harness.services.mysql_access import quoted, text

if TYPE_CHECKING:
    import duckdb
    from pymysql.cursors import Cursor

    from harness.services.mysql_server import Exchange

_BINARY = 63
"""The number of the character set of what is bytes."""
_UNSIGNED = 32
_MOST_DIGITS = 38
"""Arrow's decimals of 128 bits have no more."""
# MySQL's numbers of types (include/field_types.h), and DuckDB's names for what they hold.
_INTEGERS = {1: "TINYINT", 2: "SMALLINT", 9: "INTEGER", 3: "INTEGER", 8: "BIGINT", 13: "SMALLINT"}
_FLOATS = {4: "FLOAT", 5: "DOUBLE"}
_TIMES = {7: "TIMESTAMP", 10: "DATE", 11: "TIME", 12: "TIMESTAMP"}
_PLAIN = {**_INTEGERS, **_TIMES}
_DECIMALS = {0, 246}
_BITS, _YEAR = 16, 13
_KEPT, _PLACE = "mage_harness_rows", "mage_harness_place"
_ORDERED = re.compile(r"\bORDER\s+BY\b", re.IGNORECASE)
_READ = (
    "read_csv(?, header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
    "new_line = '\\n', nullstr = '', allow_quoted_nulls = false, strict_mode = true, "
    "max_line_size = 268435456, columns = {})"
)


@dataclass(frozen=True)
class _Field:
    """A column of a result.

    Attributes:
        name: Its name.
        kind: DuckDB's type; ``BLOB`` comes as hexadecimal digits.
        said: The expression that gives its text.
    """

    name: str
    kind: str
    said: str


def fetch(cursor: Cursor, statement: str, *, exchange: Exchange) -> pa.Table:
    """Run a query and read its result in columns.

    DECIMAL becomes a decimal of the same precision and scale up to 38 digits, BIGINT UNSIGNED an
    unsigned number, BIT an unsigned one, DATETIME and TIMESTAMP times without a zone, TINYINT(1)
    a number of one byte. A column with what Arrow has no value for (a TIME beyond a day, the date
    0000-00-00, more digits) stays text, as MySQL writes it.

    Args:
        cursor: One of the harness's own.
        statement: One statement that returns rows.
        exchange: Where the server can put a file.
    """
    query = statement.strip().rstrip(";")
    if not _can_be_within(query):
        cursor.execute(query)
        return _small(cursor)
    rows = _rows(cursor, query)
    cursor.execute(f"SELECT * FROM {rows} LIMIT 0")  # noqa: S608
    described = cursor._result.fields  # type: ignore[attr-defined]  # noqa: SLF001
    fields = [_field(one) for one in described if one.name != _PLACE]
    name = f"rows-{secrets.token_hex(8)}.csv"
    said = ", ".join(one.said for one in fields)
    order = f"ORDER BY {_PLACE}" if rows == _KEPT else ""
    try:
        cursor.execute(
            f"SELECT {said} FROM {rows} {order} INTO OUTFILE {text(f'{exchange.there}/{name}')} "  # noqa: S608
            "CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' ESCAPED BY '' LINES TERMINATED BY '\\n'"
        )
        return _read(str(exchange.here / name), fields)
    finally:
        (exchange.here / name).unlink(missing_ok=True)


def _rows(cursor: Cursor, query: str) -> str:
    """What stands for a query's rows in another one; an order of its own is lost within one."""
    if not _ORDERED.search(query):
        # The line's end keeps a comment at the end of the query from what follows.
        return f"({query}\n) AS {_KEPT}"
    cursor.execute(f"CREATE TEMPORARY TABLE {_KEPT} ({_PLACE} SERIAL) AS {query}")
    return _KEPT


def _can_be_within(query: str) -> bool:
    return query.lstrip(" \n\t(").upper().startswith(("SELECT", "WITH", "VALUES", "TABLE"))


def _small(cursor: Cursor) -> pa.Table:
    """What SHOW and its like return; it is never much."""
    names = [one[0] for one in cursor.description or ()]
    columns = list(zip(*cursor.fetchall(), strict=True)) or [()] * len(names)
    return pa.table([pa.array(column) for column in columns], names=names)


def _field(one: Any) -> _Field:
    name, kind, column = one.name, one.type_code, quoted(one.name)
    unsigned = bool(one.flags & _UNSIGNED)
    if kind in _FLOATS:
        # The text of a FLOAT has six digits.
        return _Field(name, _FLOATS[kind], f"COALESCE(CAST({column} AS DOUBLE), '')")
    if kind in _PLAIN:
        small = unsigned and kind in _INTEGERS and kind != _YEAR
        return _Field(name, "U" * small + _PLAIN[kind], f"COALESCE({column}, '')")
    if kind in _DECIMALS:
        # The length counts the sign and the point.
        digits = one.length - (not unsigned) - (one.scale > 0)
        decimal = f"DECIMAL({min(digits, _MOST_DIGITS)}, {one.scale})"
        return _Field(name, decimal, f"COALESCE({column}, '')")
    if kind == _BITS:
        return _Field(name, "UBIGINT", f"COALESCE({column} + 0, '')")
    if one.charsetnr == _BINARY:
        return _Field(name, "BLOB", _written(f"HEX({column})"))
    return _Field(name, "VARCHAR", _written(column))


def _written(value: str) -> str:
    """An expression that quotes a text as in a file of comma-separated values."""
    return f"IF({value} IS NULL, '', CONCAT('\"', REPLACE({value}, '\"', '\"\"'), '\"'))"


def _read(file: str, fields: list[_Field]) -> pa.Table:
    columns = {f"c{number}": "VARCHAR" for number in range(len(fields))}
    with memory() as connection:
        rows = connection.sql(f"FROM {_READ.format(columns)}", params=[file])
        table: pa.Table = rows.select(
            *(_typed(rows, name, one) for name, one in zip(columns, fields, strict=True))
        ).to_arrow_table()
    # Names need not be unique in a result.
    return table.rename_columns([one.name for one in fields])


def _typed(rows: duckdb.DuckDBPyRelation, name: str, field: _Field) -> duckdb.Expression:
    import duckdb  # noqa: PLC0415

    column = duckdb.ColumnExpression(name)
    if field.kind == "VARCHAR":
        return column
    if field.kind == "BLOB":
        return duckdb.FunctionExpression("unhex", column).alias(name)
    if _may_not_fit(field.kind) and _lost(rows, name, field.kind):
        return column
    return column.cast(field.kind).alias(name)


def _may_not_fit(kind: str) -> bool:
    return kind in _TIMES.values() or kind.startswith(f"DECIMAL({_MOST_DIGITS},")


def _lost(rows: duckdb.DuckDBPyRelation, name: str, kind: str) -> bool:
    """Whether a column has a value that cannot be one of a type."""
    asked = f"count({name}) > count(TRY_CAST({name} AS {kind}))"
    ((found,),) = rows.aggregate(asked).fetchall()
    return bool(found)
