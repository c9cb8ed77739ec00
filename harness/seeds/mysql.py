"""A seed as a table of MySQL: in columns, by LOAD DATA."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from harness.engine import memory
from harness.seeds.rows import found, is_csv, readable
from harness.services.mysql_access import quoted, text

if TYPE_CHECKING:
    import duckdb

    from harness.seeds.reader import Seed
    from harness.services.mysql import MySql

_TYPES = {
    "BOOLEAN": "TINYINT(1)",
    "UTINYINT": "TINYINT UNSIGNED",
    "USMALLINT": "SMALLINT UNSIGNED",
    "UINTEGER": "INT UNSIGNED",
    "UBIGINT": "BIGINT UNSIGNED",
    "HUGEINT": "DECIMAL(39, 0)",
    "BLOB": "LONGBLOB",
    "TIME": "TIME(6)",
    **{name: name for name in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE")},
    **{name: name for name in ("DATE", "JSON")},
}
_NESTED = re.compile(r"STRUCT|MAP|.*\]$", re.DOTALL)
_TEXT = re.compile(r"char|varchar|(tiny|medium|long)?text|enum|set")
_NUMBER = re.compile(r"(tiny|small|medium|big)?int|bit")
_COLUMNS = """
    SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS
     WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s
"""


def plant_table(mysql: MySql, seed: Seed) -> None:
    """Make a table of a file; rows are added where SQL has made it already.

    Args:
        mysql: The service.
        seed: The file, and ``database.table``.

    Raises:
        ValueError: The file cannot be read.
        InputError: Its rows do not fit.
    """
    database, _, table = seed.name.partition(".")
    target = quoted(database, table)
    file = mysql.exchange.here / f"seed-{secrets.token_hex(8)}.csv"
    with mysql.cursor(asked=f"the rows of {seed.file.name}") as cursor:
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS {quoted(database)}")
        cursor.execute(_COLUMNS, (database, table))
        kinds = dict(cursor.fetchall())
        try:
            file.touch(mode=0o644)
            types = _write(seed, kinds, file=str(file))
            if not kinds:
                columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in types.items())
                cursor.execute(f"CREATE TABLE {target} ({columns})")
            blobs = {one: f"@b{at}" for at, one in enumerate(types) if "BLOB" in types[one]}
            names = ", ".join(blobs.get(name, quoted(name)) for name in types)
            made = ", ".join(f"{quoted(name)} = UNHEX({one})" for name, one in blobs.items())
            there = text(f"{mysql.exchange.there}/{file.name}")
            cursor.execute(
                f"LOAD DATA INFILE {there} INTO TABLE {target} "
                "CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' ENCLOSED BY '\"' ESCAPED BY '' "
                f"LINES TERMINATED BY '\\n' ({names}) {f'SET {made}' if made else ''}"
            )
        finally:
            file.unlink(missing_ok=True)


def _write(seed: Seed, kinds: dict[str, str], *, file: str) -> dict[str, str]:
    """Write the rows as LOAD DATA reads them.

    Args:
        seed: The seed.
        kinds: The types of the columns of the table that is there.
        file: Where to.

    Returns:
        For each column of the file, the type that it has there.
    """
    with memory() as connection, readable():
        rows = found(connection, seed, texts=bool(kinds))
        types = dict(zip(rows.columns, map(str, rows.types), strict=True))
        said = [
            _said(name, kind, to=kinds.get(name), empty_is_null=bool(kinds) and is_csv(seed))
            for name, kind in types.items()
        ]
        rows.select(*said).write_csv(
            file, header=False, sep=",", quotechar='"', escapechar='"', na_rep="NULL", quoting="ALL"
        )
    return {name: _type(kind) for name, kind in types.items()}


def _said(name: str, kind: str, *, to: str | None, empty_is_null: bool) -> duckdb.Expression:
    """A column as texts that MySQL takes."""
    import duckdb  # noqa: PLC0415

    column = '"' + name.replace('"', '""') + '"'
    value = f"CAST({column} AS VARCHAR)"
    if kind == "BOOLEAN":
        value = f"CAST(CAST({column} AS TINYINT) AS VARCHAR)"
    elif kind == "BLOB":
        value = f"hex({column})"
    elif kind == "TIMESTAMP WITH TIME ZONE":
        value = f"CAST({column} AT TIME ZONE 'UTC' AS VARCHAR)"
    elif _NESTED.match(kind):
        value = f"CAST(to_json({column}) AS VARCHAR)"
    if empty_is_null and to is not None and not _TEXT.fullmatch(to):
        value = f"NULLIF({value}, '')"
        if _NUMBER.fullmatch(to):
            value = (
                f"CASE lower({value}) WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE {value} END"
            )
    return duckdb.SQLExpression(value)


def _type(kind: str) -> str:
    if kind.startswith("TIMESTAMP"):
        return "DATETIME(6)"
    if kind.startswith("DECIMAL"):
        return kind
    return "JSON" if _NESTED.match(kind) else _TYPES.get(kind, "LONGTEXT")
