"""DuckDB's database files as SQL and parquet: a file of its own differs each time it is written."""

from __future__ import annotations

import contextlib
import filecmp
import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.bundle.manifest import LeftOut
from harness.bundle.names import refused
from harness.bundle.postgres import FIRST_ROWS
from harness.engine import memory
from harness.errors import InputError
from harness.running.folders import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from harness.services.duckdb_files import DuckDbFiles
    from harness.services.stack import Stack

_MADE, _SCHEMA = "files.json", "schema.sql"
_PLAIN = re.compile(r"[^A-Za-z0-9_]+")
# What parquet has no type for; DuckDB reads its own texts again.
_AS_TEXT = re.compile(r"\b(U?HUGEINT|BIT|INTERVAL|TIME WITH|UNION|VARIANT|BIGNUM)\b")
_NOT_AGAIN = re.compile(r"\b(UNION|VARIANT)\b")
_LISTED = """
SELECT t.schema_name, t.table_name, list(c.column_name ORDER BY c.column_index),
       list(c.data_type ORDER BY c.column_index)
  FROM duckdb_tables() t JOIN duckdb_columns() c USING (database_name, table_oid)
 WHERE t.database_name = 'file' AND NOT t.internal
 GROUP BY t.schema_name, t.table_name, t.table_oid ORDER BY t.table_oid
"""
# The oldest that is still written, for whatever DuckDB Mage's environment has.
_STORAGE = "v1.0.0"


def keep(stack: Stack, folder: Path, *, limit: int) -> list[LeftOut]:
    """Write the files of the last run, and of those before it, into files of a bundle.

    Args:
        stack: The services.
        folder: An empty folder for them.
        limit: Bytes; of the tables of a larger file the first rows are kept.

    Returns:
        What is not there, or not whole.
    """
    import duckdb  # noqa: PLC0415 - only where there are such files

    service: DuckDbFiles = stack.services["duckdb"]  # type: ignore[assignment]
    left: list[LeftOut] = []
    made = []
    for number, (name, file) in enumerate(service.files()):
        own = stack.settings.project / name
        if own.is_file() and filecmp.cmp(own, file, shallow=False):
            # The project as it was run has it.
            continue
        target = folder / f"{number:04}"
        target.mkdir(mode=0o700)
        whole = file.stat().st_size <= limit
        try:
            tables = list(_tables(file, target, name, left, whole=whole))
        except duckdb.Error as error:
            left.append(LeftOut(what=f"duckdb {name}", why=str(error).strip().splitlines()[0]))
            continue
        if not whole:
            why = f"it is larger than the limit: the first {FIRST_ROWS:,} rows of tables are kept"
            left.append(LeftOut(what=f"duckdb {name}", why=why))
        made.append({**_place(stack, name, file), "folder": target.name, "tables": tables})
    (folder / _MADE).write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    return left


def bring_back(stack: Stack, folder: Path) -> None:
    """Make the files again where they were: in the project, or at the paths of Mage's container.

    Args:
        stack: The services, whose settings name the project.
        folder: The files.

    Raises:
        InputError: DuckDB does not take them.
    """
    import duckdb  # noqa: PLC0415

    roots = {True: stack.folder / PLACES, False: stack.settings.project}
    try:
        for one in json.loads((folder / _MADE).read_text("utf-8")):
            target = roots[bool(one["shared"])] / _inside(one["path"])
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            _make(target, folder / _inside(one["folder"]), one["tables"])
    except (duckdb.Error, OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "the DuckDB files of the bundle cannot be brought back",
            cause=str(error).strip(),
            evidence=[f"from {folder.name}/ of the bundle"],
            remedy="have the bundle made anew, with the version of mage-harness that opens it",
        ) from error


def _inside(path: str) -> str:
    """A path that leads out of no folder."""
    if refused(path):
        raise ValueError(f"{path!r} is no file of a run")
    return path


def _place(stack: Stack, name: str, file: Path) -> dict[str, Any]:
    """Where a file is, in the words of any machine."""
    places = stack.folder / PLACES
    shared = file.is_relative_to(places)
    return {"shared": shared, "path": str(file.relative_to(places)) if shared else name}


def _tables(
    file: Path, target: Path, name: str, left: list[LeftOut], *, whole: bool
) -> Iterator[dict[str, Any]]:
    with memory() as connection, tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        # Else the parts of a parquet file come in another order each time.
        connection.execute("SET threads = 1")
        connection.execute(f"ATTACH {_text(file)} AS file (READ_ONLY)")
        connection.execute("COPY FROM DATABASE file TO memory (SCHEMA)")
        connection.execute(f"EXPORT DATABASE memory TO {_text(Path(scratch))}")
        (Path(scratch) / _SCHEMA).replace(target / _SCHEMA)
        for number, (schema, table, columns, kinds) in enumerate(
            connection.execute(_LISTED).fetchall()
        ):
            stored = list(_written(connection, schema, table, columns))
            parquet = f"{number:04}-{_PLAIN.sub('-', f'{schema}-{table}')[:80]}.parquet"
            types = dict(zip(columns, kinds, strict=True))
            said = ", ".join(
                f"CAST({_quoted(one)} AS VARCHAR) AS {_quoted(one)}"
                if _AS_TEXT.search(types[one])
                else _quoted(one)
                for one in stored
            )
            limited = "" if whole else f" LIMIT {FIRST_ROWS}"
            connection.execute(
                f"COPY (SELECT {said} FROM {_quoted('file', schema, table)}{limited}) "  # noqa: S608
                f"TO {_text(target / parquet)} (FORMAT parquet, COMPRESSION zstd)"
            )
            for one in stored:
                if _NOT_AGAIN.search(types[one]):
                    why = f"the column {one} comes back from its text: it is a {types[one]}"
                    left.append(LeftOut(what=f"duckdb {name}:{schema}.{table}", why=why))
            yield {"schema": schema, "table": table, "columns": stored, "file": parquet}


def _written(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, columns: list[str]
) -> Iterator[str]:
    """The columns that are written, and not reckoned from others, which nothing lists."""
    import duckdb  # noqa: PLC0415

    target = _quoted("memory", schema, table)
    for one in columns:
        with contextlib.suppress(duckdb.BinderException):
            connection.execute(
                f"EXPLAIN INSERT INTO {target} ({_quoted(one)}) SELECT NULL WHERE false"
            )
            yield one


def _make(target: Path, source: Path, tables: list[dict[str, Any]]) -> None:
    import duckdb  # noqa: PLC0415

    files = [source / str(one["file"]) for one in tables]
    for file in files:
        if file.parent != source:
            raise ValueError(f"{file.name} is no file beside {_SCHEMA}")
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "storage_compatibility_version": _STORAGE,
        "temp_directory": "",
    }
    with duckdb.connect(str(target), config=config) as connection:
        # What a bundle says runs here, outside of a run's walls: it reaches these files alone.
        connection.execute(f"SET allowed_paths = [{', '.join(map(_text, files))}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        connection.execute((source / _SCHEMA).read_text("utf-8"))
        for one, file in zip(tables, files, strict=True):
            if file.is_file() and one["columns"]:
                names = ", ".join(_quoted(str(column)) for column in one["columns"])
                into = _quoted(str(one["schema"]), str(one["table"]))
                connection.execute(
                    f"INSERT INTO {into} ({names}) SELECT {names} FROM read_parquet({_text(file)})"  # noqa: S608
                )


def _quoted(*names: str) -> str:
    return ".".join('"' + one.replace('"', '""') + '"' for one in names)


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
