"""CSV, with BigQuery's options; what does not fit the schema fails the job."""

from __future__ import annotations

import csv
import gzip
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.parsing import looks_like, parsed
from harness.bigquery.sql.failures import explained
from harness.bigquery.types import Field, checked, literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

    from harness.bigquery.database import Database
    from harness.bigquery.loads import Source

_READING = "Error while reading data, error message:"
# No field holds it: BigQuery's own null marker is compared after the file is read.
_NO_NULL = "\x1f\x1fnull\x1f\x1f"
_DETECTED = ("BOOL", "INT64", "FLOAT64", "DATE", "TIMESTAMP", "TIME")
_ENCODINGS = {"UTF-8": "utf-8", "ISO-8859-1": "latin-1"}


@dataclass(frozen=True, kw_only=True)
class _Options:
    skip: int
    delimiter: str
    quote: str
    quoted_newlines: bool
    jagged: bool
    marker: str | None
    encoding: str


def stage(
    database: Database,
    files: Source,
    configuration: Mapping[str, Any],
    wanted: tuple[Field, ...] | None,
) -> tuple[tuple[Field, ...], str]:
    """Read files into a new DuckDB table.

    Args:
        database: Holds the rows.
        files: The files.
        configuration: The JobConfigurationLoad.
        wanted: The columns, or None where they are to be detected.

    Returns:
        The columns and the name of the table.

    Raises:
        ApiError: A row does not fit.
    """
    import duckdb  # noqa: PLC0415

    options = _options(configuration)
    raw = database.new_name()
    try:
        with database.cursor() as cursor:
            if wanted is None:
                fields = _detect(cursor, files.paths, options, raw)
            else:
                fields = wanted
                _read(cursor, files.paths, options, raw, count=len(fields), skip=options.skip)
            for field in fields:
                if field.repeated or field.type == "STRUCT":
                    raise ApiError("invalid", f"Field {field.name} has a type that CSV cannot hold")
            values = [_value(field, number, options) for number, field in enumerate(fields)]
            _refuse_bad(cursor, raw, fields, values)
            _refuse_newlines(cursor, raw, fields, options)
            staged = database.create(fields)
            try:
                cells = ", ".join(
                    parsed(one.type, v) for one, v in zip(fields, values, strict=True)
                )
                cursor.execute(f"INSERT INTO {staged} SELECT {cells} FROM {raw}")  # noqa: S608
            except BaseException:
                database.drop(staged)
                raise
    except duckdb.Error as error:
        raise ApiError("invalid", f"{_READING} {_reason(error)}") from error
    finally:
        database.drop(raw)
    return fields, staged


def _options(configuration: Mapping[str, Any]) -> _Options:
    encoding = str(configuration.get("encoding") or "UTF-8").upper()
    if encoding not in _ENCODINGS:
        raise UnsupportedError(f"encoding {encoding}")
    if configuration.get("ignoreUnknownValues"):
        raise UnsupportedError("ignoreUnknownValues with CSV")
    delimiter = str(configuration.get("fieldDelimiter") or ",")
    quote = configuration.get("quote")
    return _Options(
        skip=int(configuration.get("skipLeadingRows") or 0),
        delimiter={"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter),
        quote='"' if quote is None else str(quote),
        quoted_newlines=bool(configuration.get("allowQuotedNewlines")),
        jagged=bool(configuration.get("allowJaggedRows")),
        marker=configuration.get("nullMarker") or None,
        encoding=_ENCODINGS[encoding],
    )


def _read(
    cursor: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    options: _Options,
    raw: str,
    *,
    count: int,
    skip: int,
) -> None:
    named = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(count))
    selects = []
    for path in paths:
        compression = "gzip" if _is_gzip(path) else "none"
        selects.append(
            f"SELECT * FROM read_csv({literal(str(path))}, auto_detect = false, header = false, "  # noqa: S608
            f"columns = {{{named}}}, skip = {skip}, delim = {literal(options.delimiter)}, "
            f"quote = {literal(options.quote)}, escape = {literal(options.quote)}, "
            f"nullstr = {literal(_NO_NULL)}, null_padding = {str(options.jagged).lower()}, "
            f"compression = '{compression}', encoding = '{options.encoding}', "
            "parallel = false, max_line_size = 104857600)"
        )
    cursor.execute(f"CREATE TABLE {raw} AS {' UNION ALL '.join(selects)}")


