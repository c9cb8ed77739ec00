"""What is asked of a BigQuery server, measured: start, queries, loads, reading back."""

from __future__ import annotations

import io
import time
from statistics import quantiles
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.parquet as pq
from bigquery_data import COLUMNS
from bigquery_replayed import answers, replaying
from bigquery_servers import OURS, PROJECT, read_client, running
from google.api_core.exceptions import ServiceUnavailable
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from harness.bench.samples import stopwatch
from harness.bigquery import BigQueryServer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bigquery_servers import Server, Wire

FIRST, QUERY = "start to the first answer", "start to the first query's answer"
P50, P99 = "`SELECT COUNT(*)`, p50", "`SELECT COUNT(*)`, p99"
LOAD, READ = "load 1.3 million x 19 from parquet", "read them back as Arrow"
RAW = "the same without Google's client"
MADE = "the same bytes, made beforehand, by Google's client"
SERIALISED = "a DataFrame of them to parquet, by the client itself"
REST = "read 50,000 of them back over REST"
MEMORY = "memory after the load and reading"
DUCKDB = "DuckDB alone"
_COUNT = "SELECT COUNT(*) FROM d.small"
_SAMPLE = 300


def serve(name: str, trips: Path, *, programs: Path | None) -> Mapping[str, float]:
    """All that one server is asked in a round.

    Args:
        name: Which server.
        trips: The parquet file.
        programs: The folder that bqemulator was installed in.
    """
    found: dict[str, float] = {}
    with running(name, programs=programs) as server:
        found[FIRST] = time.perf_counter() - server.began
        wire = server.wire()
        wire.query("SELECT 1")
        found[QUERY] = time.perf_counter() - server.began
        _fill(wire)
        times = _timed(wire, _SAMPLE)
        found[P50], found[P99] = _middle(times), _worst(times)
        _trips(server, trips, found)
        if name == OURS:
            _shares(server, trips.with_suffix(".answers"), found)
        found[MEMORY] = server.memory()
    return {f"{name}: {what}": value for what, value in found.items()}


def alone(trips: Path) -> Mapping[str, float]:
    """The same rows into and out of DuckDB, and what Google's client does before it sends them."""
    found: dict[str, float] = {}
    with duckdb.connect() as connection:
        with stopwatch(found, f"{DUCKDB}: {LOAD}"):
            connection.execute(f"CREATE TABLE t AS FROM read_parquet('{trips}')")
        with stopwatch(found, f"{DUCKDB}: {READ}"):
            connection.sql("FROM t").to_arrow_table()
    frame = pq.read_table(trips).to_pandas()
    with stopwatch(found, f"{DUCKDB}: {SERIALISED}"):
        frame.to_parquet(io.BytesIO(), engine="pyarrow", compression="snappy")
    return found


def endure(*, count: int) -> dict[str, Any]:
    """Many queries on one stub: p50, p99 and memory of each tenth.

    Args:
        count: How many queries.
    """
    tenths = []
    with running(OURS, programs=None) as server:
        wire = server.wire()
        _fill(wire)
        _timed(wire, 600)  # the anonymous answers that are kept have their number then
        for _ in range(10):
            times = _timed(wire, count // 10)
            tenths.append({"p50": _middle(times), "p99": _worst(times), "memory": server.memory()})
    return {"queries": count, "tenths": tenths}


def kept(trips: Path) -> Mapping[str, float]:
    """Snapshot and restore of a stub that holds the rows; the table is changed in between."""
    found: dict[str, float] = {}
    server = BigQueryServer()
    server.start()
    try:
        client = bigquery_client(server)
        client.create_dataset("d")
        _make(client)
        _load(client, trips)
        with stopwatch(found, "the first snapshot with the rows in it"):
            first = server.snapshot()
        with stopwatch(found, "another one"):
            server.snapshot()
        client.query_and_wait("CREATE TABLE d.more AS SELECT 1 AS a")
        with stopwatch(found, "restore, another table having come"):
            server.restore(first)
        client.query_and_wait("INSERT INTO d.trips (vendor_id) VALUES (1)")
        with stopwatch(found, "restore, a row having been inserted into it"):
            server.restore(first)
        with stopwatch(found, "reset"):
            server.reset()
    finally:
        server.stop()
    return found


def bigquery_client(server: BigQueryServer) -> bigquery.Client:
    """Google's client of a server in this process."""
    return bigquery.Client(
        project="p", credentials=AnonymousCredentials(), client_options={"api_endpoint": server.url}
    )


def _fill(wire: Wire) -> None:
    wire.ask("POST", "/datasets", {"datasetReference": {"projectId": "p", "datasetId": "d"}})
    wire.query("CREATE TABLE d.small AS SELECT x FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS x")


def _timed(wire: Wire, count: int) -> list[float]:
    times = []
    for _ in range(count):
        began = time.perf_counter()
        wire.query(_COUNT)
        times.append(time.perf_counter() - began)
    return times


def _middle(times: list[float]) -> float:
    return sorted(times)[len(times) // 2] * 1000


def _worst(times: list[float]) -> float:
    return quantiles(times, n=100)[98] * 1000


def _make(client: bigquery.Client) -> None:
    fields = [bigquery.SchemaField(name, kind) for name, kind in COLUMNS.items()]
    client.create_table(bigquery.Table("p.d.trips", schema=fields))


def _load(client: bigquery.Client, trips: Path) -> None:
    """Into a table that is there: bqemulator makes none for parquet."""
    config = bigquery.LoadJobConfig(source_format="PARQUET")
    with trips.open("rb") as file:
        client.load_table_from_file(file, "d.trips", job_config=config).result()


def _trips(server: Server, trips: Path, found: dict[str, float]) -> None:
    client = server.client()
    _make(client)
    with stopwatch(found, LOAD):
        _load(client, trips)
    table = client.get_table("d.trips")
    try:
        with stopwatch(found, READ):
            reader = server.read_client()
            rows = client.list_rows(table).to_arrow(bqstorage_client=reader).num_rows
    except ServiceUnavailable:
        # It has no Storage Read API; over REST all rows would take minutes.
        found.pop(READ, None)
    else:
        if rows != table.num_rows:
            raise RuntimeError(f"{rows} of {table.num_rows} rows came back")
    with stopwatch(found, REST):
        client.list_rows(table, max_results=50_000).to_arrow(create_bqstorage_client=False)


def _shares(server: Server, file: Path, found: dict[str, float]) -> None:
    """What of reading is the server's share, and what is left without it."""
    with stopwatch(found, RAW):
        given = answers(server.storage, f"projects/{PROJECT}/datasets/d/tables/trips")
    client = server.client()
    table = client.get_table("d.trips")
    with replaying(given, file) as address, stopwatch(found, MADE):
        client.list_rows(table).to_arrow(bqstorage_client=read_client(address))
