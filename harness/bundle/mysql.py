"""A MySQL server's databases as files: the statements that make them, and the rows of each table.

Rows are written and read by the server itself, as ``mysqldump --tab`` has them written: bytes, in
which every value comes back as it was.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Any

from harness.bundle.manifest import LeftOut
from harness.bundle.postgres import FIRST_ROWS
from harness.errors import InputError
from harness.services.mysql_access import quoted, text
from harness.services.mysql_tables import databases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pymysql.cursors import Cursor

    from harness.services.mysql import MySql

ROWS = ".mysql"
"""What the names of files of rows end with."""
_MADE = "databases.json"
_PLAIN = re.compile(r"[^A-Za-z0-9_]+")
# Who made it is nobody in another place.
_DEFINER = re.compile(r"\bDEFINER=(`(?:[^`]|``)*`@`(?:[^`]|``)*`|\S+) ?")
_TABLES = """
    SELECT TABLE_NAME, TABLE_TYPE, COALESCE(DATA_LENGTH, 0) FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = %s ORDER BY BINARY TABLE_NAME
"""
_COLUMNS = """
    SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS
     WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s AND IS_GENERATED = 'NEVER'
     ORDER BY ORDINAL_POSITION
"""
_ROUTINES = """
    SELECT ROUTINE_NAME FROM information_schema.ROUTINES
     WHERE ROUTINE_SCHEMA = %s AND ROUTINE_TYPE = '{}' ORDER BY BINARY ROUTINE_NAME
"""
_CODE = {
    "FUNCTION": _ROUTINES.format("FUNCTION"),
    "PROCEDURE": _ROUTINES.format("PROCEDURE"),
    "TRIGGER": """
    SELECT TRIGGER_NAME FROM information_schema.TRIGGERS
     WHERE TRIGGER_SCHEMA = %s ORDER BY BINARY TRIGGER_NAME
""",
    "EVENT": """
    SELECT EVENT_NAME FROM information_schema.EVENTS
     WHERE EVENT_SCHEMA = %s ORDER BY BINARY EVENT_NAME
