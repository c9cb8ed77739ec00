"""What is in a PostgreSQL database: tables and views as sinks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
from psycopg2 import sql

from harness.services.missing import missing
from harness.services.protocol import Column, Sink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from harness.services.postgres_counted import Counted

KIND = "table or view in PostgreSQL"
_PATIENCE = "SET lock_timeout = '10s'"
# pg_class.relkind: tables, partitioned ones and materialised views hold rows; views show them.
_HOLDING = ["r", "p", "m"]
_VIEW = "v"
_RELATIONS = """
    SELECT c.oid, n.nspname, c.relname, c.relkind, pg_relation_filenode(c.oid),
           coalesce((SELECT json_agg(json_build_array(a.attname,
                                                      format_type(a.atttypid, a.atttypmod),
                                                      NOT a.attnotnull) ORDER BY a.attnum)
                       FROM pg_attribute a
                      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]')
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind::text = ANY(%s) AND c.relpersistence <> 't' AND NOT c.relispartition
       AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%%'
     ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
"""
_LEAVES = """
    SELECT n.nspname, c.relname
      FROM pg_partition_tree(%s) t JOIN pg_class c ON c.oid = t.relid
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE t.isleaf ORDER BY c.relname COLLATE "C"
"""
_PRIMARY_KEY = """
    SELECT a.attname
      FROM pg_index i CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS part(number, place)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = part.number
     WHERE i.indrelid = %s AND i.indisprimary
     ORDER BY part.place
"""
_COUNT = sql.SQL("SELECT count(*) FROM {}")
# Numbers only: Arrow puts them in the same order, but for NaN, which is the greatest here.
_NUMBERS = {
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double precision": pa.float64(),
}
_EXTREMES = sql.SQL("SELECT min({0}), max({0}), count(*) > count({0}) FROM {1}")


def inventory(connection: Connection, counted: Counted) -> Sequence[Sink]:
    """All tables and materialised views of users, with exact numbers of rows.

    Views are left out: nothing is written to them, and to count the rows of all of them could
    take long, or fail.

    Args:
        connection: A connection of the harness's own.
        counted: What is known of them.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(_PATIENCE)
        counted.look(cursor)
        return [_sink(cursor, row, counted) for row in _relations(cursor, _HOLDING)]


def describe(connection: Connection, counted: Counted, name: str) -> Sink:
    """One table or view by ``schema.table``.

    The version of a view tells of its number of rows only.

    Args:
        connection: A connection of the harness's own.
        counted: What is known of tables.
        name: The table or view.

    Raises:
        MissingSinkError: There is none; the message names the nearest that exist.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(_PATIENCE)
        counted.look(cursor)
        return _sink(cursor, _relation(cursor, name), counted)


def partitions(connection: Connection, name: str) -> Mapping[str, int]:
    """Rows in each leaf of a table that is declared as partitioned, by the leaf's name.

    Raises:
        MissingSinkError: There is none; the message names the nearest that exist.
    """
    with connection, connection.cursor() as cursor:
        oid, schema, _, kind, *_ = _relation(cursor, name)
        if kind != "p":
            return {}
        cursor.execute(_PATIENCE)
        cursor.execute(_LEAVES, (oid,))
        counts = {}
        for leaf_schema, leaf in cursor.fetchall():
            key = leaf if leaf_schema == schema else f"{leaf_schema}.{leaf}"
            cursor.execute(_COUNT.format(sql.Identifier(leaf_schema, leaf)))
            row = cursor.fetchone()
            counts[key] = int(row[0]) if row else 0
        return counts


def primary_key(connection: Connection, name: str) -> tuple[str, ...]:
    """The columns of a table's primary key, in its order; none where it has none.

    Raises:
        MissingSinkError: There is none; the message names the nearest that exist.
    """
    with connection, connection.cursor() as cursor:
        oid, *_ = _relation(cursor, name)
        cursor.execute(_PRIMARY_KEY, (oid,))
        return tuple(column for (column,) in cursor.fetchall())


def selection(connection: Connection, name: str, *columns: str) -> str:
    """The statement that reads all rows of one table or view.

    Args:
        connection: A connection of the harness's own.
        name: The table or view.
        columns: Those to read; all if none is given.

    Raises:
        MissingSinkError: There is none; the message names the nearest that exist.
    """
    with connection, connection.cursor() as cursor:
        _, schema, table, *_ = _relation(cursor, name)
    what = sql.SQL(", ").join(map(sql.Identifier, columns)) if columns else sql.SQL("*")
    statement = sql.SQL("SELECT {} FROM {}").format(what, sql.Identifier(schema, table))
    return statement.as_string(connection)


def extremes(connection: Connection, name: str, column: str) -> pa.Table | None:
    """The least and the greatest number in a column, and a null if it has any; no row is read out.

    Args:
        connection: A connection of the harness's own.
        name: The table or view.
        column: The column.

    Returns:
        This column, in the type that all its values have in Arrow; None where these are no
        numbers of a machine, and for views, which may fail on rows that nobody counts.

    Raises:
        MissingSinkError: There is no such table; the message names the nearest that exist.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(_PATIENCE)
        _, schema, table, relation, _, columns = _relation(cursor, name)
        kind = _NUMBERS.get(next((kind for known, kind, _ in columns if known == column), ""))
        if kind is None or relation == _VIEW:
            return None
        cursor.execute(_EXTREMES.format(sql.Identifier(column), sql.Identifier(schema, table)))
        least, greatest, has_null = cursor.fetchone() or (None, None, False)
    return pa.table({column: pa.array([least, greatest, *[None] * has_null], kind)})


def _relations(cursor: Any, kinds: list[str]) -> list[tuple[Any, ...]]:
    cursor.execute(_RELATIONS, (kinds,))
    return list(cursor.fetchall())


def _relation(cursor: Any, name: str) -> tuple[Any, ...]:
    known = {f"{row[1]}.{row[2]}": row for row in _relations(cursor, [*_HOLDING, _VIEW])}
    if name not in known:
        raise missing(KIND, name, known)
    return known[name]


def _sink(cursor: Any, row: tuple[Any, ...], counted: Counted) -> Sink:
    oid, schema, table, kind, node, columns = row
    if kind == _VIEW:
        cursor.execute(_COUNT.format(sql.Identifier(schema, table)))
        (count,) = cursor.fetchone()
        version = str(count)
    else:
        count, written = counted.facts(cursor, oid, schema, table)
        version = f"{node or 0}-{written}"
    return Sink(
        service="postgres",
        name=f"{schema}.{table}",
        rows=int(count),
        columns=tuple(Column(name=n, type=t, nullable=null) for n, t, null in columns),
        version=version,
    )
