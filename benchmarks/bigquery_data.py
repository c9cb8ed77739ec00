"""1.3 million rows of 19 columns, as of a month of taxi trips, in a parquet file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 1_300_000
COLUMNS = {
    "vendor_id": "INTEGER",
    **dict.fromkeys(("pickup", "dropoff"), "TIMESTAMP"),
    **{f"n{number}": "INTEGER" for number in range(4, 8)},
    **{f"f{number}": "FLOAT" for number in range(8, 17)},
    **{f"s{number}": "STRING" for number in range(17, 20)},
}
"""BigQuery's types."""
_WORDS = "['N', 'Y', 'CASH', 'CREDIT', 'DISPUTE', 'NO CHARGE']"


def write_trips(path: Path, *, rows: int = ROWS) -> None:
    """Write the file; the same rows each time.

    Args:
        path: The file.
        rows: How many rows.
    """

    def number(seed: int, most: int) -> str:
        return f"CAST(hash(i + {seed * 1_000_003}) % {most} AS BIGINT)"

    columns = [f"{number(1, 2)} + 1 AS vendor_id"]
    for seed, name in ((2, "pickup"), (3, "dropoff")):
        moment = f"TIMESTAMPTZ '2021-01-01 00:00:00+00' + to_seconds({number(seed, 2_678_400)})"
        columns.append(f"{moment} AS {name}")
    columns += [f"{number(seed, 265)} AS n{seed}" for seed in range(4, 8)]
    columns += [
        f"CAST({number(seed, 100_000)} AS DOUBLE) / 100 AS f{seed}" for seed in range(8, 17)
    ]
    columns += [f"{_WORDS}[{number(seed, 6)} + 1] AS s{seed}" for seed in range(17, 20)]
    duckdb.sql(f"SELECT {', '.join(columns)} FROM range({rows}) AS t(i)").write_parquet(
        str(path), compression="snappy"
    )