""",
}
_FORMAT = (
    "CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n'"
)
_SAME_TIME = "SET SESSION time_zone = '+00:00'"
# A date such as 0000-00-00 was taken by whoever wrote it.
_UNCHECKED = (
    "SET SESSION foreign_key_checks = 0",
    "SET SESSION unique_checks = 0",
    "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'",
    _SAME_TIME,
)


def keep(mysql: MySql, folder: Path, *, limit: int) -> list[LeftOut]:
    """Write all databases into files.

    Args:
        mysql: The service.
        folder: An empty folder for them.
        limit: Bytes; of a larger table the first rows are kept.

    Returns:
        What is not there, or not whole.

    Raises:
        InputError: The server does not give something.
        ServiceError: A table is locked, or the server does not answer.
    """
    left: list[LeftOut] = []
    made = []
    with mysql.cursor(asked="what the bundle keeps") as cursor:
        cursor.execute(_SAME_TIME)
        for name in sorted(databases(cursor)):
            cursor.execute(f"USE {quoted(name)}")
            made.append(
                {
                    "database": name,
                    "made": _shown(cursor, "DATABASE", name),
                    "tables": list(_tables(mysql, cursor, name, folder, left, limit=limit)),
                    "code": list(_code(cursor, name)),
                }
            )
    (folder / _MADE).write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    return left


def bring_back(mysql: MySql, folder: Path) -> None:
    """Make an empty server what files say.

    Statements are the pipelines' user's, who can do no more than pipelines.

    Args:
        mysql: The service.
        folder: The files.

    Raises:
        InputError: MySQL does not take them.
    """
    import pymysql  # noqa: PLC0415 - an extra

    try:
        made = json.loads((folder / _MADE).read_text("utf-8"))
        connection = pymysql.connect(
            host=mysql.host,
            port=mysql.port,
            user=mysql.user,
            password=mysql.password,
            charset="utf8mb4",
            autocommit=True,
        )
        with closing(connection), connection.cursor() as cursor:
            for statement in _UNCHECKED:
                cursor.execute(statement)
            for one in made:
                name = str(one["database"])
                cursor.execute(f"DROP DATABASE IF EXISTS {quoted(name)}")
                cursor.execute(str(one["made"]))
                cursor.execute(f"USE {quoted(name)}")
                for table in one["tables"]:
                    cursor.execute(str(table["made"]))
                    _load(mysql, cursor, folder, name, table)
            _make_all(cursor, [(one["database"], code) for one in made for code in one["code"]])
    except (pymysql.Error, OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "the databases of MySQL of the bundle cannot be brought back",
            cause=": ".join(str(part) for part in error.args) or repr(error),
            evidence=[f"from {folder.name}/ of the bundle"],
            remedy="have the bundle made anew, with the version of mage-harness that opens it",
        ) from error


def cut_rows(file: Path, *, most: int) -> bool:
    """Keep the first rows of a file of rows.

    Args:
        file: The file.
        most: How many rows.

    Returns:
        Whether it had more.
    """
    kept = 0
    with file.open("r+b") as rows:
        while kept < most and (line := rows.readline()):
            # An end of line within a value stands behind a backslash of its own.
            end = line.removesuffix(b"\n")
            kept += (len(end) - len(end.rstrip(b"\\"))) % 2 == 0
        had_more = bool(rows.read(1))
        if had_more:
            rows.seek(-1, 1)
            rows.truncate()
    return had_more


def _tables(
    mysql: MySql, cursor: Cursor, database: str, folder: Path, left: list[LeftOut], *, limit: int
) -> Iterator[dict[str, Any]]:
    cursor.execute(_TABLES, (database,))
    for table, kind, size in cursor.fetchall():
        if kind == "VIEW":
            continue
        if kind != "BASE TABLE":
            why = f"it is a {kind.lower()}"
            left.append(LeftOut(what=f"mysql {database}.{table}", why=why))
            continue
        cursor.execute(_COLUMNS, (database, table))
        columns = dict(cursor.fetchall())
        number = len(list(folder.iterdir()))
        name = f"{number:04}-{_PLAIN.sub('-', f'{database}-{table}')[:80]}{ROWS}"
        whole = int(size) <= limit
        _write(mysql, cursor, folder / name, (database, table), columns, whole=whole)
        if not whole:
            why = f"it is larger than the limit: the first {FIRST_ROWS:,} rows are kept"
            left.append(LeftOut(what=f"mysql {database}.{table}", why=why))
        made = _shown(cursor, "TABLE", table)
        yield {"table": table, "made": made, "columns": list(columns), "file": name}


def _write(
    mysql: MySql,
    cursor: Cursor,
    file: Path,
    name: tuple[str, str],
    columns: dict[str, str],
    *,
    whole: bool,
) -> None:
    # The text of a FLOAT has six digits.
    said = ", ".join(
        f"CAST({quoted(one)} AS DOUBLE)" if kind == "float" else quoted(one)
        for one, kind in columns.items()
    )
    there = f"mage-harness-{secrets.token_hex(8)}"
    limited = "" if whole else f"LIMIT {FIRST_ROWS}"
    try:
        cursor.execute(
            f"SELECT {said} FROM {quoted(*name)} {limited} "  # noqa: S608 - names, quoted
            f"INTO OUTFILE {text(f'{mysql.exchange.there}/{there}')} {_FORMAT}"
        )
        shutil.copyfile(mysql.exchange.here / there, file)
    finally:
        (mysql.exchange.here / there).unlink(missing_ok=True)


def _load(mysql: MySql, cursor: Cursor, folder: Path, database: str, table: dict[str, Any]) -> None:
    file = folder / str(table["file"])
    if file.parent != folder:
        raise ValueError(f"{table['file']} is no file beside {_MADE}")
    place = mysql.exchange.here / f"mage-harness-{secrets.token_hex(8)}"
    names = ", ".join(quoted(str(one)) for one in table["columns"])
    try:
        shutil.copyfile(file, place)
        place.chmod(0o644)
        cursor.execute(
            f"LOAD DATA INFILE {text(f'{mysql.exchange.there}/{place.name}')} "
            f"INTO TABLE {quoted(database, str(table['table']))} {_FORMAT} ({names})"
        )
    finally:
        place.unlink(missing_ok=True)


def _code(cursor: Cursor, database: str) -> Iterator[str]:
    """Statements that make functions, views and the like."""
    cursor.execute(_TABLES, (database,))
    views = [table for table, kind, _ in cursor.fetchall() if kind == "VIEW"]
    for view in views:
        yield _shown(cursor, "VIEW", view)
    for kind, listed in _CODE.items():
        cursor.execute(listed, (database,))
        for (name,) in cursor.fetchall():
            yield _shown(cursor, kind, name)


def _shown(cursor: Cursor, kind: str, name: str) -> str:
    cursor.execute(f"SHOW CREATE {kind} {quoted(name)}")
    described = [one[0] for one in cursor.description or ()]
    row = cursor.fetchone() or ()
    statement = next(
        value
        for column, value in zip(described, row, strict=True)
        if column.startswith("Create ") or column == "SQL Original Statement"
    )
    return _DEFINER.sub("", str(statement), count=1)


def _make_all(cursor: Cursor, left: list[tuple[str, str]]) -> None:
    """Make views and code, of which one may need another: until nothing is left, or none can be."""
    import pymysql  # noqa: PLC0415

    while left:
        refused: list[tuple[str, str]] = []
        errors: list[pymysql.Error] = []
        for database, statement in left:
            try:
                cursor.execute(f"USE {quoted(str(database))}")
                cursor.execute(str(statement))
            except pymysql.Error as error:
                refused.append((database, statement))
                errors.append(error)
        if len(refused) == len(left):
            raise errors[0]
        left = refused
