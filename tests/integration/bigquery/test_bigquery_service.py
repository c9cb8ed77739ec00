"""The service as the stack sees it: its address, what it holds, what went wrong."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pandas as pd
import pyarrow as pa
import pytest
from google.api_core.exceptions import Conflict, NotFound
from google.cloud import bigquery as bq

from harness.errors import EnvironmentNotAbleError, MissingSinkError, ServiceError
from harness.services.bigquery import BigQueryStub
from harness.services.protocol import Column, Service

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")


def test_it_is_a_service(stub):
    assert isinstance(stub, Service)
    assert stub.environment() == {
        "BIGQUERY_EMULATOR_HOST": stub.url,
        "BIGQUERY_STORAGE_GRPC_ENDPOINT": stub.url.removeprefix("http://"),
    }
    assert stub.url.startswith("http://127.0.0.1:")
    assert stub.overlay() == {}


def test_a_sink_is_described_in_bigquerys_terms(stub, client):
    client.query_and_wait(
        "CREATE TABLE d.t (id INT64 NOT NULL, price NUMERIC, at TIMESTAMP, tags ARRAY<STRING>)"
    )
    sink = stub.describe("d.t")
    assert sink.columns == (
        Column(name="id", type="INT64", nullable=False),
        Column(name="price", type="NUMERIC"),
        Column(name="at", type="TIMESTAMP"),
        Column(name="tags", type="ARRAY<STRING>"),
    )
    assert (sink.service, sink.name, sink.rows) == ("bigquery", "d.t", 0)
    client.query_and_wait("INSERT INTO d.t (id) VALUES (1)")
    later = stub.describe("test-project.d.t")
    assert later.rows == 1
    assert later.version != sink.version


def test_the_inventory_has_no_answers_of_queries(stub, client):
    client.query_and_wait("SELECT 1 AS a")
    client.query_and_wait("CREATE TABLE d.b AS SELECT 1 AS a")
    client.query_and_wait("CREATE TABLE d.a AS SELECT 1 AS a")
    assert [sink.name for sink in stub.inventory()] == ["d.a", "d.b"]


def test_rows_are_read_as_arrow(stub, client):
    client.query_and_wait(
        "CREATE TABLE d.t AS SELECT 1 AS id, 'x' AS name, DATE '2021-01-01' AS day"
    )
    table = stub.read("d.t")
    assert table.schema.types[:2] == [pa.int64(), pa.string()]
    assert pa.types.is_date(table.schema.types[2])
    assert table.num_rows == 1
    assert stub.partitions("d.t") == {}


def test_a_missing_table_names_the_nearest(stub, client):
    client.query_and_wait("CREATE TABLE d.yellow_cab_data AS SELECT 1 AS a")
    with pytest.raises(MissingSinkError) as caught:
        stub.read("d.yellow_cab")
    assert "nearest: d.yellow_cab_data" in str(caught.value)


def test_failures_that_a_pipeline_may_swallow_are_incidents(stub, client):
    since = time.time()
    client.query("CREATE TABLE d.t AS SELECT nothing FROM d.none")
    with pytest.raises(Exception, match="Syntax error"):
        client.query("SELEC 1")
    client.query_and_wait("CREATE TABLE d.t AS SELECT 1 AS a")
    config = bq.LoadJobConfig(write_disposition="WRITE_EMPTY")
    frame = pd.DataFrame({"a": [1]})
    with pytest.raises(Conflict):
        client.load_table_from_dataframe(frame, "d.t", job_config=config).result()
    found = stub.incidents(since)
    assert [incident.code for incident in found] == ["bigquery-job-failed"] * 3
    assert [incident.detail for incident in found] == [
        "CREATE TABLE d.t AS SELECT nothing FROM d.none",
        "SELEC 1",
        "d.t",
    ]
    assert found[0].message == "Not found: Table test-project:d.none was not found in location US"
    assert stub.incidents(time.time() + 1) == []


def test_look_ups_are_no_incidents(stub, client):
    client.create_dataset("d", exists_ok=True)
    for look in (
        lambda: client.get_table("d.none"),
        lambda: client.get_dataset("none"),
        client.query("SELECT 1 FROM `test-project.none.__TABLES_SUMMARY__`").result,
        client.query("SELECT column_name FROM none.INFORMATION_SCHEMA.COLUMNS").result,
    ):
        with pytest.raises(NotFound):
            look()
    assert stub.incidents(0) == []


def test_the_log_of_calls(stub, client):
    client.query_and_wait("SELECT 1 AS a")
    record = stub.calls()[-1]
    assert (record.method, record.operation, record.status) == ("POST", "jobs.query", 200)
    assert record.statement == "SELECT 1 AS a"
    assert record.job_id


def test_reset_forgets_everything_and_keeps_the_address(stub, client):
    client.query_and_wait("CREATE TABLE d.t AS SELECT 1 AS a")
    url = stub.url
    stub.reset()
    assert stub.inventory() == []
    assert stub.calls() == ()
    assert stub.url == url
    assert list(client.list_datasets()) == []


def test_parallel_clients_lose_nothing(stub, client):
    client.query_and_wait("CREATE TABLE d.shared (who INT64, n INT64)")
    failures = []

    def work(who):
        try:
            with stub.client() as mine:
                for n in range(5):
                    mine.query_and_wait(f"INSERT INTO d.shared (who, n) VALUES ({who}, {n})")
                    frame = pd.DataFrame({"who": [who], "n": [n + 100]})
                    mine.load_table_from_dataframe(frame, "d.shared").result()
                    config = bq.LoadJobConfig(write_disposition="WRITE_TRUNCATE")
                    mine.load_table_from_dataframe(frame, "d.last", job_config=config).result()
                    rows = list(mine.query_and_wait("SELECT COUNT(*) AS n FROM d.last"))
                    assert rows[0].n == 1
        except Exception as error:  # noqa: BLE001  shown by the test itself
            failures.append(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    rows = client.query_and_wait("SELECT who, COUNT(DISTINCT n) AS n FROM d.shared GROUP BY who")
    assert {row.who: row.n for row in rows} == dict.fromkeys(range(6), 10)


def test_two_stubs_do_not_meet(client, stub):
    other = BigQueryStub(project="test-project")
    other.start()
    try:
        assert other.url != stub.url
        with other.client() as second:
            assert list(second.list_datasets()) == []
    finally:
        other.stop()


def test_start_and_stop_may_be_repeated():
    stub = BigQueryStub(project="p")
    stub.stop()
    stub.start()
    url = stub.url
    stub.start()
    assert stub.url == url
    stub.stop()
    stub.stop()
    with pytest.raises(ServiceError, match="no address"):
        stub.environment()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{url}/bigquery/v2/projects/p/datasets", timeout=5)


def test_a_taken_port_is_named():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(EnvironmentNotAbleError) as caught:
            BigQueryStub(project="p", port=port).start()
    assert f"port {port}, set for bigquery, is taken" in str(caught.value)
    assert "[tool.mage-harness.ports]" in caught.value.remedy


def test_a_fixed_port(client):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    stub = BigQueryStub(project="p", port=port)
    stub.start()
    assert stub.url.endswith(f":{port}")
    stub.stop()


def request(url, method="GET", body=None, headers=None):
    asked = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


@pytest.mark.parametrize(
    ("method", "path", "body", "reason"),
    [
        ("POST", "/bigquery/v2/projects/p/jobs", b"{", "parseError"),
        ("POST", "/bigquery/v2/projects/p/jobs", b"[]", "parseError"),
        ("POST", "/bigquery/v2/projects/p/jobs", b"{}", "required"),
        ("POST", "/bigquery/v2/projects/p/jobs", b'{"configuration": {"load": {}}}', "required"),
        ("POST", "/bigquery/v2/projects/p/datasets", b"{}", "invalid"),
        ("GET", "/bigquery/v2/projects/p/datasets?maxResults=x", None, "invalid"),
        ("GET", "/nowhere", None, "notFound"),
        ("POST", "/upload/bigquery/v2/projects/p/jobs", b"x", "invalid"),
        ("POST", "/upload/bigquery/v2/projects/p/jobs?uploadType=multipart", b"x", "invalid"),
        ("PUT", "/upload/bigquery/v2/projects/p/jobs?upload_id=none", b"x", "notFound"),
    ],
)
def test_malformed_requests_are_answered_in_bigquerys_shape(stub, method, path, body, reason):
    status, answer = request(stub.url + path, method, body)
    assert answer["error"]["errors"][0]["reason"] == reason
    assert answer["error"]["code"] == status
    assert 400 <= status < 600
    assert status != 500


def test_a_chunk_out_of_order_is_not_taken(stub, client):
    start = f"{stub.url}/upload/bigquery/v2/projects/test-project/jobs?uploadType=resumable"
    table = {"projectId": "test-project", "datasetId": "d", "tableId": "t"}
    load = {
        "destinationTable": table,
        "sourceFormat": "CSV",
        "schema": {"fields": [{"name": "a", "type": "INTEGER"}]},
    }
    body = json.dumps({"configuration": {"load": load}}).encode()
    with urllib.request.urlopen(
        urllib.request.Request(start, data=body, method="POST"), timeout=30
    ) as answer:
        location = answer.headers["Location"]

    def put(content, span):
        asked = urllib.request.Request(
            location, data=content, method="PUT", headers={"Content-Range": span}
        )
        try:
            with urllib.request.urlopen(asked, timeout=30) as reply:
                return reply.status, reply.headers.get("Range")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers.get("Range")

    assert put(b"1\n", "bytes 0-1/*") == (308, "bytes=0-1")
    assert put(b"9\n", "bytes 8-9/*") == (308, "bytes=0-1")
    assert put(b"9\n", "bytes 2-9/*")[0] == 400
    assert put(b"2\n", "bytes 2-3/4")[0] == 200
    assert sorted(row.a for row in client.list_rows("d.t")) == [1, 2]


def test_nothing_heavy_is_loaded_before_it_is_needed():
    """The first statement, not the start, pays for sqlglot; a start without loads needs no Arrow."""
    code = (
        "import sys\nfrom harness.services.bigquery import BigQueryStub\n"
        "print(sorted({'duckdb', 'uvicorn', 'sqlglot', 'pyarrow'} & set(sys.modules)))\n"
        "stub = BigQueryStub(project='p')\nstub.start()\n"
        "print(sorted({'sqlglot', 'pyarrow', 'google.cloud.bigquery'} & set(sys.modules)))\n"
        "stub.stop()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines() == ["[]", "[]"]
    assert done.stderr == ""