def _value(field: Field, number: int, options: _Options) -> str:
    column = f"c{number}"
    if options.marker is not None:
        return f"nullif({column}, {literal(options.marker)})"
    # An empty text is a text; in a column of another type it is NULL.
    return column if field.type in ("STRING", "BYTES") else f"nullif({column}, '')"


def _refuse_bad(
    cursor: duckdb.DuckDBPyConnection, raw: str, fields: Sequence[Field], values: Sequence[str]
) -> None:
    for number, (field, value) in enumerate(zip(fields, values, strict=True)):
        if field.type == "STRING":
            continue
        bad = cursor.execute(
            f"SELECT {value} FROM {raw} "  # noqa: S608
            f"WHERE {value} IS NOT NULL AND ({parsed(field.type, value)}) IS NULL LIMIT 1"
        ).fetchone()
        if bad:
            raise ApiError(
                "invalid",
                f"{_READING} Could not parse '{bad[0]}' as {field.type} for field {field.name} "
                f"(position {number})",
            )


def _refuse_newlines(
    cursor: duckdb.DuckDBPyConnection, raw: str, fields: Sequence[Field], options: _Options
) -> None:
    if options.quoted_newlines or not fields:
        return
    any_newline = " OR ".join(f"contains(c{n}, chr(10))" for n in range(len(fields)))
    if cursor.execute(f"SELECT 1 FROM {raw} WHERE {any_newline} LIMIT 1").fetchone():  # noqa: S608
        raise ApiError(
            "invalid", f"{_READING} Error detected while parsing row: Missing close quote character"
        )


def _detect(
    cursor: duckdb.DuckDBPyConnection, paths: Sequence[Path], options: _Options, raw: str
) -> tuple[Field, ...]:
    """Names and types from the content; with skipLeadingRows the last skipped row has the names."""
    skip = max(options.skip - 1, 0)
    first = _first_row(paths[0], options, skip)
    _read(cursor, paths, options, raw, count=len(first), skip=skip)
    cursor.execute(f"ALTER TABLE {raw} ADD COLUMN is_head BOOLEAN DEFAULT false")
    cursor.execute(f"UPDATE {raw} SET is_head = true WHERE rowid = 0")  # noqa: S608
    kinds = [_kind(cursor, raw, number, "NOT is_head") for number in range(len(first))]
    head_kinds = [_kind(cursor, raw, number, "is_head") for number in range(len(first))]
    texts = all(kind == "STRING" for kind in head_kinds) and all(first)
    if options.skip or (texts and any(kind != "STRING" for kind in kinds)):
        if len(paths) > 1:
            raise UnsupportedError("autodetect of several CSV files with a header")
        cursor.execute(f"DELETE FROM {raw} WHERE is_head")  # noqa: S608
        names = [re.sub(r"[^A-Za-z0-9_]", "_", name.strip()) for name in first]
        names = [f"_{name}" if not name or name[0].isdigit() else name for name in names]
    else:
        kinds = [
            kind if kind == head else "STRING" for kind, head in zip(kinds, head_kinds, strict=True)
        ]
        names = [
            f"{kind.lower().removesuffix('64')}_field_{number}" for number, kind in enumerate(kinds)
        ]
    cursor.execute(f"ALTER TABLE {raw} DROP COLUMN is_head")
    return checked(
        tuple(Field(name=name, type=kind) for name, kind in zip(names, kinds, strict=True))
    )


def _kind(cursor: duckdb.DuckDBPyConnection, raw: str, number: int, where: str) -> str:
    value = f"nullif(c{number}, '')"
    tests = ", ".join(f"bool_and({looks_like(kind, value)})" for kind in _DETECTED)
    row = cursor.execute(f"SELECT {tests} FROM {raw} WHERE {where}").fetchone()  # noqa: S608
    fitting = [kind for kind, fits in zip(_DETECTED, row or (), strict=False) if fits]
    return fitting[0] if fitting else "STRING"


def _first_row(path: Path, options: _Options, skip: int) -> list[str]:
    opened = gzip.open if _is_gzip(path) else open
    with opened(path, "rt", encoding=options.encoding, newline="") as file:
        rows = csv.reader(file, delimiter=options.delimiter, quotechar=options.quote or None)
        for number, row in enumerate(rows):
            if number == skip:
                return row
    raise ApiError("invalid", f"{_READING} CSV file is empty")


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _reason(error: duckdb.Error) -> str:
    lines = str(error).splitlines()
    expected = next((line for line in lines if line.startswith("Expected Number")), "")
    if expected:
        return f"CSV table references column position that the row does not have. {expected}"
    return explained(error).message.split(" in file")[0]
