"""DuckDB finds the data that a statement names in the block, though the tap stands between."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TAP = Path(__file__).parents[3] / "harness" / "tap" / "site"
SCRIPT = """
from mage_harness_tap import web_clients
web_clients.watch()
import duckdb, pyarrow as pa
everywhere = pa.table({"n": [1]})
def block():
    mine = pa.table({"n": [1, 2, 3]})
    connection = duckdb.connect()
    print(duckdb.sql("FROM everywhere").fetchall())
    print(duckdb.query("SELECT sum(n) FROM mine").fetchall())
    print(connection.execute("SELECT count(*) FROM everywhere WHERE n > ?", [0]).fetchall())
    connection.execute("CREATE TABLE kept AS SELECT * FROM mine")
    print(connection.sql("SELECT count(*) FROM kept").fetchall())
def another():
    for name in ("mine", "given", "named", "found", "text"):
        try:
            duckdb.connect().execute(f'SELECT * FROM "{name}"')
        except duckdb.CatalogException:
            print("no", name)
block()
another()
"""


def test_the_names_of_the_caller_are_seen_and_no_others():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={"HTTPS_PROXY": "http://127.0.0.1:9", "PYTHONPATH": str(TAP)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "[(1,)]",
        "[(6,)]",
        "[(1,)]",
        "[(3,)]",
        "no mine",
        "no given",
        "no named",
        "no found",
        "no text",
    ]
