"""What is in a MySQL server: tables and views as sinks."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from harness.services.missing import missing
from harness.services.mysql_access import quoted
from harness.services.protocol import Column, Sink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pymysql.cursors import Cursor

KIND = "table or view in MySQL"
SYSTEM = ("information_schema", "mysql", "performance_schema", "sys")
_VIEW = "VIEW"
_RELATIONS = """
    SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, CREATE_TIME
      FROM information_schema.TABLES
     WHERE TABLE_SCHEMA NOT IN %s AND TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
     ORDER BY BINARY TABLE_SCHEMA, BINARY TABLE_NAME
"""
# MariaDB's JSON is a text that is checked.
_COLUMNS = """
    SELECT c.TABLE_SCHEMA, c.TABLE_NAME, c.COLUMN_NAME,
           IF(k.CHECK_CLAUSE = CONCAT('json_valid(`', c.COLUMN_NAME, '`)'), 'json', c.COLUMN_TYPE),
           c.IS_NULLABLE = 'YES'
      FROM information_schema.COLUMNS c
      LEFT JOIN information_schema.CHECK_CONSTRAINTS k
        ON k.CONSTRAINT_SCHEMA = c.TABLE_SCHEMA AND k.TABLE_NAME = c.TABLE_NAME
       AND k.CONSTRAINT_NAME = c.COLUMN_NAME AND c.DATA_TYPE = 'longtext'
     WHERE c.TABLE_SCHEMA NOT IN %s
     ORDER BY BINARY c.TABLE_SCHEMA, BINARY c.TABLE_NAME, c.ORDINAL_POSITION
"""
# Each row that a pipeline writes counts; a table that is made anew, also by TRUNCATE, has another
# number.
_WRITTEN = """
    SELECT OBJECT_SCHEMA, OBJECT_NAME, COUNT_WRITE
      FROM performance_schema.table_io_waits_summary_by_table WHERE OBJECT_TYPE = 'TABLE'
"""
_NUMBERS = "SELECT NAME, TABLE_ID FROM information_schema.INNODB_SYS_TABLES"
_PARTITIONS = """
    SELECT PARTITION_NAME FROM information_schema.PARTITIONS
     WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s AND PARTITION_NAME IS NOT NULL
     GROUP BY PARTITION_NAME ORDER BY BINARY PARTITION_NAME
"""
_PRIMARY_KEY = """
    SELECT COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE
     WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s AND CONSTRAINT_NAME = 'PRIMARY'
     ORDER BY ORDINAL_POSITION
"""


def databases(cursor: Cursor) -> list[str]:
    """All databases but the system's own."""
    cursor.execute("SHOW DATABASES")
    return [name for (name,) in cursor.fetchall() if name not in SYSTEM]


def inventory(cursor: Cursor) -> Sequence[Sink]:
    """All tables, with exact numbers of rows; views are left out.

    Args:
        cursor: One of the harness's own.
    """
    return _sinks(cursor, [row for row in _relations(cursor).values() if row[2] != _VIEW])


def describe(cursor: Cursor, name: str) -> Sink:
    """One table or view by ``database.table``.

    The version of a view tells of its number of rows only.

    Raises:
        MissingSinkError: There is none; the message names the nearest that exist.
    """
    (sink,) = _sinks(cursor, [_relation(cursor, name)])
    return sink


def partitions(cursor: Cursor, name: str) -> Mapping[str, int]:
    """Rows in each partition of a table that is declared as partitioned.

    Raises:
        MissingSinkError: There is none; the message names the nearest that exist.
    """
    database, table, *_ = _relation(cursor, name)
    cursor.execute(_PARTITIONS, (database, table))
    names = [one for (one,) in cursor.fetchall()]
    return {
        one: _count(cursor, f"{quoted(database, table)} PARTITION ({quoted(one)})") for one in names
    }


def primary_key(cursor: Cursor, name: str) -> tuple[str, ...]:
    """The columns of a table's primary key, in its order; none where it has none.

    Raises:
        MissingSinkError: There is none; the message names the nearest that exist.
    """
    database, table, *_ = _relation(cursor, name)
    cursor.execute(_PRIMARY_KEY, (database, table))
    return tuple(column for (column,) in cursor.fetchall())


def selection(cursor: Cursor, name: str) -> str:
    """The statement that reads all rows of one table or view.

    Raises:
        MissingSinkError: There is none; the message names the nearest that exist.
    """
    database, table, *_ = _relation(cursor, name)
    return f"SELECT * FROM {quoted(database, table)}"  # noqa: S608


def _relations(cursor: Cursor) -> dict[str, tuple[Any, ...]]:
    cursor.execute(_RELATIONS, (SYSTEM,))
    return {f"{row[0]}.{row[1]}": row for row in cursor.fetchall()}


def _relation(cursor: Cursor, name: str) -> tuple[Any, ...]:
    known = _relations(cursor)
    if name not in known:
        raise missing(KIND, name, known)
    return known[name]


def _sinks(cursor: Cursor, rows: list[tuple[Any, ...]]) -> list[Sink]:
    cursor.execute(_COLUMNS, (SYSTEM,))
    columns = {
        key: tuple(Column(name=one[2], type=one[3], nullable=bool(one[4])) for one in group)
        for key, group in groupby(cursor.fetchall(), key=lambda one: (one[0], one[1]))
    }
    cursor.execute(_WRITTEN)
    written = {(one[0], one[1]): one[2] for one in cursor.fetchall()}
    cursor.execute(_NUMBERS)
    numbers = dict(cursor.fetchall())
    found = []
    for database, table, kind, made in rows:
        count = _count(cursor, quoted(database, table))
        facts = (made, numbers.get(f"{database}/{table}"), count, written.get((database, table), 0))
        found.append(
            Sink(
                service="mysql",
                name=f"{database}.{table}",
                rows=count,
                columns=columns.get((database, table), ()),
                version=str(count) if kind == _VIEW else "-".join(map(str, facts)),
            )
        )
    return found


def _count(cursor: Cursor, what: str) -> int:
    cursor.execute(f"SELECT COUNT(*) FROM {what}")  # noqa: S608
    row = cursor.fetchone()
    return int(row[0]) if row else 0
