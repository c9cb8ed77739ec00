"""What is in a PostgreSQL database: tables as sinks, their rows as Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from psycopg2 import sql

from harness.services.nearest import missing
from harness.services.protocol import Column, Sink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg2.extensions import connection as Connection  # noqa: N812

KIND = "table in PostgreSQL"
_PATIENCE = "SET lock_timeout = '10s'"
_RELATIONS = """
    SELECT c.oid, n.nspname, c.relname, c.relkind = 'p', pg_relation_filenode(c.oid),
           coalesce((SELECT json_agg(json_build_array(a.attname,
                                                      format_type(a.atttypid, a.atttypmod),
                                                      NOT a.attnotnull) ORDER BY a.attnum)
                       FROM pg_attribute a
                      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]')
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND NOT c.relispartition
       AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
     ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
"""
_LEAVES = """
    SELECT n.nspname, c.relname
      FROM pg_partition_tree(%s) t JOIN pg_class c ON c.oid = t.relid
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE t.isleaf ORDER BY c.relname COLLATE "C"
"""
# xmin is the transaction that wrote a row: a committed write brings a higher one, and the sum sees
# those that commit out of order. age() counts backwards from now, so it is turned round.
_FACTS = sql.SQL(
    "SELECT count(*), coalesce(max(age('3'::xid) - age(xmin)), 0), "
    "coalesce(sum(age('3'::xid) - age(xmin)), 0) FROM {}"
)


def inventory(connection: Connection, *, name: str | None = None) -> Sequence[Sink]:
    """All tables and materialised views of users, or only one, with exact numbers of rows.

    Args:
        connection: A connection of the harness's own.
        name: ``schema.table``, to look at this one only.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(_PATIENCE)
        cursor.execute(_RELATIONS)
        found = [row for row in cursor.fetchall() if name in {None, f"{row[1]}.{row[2]}"}]
        return [_sink(cursor, row) for row in found]


def describe(connection: Connection, name: str) -> Sink:
    """One table by ``schema.table``.

    Raises:
        MissingSinkError: There is none; the message names the nearest that exist.
    """
    found = inventory(connection, name=name)
    if not found:
        raise missing(KIND, name, _names(connection))
    return found[0]


def partitions(connection: Connection, name: str) -> Mapping[str, int]:
    """Rows in each leaf of a table that is declared as partitioned, by the leaf's name.

    Raises:
        MissingSinkError: There is none; the message names the nearest that exist.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(_RELATIONS)
        rows = [row for row in cursor.fetchall() if f"{row[1]}.{row[2]}" == name]
        if not rows:
            raise missing(KIND, name, _names(connection))
        oid, schema, _, partitioned, *_ = rows[0]
        if not partitioned:
            return {}
        cursor.execute(_PATIENCE)
        cursor.execute(_LEAVES, (oid,))
        counts = {}
        for leaf_schema, leaf in cursor.fetchall():
            cursor.execute(
                sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(leaf_schema, leaf))
            )
            row = cursor.fetchone()
            key = leaf if leaf_schema == schema else f"{leaf_schema}.{leaf}"
            counts[key] = int(row[0]) if row else 0
        return counts


def selection(connection: Connection, name: str) -> str:
    """The statement that reads all rows of one table.

    Raises:
        MissingSinkError: There is none; the message names the nearest that exist.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(_RELATIONS)
        for _, schema, table, *_ in cursor.fetchall():
            if f"{schema}.{table}" == name:
                return (
                    sql.SQL("SELECT * FROM {}")
                    .format(sql.Identifier(schema, table))
                    .as_string(connection)
                )
    raise missing(KIND, name, _names(connection))


def fetch(url: str, statement: str) -> pa.Table:
    """Run a query and read its result in columns.

    NUMERIC becomes a decimal, of the declared precision and scale or, undeclared, of the largest
    that occurs; where it holds NaN or infinity, which Arrow's decimals cannot, it stays text.
    What Arrow has no type for (uuid, json, enumerations, ranges, inet, ...) comes as text, as
    PostgreSQL writes it. The field's metadata has the type under ``POSTGRESQL:type``.

    Args:
        url: Where to connect, for libpq.
        statement: One statement that returns rows.
    """
    from adbc_driver_postgresql import dbapi  # noqa: PLC0415 - it takes long to import

    with dbapi.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(_as_text(cursor, statement))
        table = cursor.fetch_arrow_table()
    for index, field in enumerate(table.schema):
        table = table.set_column(index, *_readable(field, table.column(index)))
    return table


def _sink(cursor: Any, row: tuple[Any, ...]) -> Sink:
    _, schema, table, _, node, columns = row
    cursor.execute(_FACTS.format(sql.Identifier(schema, table)))
    count, newest, total = cursor.fetchone()
    return Sink(
        service="postgres",
        name=f"{schema}.{table}",
        rows=int(count),
        columns=tuple(Column(name=n, type=t, nullable=null) for n, t, null in columns),
        version=f"{node or 0}-{count}-{newest}-{total}",
    )


def _names(connection: Connection) -> list[str]:
    with connection, connection.cursor() as cursor:
        cursor.execute(_RELATIONS)
        return [f"{row[1]}.{row[2]}" for row in cursor.fetchall()]


def _as_text(cursor: Any, statement: str) -> str:
    """The statement, with the columns that Arrow has no type for turned into text."""
    schema = cursor.adbc_execute_schema(statement)
    unknown = {field.name for field in schema if _opaque(field.type)}
    names = [field.name for field in schema]
    if not unknown or len(set(names)) < len(names):
        return statement
    quoted = {name: '"' + name.replace('"', '""') + '"' for name in names}
    columns = [f"{quoted[name]}::text" if name in unknown else quoted[name] for name in names]
    inner = statement.rstrip().removesuffix(";")
    return f"SELECT {', '.join(columns)} FROM ({inner}\n) AS result"  # noqa: S608 - names quoted


def _opaque(kind: pa.DataType) -> bool:
    if isinstance(kind, pa.OpaqueType):
        return not pa.types.is_string(kind.storage_type)
    return isinstance(kind, pa.UuidType)


def _readable(field: pa.Field, column: pa.ChunkedArray) -> tuple[pa.Field, pa.ChunkedArray]:
    facts = {
        key: value
        for key, value in (field.metadata or {}).items()
        if key.startswith(b"POSTGRESQL:")
    }
    column = _stored(column)
    if facts.get(b"POSTGRESQL:type") == b"numeric":
        column = _decimals(column, int(facts.get(b"POSTGRESQL:typmod", b"-1")))
    return pa.field(field.name, column.type, nullable=field.nullable, metadata=facts), column


def _stored(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The plain values below an extension type, also inside lists."""
    kind = column.type
    if pa.types.is_list(kind) and isinstance(kind.value_type, pa.BaseExtensionType):
        return column.cast(pa.list_(kind.value_type.storage_type))
    if isinstance(kind, pa.BaseExtensionType):
        return column.cast(kind.storage_type)
    return column


def _decimals(column: pa.ChunkedArray, modifier: int) -> pa.ChunkedArray:
    if modifier >= 0:
        # As numeric_typmod_precision and _scale of PostgreSQL's numeric.c; a scale may be negative.
        precision = (modifier - 4) >> 16 & 0xFFFF
        scale = (((modifier - 4) & 0x7FF) ^ 1024) - 1024
    else:
        digits = pc.replace_substring_regex(column, r"^-?0*", "")
        whole = pc.utf8_length(pc.replace_substring_regex(digits, r"\..*$", ""))
        part = pc.utf8_length(pc.replace_substring_regex(digits, r"^[^.]*\.?", ""))
        scale = pc.max(part).as_py() or 0
        precision = max((pc.max(whole).as_py() or 0) + scale, 1)
    if precision > 76 or not 0 <= scale <= precision:  # noqa: PLR2004 - Arrow's limit
        return column
    kind = pa.decimal128 if precision <= 38 else pa.decimal256  # noqa: PLR2004
    try:
        return column.cast(kind(precision, scale))
    except pa.ArrowInvalid:
        return column
