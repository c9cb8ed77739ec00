"""CSV, with BigQuery's options; a row that does not fit fails the job or is left out and told."""

from __future__ import annotations

import csv
import io
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.loads.load_bad import READING, Staged
from harness.bigquery.loads.load_csv_detect import detected
from harness.bigquery.loads.load_csv_options import Options, options_of
from harness.bigquery.loads.load_csv_records import opened, unpacking
from harness.bigquery.loads.load_csv_texts import Texts
from harness.bigquery.loads.load_encodings import in_utf8
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import duckdb

    from harness.bigquery.database import Database
    from harness.bigquery.loads.loads import Source
    from harness.bigquery.types import Field


# Lines in which a delimiter is looked for.
_LOOKED_AT = 100


def stage(
    database: Database,
    files: Source,
    configuration: Mapping[str, Any],
    wanted: tuple[Field, ...] | None,
) -> Staged:
    """Read files into a new DuckDB table.

    Args:
        database: Holds the rows.
        files: The files.
        configuration: The JobConfigurationLoad.
        wanted: The columns, or None where they are to be detected.

    Returns:
        The columns, the name of the table, and the rows that were left out.

    Raises:
        ApiError: More rows do not fit than the job allows.
    """
    options = options_of(configuration)
    raw = database.new_name()
    try:
        with (
            unpacking(),
            in_utf8(files, configuration) as plain,
            database.cursor() as cursor,
        ):
            if wanted is None and not configuration.get("fieldDelimiter"):
                options = replace(options, delimiter=_likely(plain.paths[0], options))
            _check_zone(database, options)
            texts = Texts(cursor, plain, options, raw)
            fields, places = _read(cursor, texts, plain, options, raw=raw, wanted=wanted)
            for field in fields:
                if field.repeated or field.type == "STRUCT":
                    raise ApiError("invalid", f"Field {field.name} has a type that CSV cannot hold")
            return texts.typed(database, fields, places=places)
    finally:
        database.drop(raw)


def _read(
    cursor: duckdb.DuckDBPyConnection,
    texts: Texts,
    files: Source,
    options: Options,
    *,
    raw: str,
    wanted: tuple[Field, ...] | None,
) -> tuple[tuple[Field, ...], list[int | None]]:
    """The columns, and where each stands in the files, whose texts have been read."""
    before = max(options.skip - 1, 0)
    if wanted is None:
        first = _first_row(files.paths[0], options, before)
        texts.read(count=len(first), skip=before)
        fields, texts.headed = detected(cursor, raw, first, has_head=bool(options.skip))
        return fields, list(range(len(fields)))
    if not options.by_name:
        texts.read(count=len(wanted), skip=options.skip)
        return wanted, list(range(len(wanted)))
    heads = [_first_row(path, options, before) for path in files.paths]
    names = [text.strip().lower() for text in heads[0]]
    if any(head != heads[0] for head in heads):
        raise UnsupportedError("sourceColumnMatch NAME of files with different lines of names")
    known = {field.name.lower() for field in wanted}
    strange = [text for text, name in zip(heads[0], names, strict=True) if name not in known]
    if strange and not options.extra:
        raise ApiError("invalid", f"{READING} The schema has no column for {strange[0]}")
    texts.read(count=len(names), skip=before + 1)
    return wanted, [
        names.index(field.name.lower()) if field.name.lower() in names else None for field in wanted
    ]


def _likely(path: Path, options: Options) -> str:
    """The delimiter of a file, of those that "Using schema auto-detection" names."""
    with opened(path) as file:
        lines = list(itertools.islice(file, options.skip, options.skip + _LOOKED_AT))
    counts = {one: {line.count(one.encode()) for line in lines if line.strip()} for one in ",|\t"}
    # The one that stands equally often in each line.
    steady = [one for one, found in counts.items() if len(found) == 1 and found != {0}]
    return steady[0] if steady else options.delimiter


def _check_zone(database: Database, options: Options) -> None:
    zone = options.formats.get("zone")
    known = f"SELECT 1 FROM pg_timezone_names() WHERE name = {literal(zone or '')}"  # noqa: S608
    if zone and not database.scalar(known):
        raise ApiError("invalid", f"Invalid time zone: {zone}")


def _first_row(path: Path, options: Options, skip: int) -> list[str]:
    with (
        opened(path) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", errors="replace", newline="") as file,
    ):
        text = file if options.quote else (line.rstrip("\r\n") for line in file)
        rows = (
            csv.reader(text, delimiter=options.delimiter, quotechar=options.quote)
            if options.quote
            else csv.reader(text, delimiter=options.delimiter, quoting=csv.QUOTE_NONE)
        )
        for number, row in enumerate(rows):
            if number == skip and row:
                row[0] = row[0].removeprefix("\ufeff")
                return row
    raise ApiError("invalid", f"{READING} CSV file is empty")
