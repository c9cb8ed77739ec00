"""Newline-delimited JSON; a row that does not fit fails the job or is left out and told."""

from __future__ import annotations

from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.fields_duckdb import fields_from_duckdb
from harness.bigquery.loads.load_bad import READING, BadRow, Staged, judged, whole_number
from harness.bigquery.loads.load_csv_records import is_gzip, opened, unpacking
from harness.bigquery.loads.load_encodings import in_utf8
from harness.bigquery.loads.load_json_cells import cell, problem, spelled_otherwise
from harness.bigquery.loads.load_json_lines import without_returns
from harness.bigquery.sql.failures import explained
from harness.bigquery.types import Field, checked, literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import duckdb

    from harness.bigquery.database import Database
    from harness.bigquery.loads.loads import Source

_ROW_BYTES = 104_857_600


def stage(
    database: Database,
    given: Source,
    configuration: Mapping[str, Any],
    wanted: tuple[Field, ...] | None,
) -> Staged:
    """Read files into a new DuckDB table.

    Args:
        database: Holds the rows.
        given: The files.
        configuration: The JobConfigurationLoad.
        wanted: The columns, or None where they are to be detected.

    Returns:
        The columns, the name of the table, and the rows that were left out.

    Raises:
        ApiError: More rows do not fit than the job allows.
    """
    raw = database.new_name()
    try:
        with (
            unpacking(),
            in_utf8(given, configuration) as plain,
            without_returns(plain) as files,
            database.cursor() as cursor,
        ):
            _read(cursor, files, raw)
            fields = _detect(cursor, files) if wanted is None else wanted
            # Names are compared without regard to case, which is slow and seldom needed.
            test = f"SELECT 1 FROM {raw} WHERE {spelled_otherwise(fields)} LIMIT 1"  # noqa: S608
            loose = cursor.execute(test).fetchone() is not None
            unknown = not configuration.get("ignoreUnknownValues")
            wrong = problem(fields, unknown=unknown, loose=loose)
            database.know(wrong)
            bad = _bad(cursor, raw, wrong, files)
            warnings = judged(
                "JSON",
                bad,
                allowed=whole_number(configuration, "maxBadRecords"),
                names=files.names,
                before=_before(cursor, raw, len(files.paths)),
            )
            staged = database.create(fields)
            try:
                good = f" WHERE {wrong} IS NULL" if bad else ""
                cells = ", ".join(cell(field, loose=loose) for field in fields)
                cursor.execute(
                    f"INSERT INTO {staged} SELECT {cells} FROM "  # noqa: S608
                    f"(SELECT CAST(line AS JSON) AS j FROM {raw}{good})"
                )
            except BaseException:
                database.drop(staged)
                raise
    finally:
        database.drop(raw)
    return Staged(fields=fields, table=staged, bad=len(bad), warnings=warnings)


def _read(cursor: duckdb.DuckDBPyConnection, files: Source, raw: str) -> None:
    import duckdb  # noqa: PLC0415

    cursor.execute(f"CREATE TABLE {raw} (f INTEGER, r BIGINT, line VARCHAR)")
    for file, path in enumerate(files.paths):
        packed = is_gzip(path)
        longest = _ROW_BYTES if packed else min(max(path.stat().st_size, 1 << 16), _ROW_BYTES)
        try:
            # A line is one cell: a control character cannot stand in JSON as it is.
            cursor.execute(
                f"INSERT INTO {raw} SELECT {file}, row_number() OVER () - 1, line FROM read_csv("  # noqa: S608
                f"{literal(str(path))}, auto_detect = false, header = false, "
                "columns = {'line': 'VARCHAR'}, delim = '\x01', quote = '', escape = '', "
                f"nullstr = '', compression = '{'gzip' if packed else 'none'}', "
                f"parallel = false, max_line_size = {longest})"
            )
        except duckdb.Error as error:
            message = explained(error).message.split(" in file")[0]
            raise ApiError("invalid", f"{READING} {message}") from error


def _bad(cursor: duckdb.DuckDBPyConnection, raw: str, wrong: str, files: Source) -> list[BadRow]:
    cursor.execute(f"DELETE FROM {raw} WHERE line IS NULL OR trim(line, ' \t\r') = ''")  # noqa: S608
    found = cursor.execute(
        f"SELECT f, r, problem FROM (SELECT f, r, {wrong} AS problem FROM {raw}) "  # noqa: S608
        "WHERE problem IS NOT NULL ORDER BY f, r"
    ).fetchall()
    places: dict[int, list[tuple[int, int]]] = {}
    bad = []
    for file, line, message in found:
        if file not in places:
            with opened(files.paths[file]) as source:
                places[file] = list(_places(source))
        row, start = places[file][line]
        told = f"JSON parsing error in row starting at position {start}: {message}"
        bad.append(BadRow(file=file, row=row, message=told))
    return bad


def _places(source: IO[bytes]) -> Iterator[tuple[int, int]]:
    """For each line its place among those that are not blank, and the byte where it starts."""
    row = position = 0
    for line in source:
        yield row, position
        position += len(line)
        row += bool(line.strip())


def _before(cursor: duckdb.DuckDBPyConnection, raw: str, files: int) -> list[int]:
    counts = dict(cursor.execute(f"SELECT f, count(*) FROM {raw} GROUP BY f").fetchall())  # noqa: S608
    return [sum(counts.get(one, 0) for one in range(file)) for file in range(files)]


def _detect(cursor: duckdb.DuckDBPyConnection, files: Source) -> tuple[Field, ...]:
    import duckdb  # noqa: PLC0415

    paths = "[" + ", ".join(literal(str(path)) for path in files.paths) + "]"
    packed = "gzip" if is_gzip(files.paths[0]) else "none"
    try:
        relation = cursor.sql(
            f"SELECT * FROM read_json({paths}, format = 'newline_delimited', sample_size = -1, "  # noqa: S608
            "maximum_depth = -1, map_inference_threshold = -1, union_by_name = true, "
            f"ignore_errors = true, compression = '{packed}')"
        )
        columns = list(zip(relation.columns, relation.types, strict=True))
    except duckdb.Error as error:
        raise ApiError("invalid", f"{READING} {explained(error).message}") from error
    return checked(tuple(map(_as_detected, fields_from_duckdb(columns))), flexible=False)


def _as_detected(field: Field) -> Field:
    kinds = {"DATETIME": "TIMESTAMP", "JSON": "STRING"}
    return replace(
        field,
        type=kinds.get(field.type, field.type),
        fields=tuple(map(_as_detected, field.fields)),
    )
