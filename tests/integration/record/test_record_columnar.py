"""Clients that read tables by their parts: polars, DuckDB's httpfs, and pyarrow by fsspec."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.client_environment import made
from tests.integration.record.origin import CSV

PINS = Path(__file__).parent / "environments" / "web.txt"
TAP = Path(__file__).parents[3] / "harness" / "tap" / "site"
TABLE = "https://origin.test/table.parquet"
_HTTPFS = (
    "import duckdb, duckdb_extension_httpfs\n"
    "from pathlib import Path\n"
    "home = Path(duckdb_extension_httpfs.__file__).parent\n"
    "(extension,) = home.rglob('*.duckdb_extension')\n"
    "connection = duckdb.connect()\n"
    # On a busy machine a bar would come into the output.
    "connection.execute('SET enable_progress_bar = false')\n"
    "connection.install_extension(str(extension))\n"
)
_AIOHTTP = """
import aiohttp, asyncio
async def main():
    async with aiohttp.ClientSession() as session, session.get('https://origin.test/plain') as found:
        print(found.status, len(await found.read()))
asyncio.run(main())
"""
CASES = {
    "polars-csv": (
        "import polars\nprint(polars.read_csv('https://origin.test/plain').shape)",
        "(2000, 2)",
    ),
    "polars-gzip": (
        "import polars\nprint(polars.read_csv('https://origin.test/month.csv.gz').shape)",
        "(2000, 2)",
    ),
    "polars-parquet": (f"import polars\nprint(polars.read_parquet({TABLE!r}).shape)", "(50000, 2)"),
    "polars-scan": (
        f"import polars\nprint(polars.scan_parquet({TABLE!r}).select('id').max().collect().item())",
        "49999",
    ),
    "polars-absent": (
        (
            "import polars\n"
            "try:\n    polars.read_parquet('https://origin.test/none.parquet')\n"
            "except Exception as error:\n    print('404' in str(error) or 'not found' in str(error))"
        ),
        "True",
    ),
    "duckdb-parquet": (
        _HTTPFS + f"print(connection.sql(\"SELECT max(id) FROM '{TABLE}'\").fetchall())",
        "[(49999,)]",
    ),
    "duckdb-load": (
        _HTTPFS + "connection.execute('LOAD httpfs')\n"
        f"print(connection.read_parquet({TABLE!r}).count('*').fetchall())",
        "[(50000,)]",
    ),
    "duckdb-of-the-module": (
        _HTTPFS + 'print(duckdb.sql("SELECT count(*) FROM '
        "read_csv('https://origin.test/month.csv.gz')\").fetchall())",
        "[(2000,)]",
    ),
    "duckdb-goes-on-reading": (
        _HTTPFS + "reading = connection.execute('FROM range(3)')\n"
        f"connection.cursor().sql(\"FROM '{TABLE}' LIMIT 1\").fetchall()\n"
        "print(reading.fetchall())",
        "[(0,), (1,), (2,)]",
    ),
    "pyarrow-fsspec": (
        (
            "import fsspec, pyarrow.parquet\n"
            f"print(pyarrow.parquet.read_table({TABLE!r}, filesystem=fsspec.filesystem('https')).num_rows)"
        ),
        "50000",
    ),
    "pyarrow-csv": (
        (
            "import pyarrow.csv, urllib.request\n"
            "print(pyarrow.csv.read_csv(urllib.request.urlopen('https://origin.test/plain')).num_rows)"
        ),
        "2000",
    ),
    "aiohttp-untold": (_AIOHTTP, f"200 {len(CSV)}"),
}


@pytest.fixture
def led(tape, tmp_path):
    """What the tap does for the clients of Mage's process, without Mage."""
    tape.variables = {
        "HOME": str(tmp_path),
        "PYTHONPATH": str(TAP),
        "MAGE_HARNESS_EVENTS": str(tmp_path / "events.jsonl"),
    }
    return tape


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_client_that_needs_to_be_told_nothing(led, mage_settings, name):
    code, said = CASES[name]
    python = made(PINS, cache=mage_settings.cache)
    assert led.both(str(python), "-c", code).strip() == said
    assert led.incidents == ()
