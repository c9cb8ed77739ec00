"""The formats of files that are read, by BigQuery's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.loads.load_bad import Staged

# Files of these tell their own columns.
DESCRIBING = ("AVRO", "ORC", "PARQUET")
ROWS_OF_TEXT = ("CSV", "NEWLINE_DELIMITED_JSON")


def reader_of(kind: str) -> Callable[..., Staged]:
    """What reads files of a format into a DuckDB table.

    Raises:
        UnsupportedError: The stub has none.
    """
    from harness.bigquery.loads import load_avro, load_csv, load_json, load_orc, load_parquet  # noqa: PLC0415

    readers: dict[str, Callable[..., Staged]] = {
        "AVRO": load_avro.stage,
        "CSV": load_csv.stage,
        "NEWLINE_DELIMITED_JSON": load_json.stage,
        "ORC": load_orc.stage,
        "PARQUET": load_parquet.stage,
    }
    if kind not in readers:
        raise UnsupportedError(f"source format {kind}")
    return readers[kind]
