"""A PostgreSQL database as files: the SQL that makes it, and the rows of each table by COPY.

It is brought back by SQL and COPY alone. ``psql`` is not used: a script for it may hold commands
for the shell.
"""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2 import sql

from harness.bundle.manifest import LeftOut
from harness.errors import EnvironmentNotAbleError, InputError
from harness.services.embedded.installation import find
from harness.services.postgres_sessions import OWN

if TYPE_CHECKING:
    from pathlib import Path

    from psycopg2.extensions import cursor as Cursor  # noqa: N812

    from harness.services.postgres import Postgres

FIRST_ROWS = 10_000
"""Rows that are kept of a table that is too large to be kept whole."""
_BEFORE, _AFTER, _TABLES = "before_rows.sql", "after_rows.sql", "tables.json"
_PATIENCE = 120
# Each dump has another word there, which psql alone understands.
_FOR_PSQL = re.compile(r"^\\.*\n?", re.MULTILINE)
_PLAIN = re.compile(r"[^A-Za-z0-9_]+")
_LISTED = """
SELECT n.nspname, c.relname, pg_table_size(c.oid),
       array_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '')
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind = 'r' AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
 GROUP BY n.nspname, c.relname, c.oid
 ORDER BY n.nspname, c.relname
"""
_SEQUENCES = """
SELECT format('SELECT pg_catalog.setval(%L, %s, true);',
              format('%I.%I', schemaname, sequencename), last_value)
  FROM pg_sequences WHERE last_value IS NOT NULL ORDER BY schemaname, sequencename
"""


def keep(postgres: Postgres, folder: Path, *, limit: int) -> list[LeftOut]:
    """Write a database into files.

    Args:
        postgres: The service.
        folder: An empty folder for them.
        limit: Bytes on the disk; of a larger table the first rows are kept.

    Returns:
        What is not whole.

    Raises:
        EnvironmentNotAbleError: The database cannot be read.
    """
    cut: list[LeftOut] = []
    tables = []
    (folder / _BEFORE).write_text(_dumped(postgres, "pre-data"), "utf-8")
    with closing(postgres.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(_LISTED)
        for number, (schema, table, size, columns) in enumerate(cursor.fetchall()):
            name = f"{number:04}-{_PLAIN.sub('-', f'{schema}-{table}')[:80]}.copy"
            whole = size <= limit
            if columns:
                _copy_out(cursor, folder / name, (schema, table), columns, whole=whole)
                tables.append({"schema": schema, "table": table, "columns": columns, "file": name})
            if not whole:
                why = f"it is larger than the limit: the first {FIRST_ROWS:,} rows are kept"
                cut.append(LeftOut(what=f"postgres {schema}.{table}", why=why))
        cursor.execute(_SEQUENCES)
        sequences = "".join(f"{line}\n" for (line,) in cursor.fetchall())
    (folder / _TABLES).write_text(json.dumps(tables, indent=1) + "\n", "utf-8")
    (folder / _AFTER).write_text(sequences + _dumped(postgres, "post-data"), "utf-8")
    return cut


def bring_back(postgres: Postgres, folder: Path) -> None:
    """Make an empty database what files say.

    Args:
        postgres: The service.
        folder: The files.

    Raises:
        InputError: PostgreSQL does not take them.
    """
    with closing(postgres.connect()) as connection, connection.cursor() as cursor:
        try:
            _execute(cursor, folder / _BEFORE)
            for one in json.loads((folder / _TABLES).read_text("utf-8")):
                _copy_in(cursor, folder, one)
            _execute(cursor, folder / _AFTER)
            connection.commit()
        except (psycopg2.Error, OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                "the database of the bundle cannot be brought back",
                cause=str(error).strip(),
                evidence=[f"from {folder.name}/ of the bundle"],
                remedy="have the bundle made anew, with the version of mage-harness that opens it",
            ) from error


def _dumped(postgres: Postgres, section: str) -> str:
    program = find().bin / "pg_dump"
    login = {
        "PGHOST": postgres.host,
        "PGPORT": str(postgres.port),
        "PGUSER": postgres.user,
        "PGPASSWORD": postgres.password,
        "PGDATABASE": postgres.database,
        "PGAPPNAME": OWN,
        "PGCONNECT_TIMEOUT": "10",
    }
    command = [str(program), f"--section={section}", "--no-owner", "--no-privileges"]
    try:
        done = subprocess.run(
            [*command, "--lock-wait-timeout=5000"],
            env=login,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _not_dumped(str(error)) from error
    if done.returncode != 0:
        raise _not_dumped(done.stderr.decode("utf-8", "replace").strip())
    return _FOR_PSQL.sub("", done.stdout.decode("utf-8"))


def _not_dumped(cause: str) -> EnvironmentNotAbleError:
    return EnvironmentNotAbleError(
        "the database cannot be put into a bundle",
        cause=cause,
        remedy="use a server that is no newer than the harness's own pg_dump, or run without "
        "--bundle",
    )


def _copy_out(
    cursor: Cursor, file: Path, name: tuple[str, str], columns: list[str], *, whole: bool
) -> None:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    selected = sql.SQL("COPY (SELECT {} FROM ONLY {} {}) TO STDOUT").format(
        listed,
        sql.Identifier(*name),
        sql.SQL("") if whole else sql.SQL("LIMIT {}").format(sql.Literal(FIRST_ROWS)),
    )
    with file.open("wb") as stream:
        cursor.copy_expert(selected, stream)


def _copy_in(cursor: Cursor, folder: Path, one: dict[str, Any]) -> None:
    file = folder / str(one["file"])
    if file.parent != folder:
        raise ValueError(f"{one['file']} is no file beside {_TABLES}")
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(str(one["schema"]), str(one["table"])),
        sql.SQL(", ").join(map(sql.Identifier, one["columns"])),
    )
    with file.open("rb") as stream:
        cursor.copy_expert(statement, stream)


def _execute(cursor: Cursor, file: Path) -> None:
    statements = file.read_text("utf-8")
    if statements.strip():
        # Comments alone are no statement that psycopg2 would send.
        cursor.execute(f"SELECT 1;\n{statements}")
