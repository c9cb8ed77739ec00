"""What is in a PostgreSQL database: tables as sinks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg2 import sql

from harness.services.missing import missing
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
        everything = cursor.fetchall()
        rows = [row for row in everything if f"{row[1]}.{row[2]}" == name]
        if not rows:
            raise missing(KIND, name, [f"{row[1]}.{row[2]}" for row in everything])
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
