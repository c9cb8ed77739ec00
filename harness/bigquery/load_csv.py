"""CSV, with BigQuery's options; a row that does not fit fails the job or is left out and told."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.load_bad import READING, Staged
from harness.bigquery.load_csv_detect import detected
from harness.bigquery.load_csv_options import Options, options_of
from harness.bigquery.load_csv_records import opened, unpacking
from harness.bigquery.load_csv_texts import Texts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.bigquery.database import Database
    from harness.bigquery.loads import Source
    from harness.bigquery.types import Field


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
        with unpacking(), database.cursor() as cursor:
            reading = Texts(cursor, files, options, raw)
            if wanted is None:
                first = _first_row(files.paths[0], options, max(options.skip - 1, 0))
                skip = max(options.skip - 1, 0)
                reading.read(count=len(first), skip=skip)
                fields, headed = detected(cursor, raw, first, has_head=bool(options.skip))
                reading.headed = headed
            else:
                fields = wanted
                reading.read(count=len(fields), skip=options.skip)
            for field in fields:
                if field.repeated or field.type == "STRUCT":
                    raise ApiError("invalid", f"Field {field.name} has a type that CSV cannot hold")
            return reading.typed(database, fields)
    finally:
        database.drop(raw)


def _first_row(path: Path, options: Options, skip: int) -> list[str]:
    with (
        opened(path) as packed,
        io.TextIOWrapper(packed, encoding=options.encoding, errors="replace", newline="") as file,
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
