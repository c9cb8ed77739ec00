"""Streams of the Storage Read API under load, and what happens when one of the two sides leaves."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import psutil
import pyarrow as pa
import pytest
from google.api_core.exceptions import (
    GoogleAPICallError,
    MethodNotImplemented,
    PermissionDenied,
    RetryError,
)
from google.cloud import bigquery_storage_v1 as storage

from harness.bigquery.faults import Fault
from harness.machine.forward import Forwarder
from harness.services.bigquery import BigQueryStub
from harness.services.bigquery_storage import read_client

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
ARROW = storage.types.DataFormat.ARROW
TABLE = "projects/test-project/datasets/d/tables/t"
ROWS = 1_000_000


@pytest.fixture
def reader(stub):
    with stub.read_client() as client:
        yield client


def fill(client, rows):
    client.query_and_wait(
        "CREATE TABLE d.t AS SELECT a * 1000 + b AS x, CONCAT('name ', CAST(b AS STRING)) AS s, "
        f"a * 0.5 AS f FROM UNNEST(GENERATE_ARRAY(0, {rows // 1000 - 1})) AS a, "
        "UNNEST(GENERATE_ARRAY(0, 999)) AS b"
    )


def session_of(reader, *, least=0, parent="projects/test-project", **options):
    session = {"table": TABLE, "data_format": ARROW, "read_options": options}
    return reader.create_read_session(
        {"parent": parent, "read_session": session, "preferred_min_stream_count": least}
    )


def numbers_of(reader, stream):
    pages = reader.read_rows(stream.name).rows().pages
    return pa.chunked_array([page.to_arrow()["x"] for page in pages], type=pa.int64())


def test_a_million_rows_in_batches_of_a_sensible_size(stub, client, reader):
    fill(client, ROWS)
    session = session_of(reader)
    sizes = []
    rows = 0
    for response in reader.read_rows(session.streams[0].name):
        sizes.append(len(response.arrow_record_batch.serialized_record_batch))
        rows += response.row_count
    assert rows == ROWS
    assert max(sizes) < 10 << 20
    assert sum(sizes) / len(sizes) > 1_000_000
    assert client.list_rows("d.t").to_arrow().num_rows == ROWS


def test_streams_side_by_side_are_the_whole_table_once(client, reader):
    fill(client, ROWS)
    session = session_of(reader, least=8)
    assert len(session.streams) == 8
    with ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(lambda one: numbers_of(reader, one), session.streams))
    assert min(map(len, parts)) > ROWS / 16
    found = pa.concat_arrays([chunk for part in parts for chunk in part.chunks])
    assert found.sort().equals(pa.array(range(ROWS)))


def test_many_clients_at_once(stub, client):
    fill(client, 20_000)

    def read(_):
        with stub.read_client() as reader:
            return len(numbers_of(reader, session_of(reader).streams[0]))

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(read, range(24))) == [20_000] * 24


def test_rows_that_are_large_each_come_in_small_answers(client, reader):
    client.query_and_wait(
        "CREATE TABLE d.t AS SELECT x, REPEAT('ab', 500000) AS s "
        "FROM UNNEST(GENERATE_ARRAY(1, 40)) AS x"
    )
    responses = list(reader.read_rows(session_of(reader).streams[0].name))
    assert sum(one.row_count for one in responses) == 40
    assert all(one.ByteSize() < 10 << 20 for one in map(type(responses[0]).pb, responses))


def test_an_interrupted_client_goes_on_where_it_was(stub, client, reader):
    fill(client, ROWS)
    stub.faults.add(Fault(operation="BigQueryRead.ReadRows", table="d.t", cut="after"))
    # The client itself asks again, from the row that it has last seen.
    found = numbers_of(reader, session_of(reader).streams[0])
    assert found.combine_chunks().sort().equals(pa.array(range(ROWS)))
    assert stub.faults.unmet() == ()
    assert [one.status for one in stub.calls() if one.operation.endswith("ReadRows")] == [0, 200]


def test_errors_that_a_test_injects(stub, client, reader):
    fill(client, 1000)
    stub.faults.add(Fault(operation="BigQueryRead.CreateReadSession", reason="accessDenied"))
    with pytest.raises(PermissionDenied, match="Access Denied"):
        session_of(reader)
    stub.faults.add(Fault(operation="BigQueryRead.CreateReadSession", reason="backendError"))
    assert session_of(reader).streams
    stub.faults.add(Fault(operation="BigQueryRead.ReadRows", reason="backendError", status=503))
    assert len(numbers_of(reader, session_of(reader).streams[0])) == 1000
    stub.faults.add(Fault(operation="BigQueryRead.*", reason="", delay=0.3))
    session_of(reader)
    assert stub.calls()[-1].seconds >= 0.3
    assert [one.reason for one in stub.calls() if one.injected] == [
        "accessDenied",
        "backendError",
        "backendError",
        "",
    ]


def test_a_refused_read_is_an_incident(stub, client, reader):
    client.query_and_wait("CREATE VIEW d.t AS SELECT 1 AS x")
    began = time.time()
    with pytest.raises(GoogleAPICallError):
        session_of(reader)
    (incident,) = stub.incidents(began)
    assert "non-table entities" in incident.message


def test_a_client_may_leave_in_the_middle(stub, client, reader):
    fill(client, ROWS)
    stream = session_of(reader).streams[0].name
    reading = reader.read_rows(stream)
    next(iter(reading))
    reading.cancel()
    until = time.monotonic() + 60
    while stub.calls()[-1].operation != "BigQueryRead.ReadRows":
        assert time.monotonic() < until
        time.sleep(0.02)
    assert (stub.calls()[-1].status, stub.calls()[-1].reason) == (499, "")
    assert client.query_and_wait("SELECT COUNT(*) AS n FROM d.t").total_rows == 1


def test_the_write_api_is_refused_by_name(stub, client):
    import grpc
    from google.cloud.bigquery_storage_v1 import BigQueryWriteClient

    transport = BigQueryWriteClient.get_transport_class("grpc")
    address = stub.url.removeprefix("http://")
    with (
        BigQueryWriteClient(transport=transport(channel=grpc.insecure_channel(address))) as writer,
        pytest.raises(
            MethodNotImplemented,
            match=r"Not supported by the BigQuery stub: .*BigQueryWrite\.CreateWriteStream",
        ),
    ):
        writer.create_write_stream(parent=TABLE, write_stream={})
    assert stub.calls()[-1].operation == "BigQueryWrite.CreateWriteStream"


def test_the_asynchronous_client(stub, client):
    from google.cloud.bigquery_storage_v1.services.big_query_read import BigQueryReadAsyncClient
    from grpc import aio

    fill(client, 10_000)

    async def read():
        transport = BigQueryReadAsyncClient.get_transport_class("grpc_asyncio")
        channel = aio.insecure_channel(stub.url.removeprefix("http://"))
        reader = BigQueryReadAsyncClient(transport=transport(channel=channel))
        session = await reader.create_read_session(
            parent="projects/p",
            read_session=storage.types.ReadSession(table=TABLE, data_format=ARROW),
        )
        rows = 0
        async for response in await reader.read_rows(read_stream=session.streams[0].name):
            rows += response.row_count
        await channel.close()
        return rows

    assert asyncio.run(read()) == 10_000


def test_one_port_for_both(stub, client, reader):
    fill(client, 1000)
    host, port = stub.listens_at
    with socket.create_connection((host, port), 60) as slow:
        # A preface that comes in pieces holds up nobody else.
        slow.sendall(b"PRI * HT")
        assert len(numbers_of(reader, session_of(reader).streams[0])) == 1000
        with urllib.request.urlopen(f"{stub.url}/bigquery/v2/projects", timeout=60) as answer:
            assert answer.status == 200
        slow.sendall(b"TP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5))
        # gRPC greets by its own settings.
        assert slow.recv(64)[3] == 4
    with socket.create_connection((host, port), 60) as nonsense:
        nonsense.sendall(b"PRINT /nonsense\r\n\r\n")
        assert nonsense.recv(64).startswith(b"HTTP/1.1 400")


def consume(pages):
    for _ in pages:
        time.sleep(0.05)


@pytest.mark.parametrize("reads", [True, False], ids=["reading", "not reading"])
def test_a_stub_that_stops_leaves_nobody_waiting_and_nothing_behind(reads):
    before = set(threading.enumerate())
    ports = {one.laddr for one in psutil.Process().net_connections() if one.status == "LISTEN"}
    stub = BigQueryStub(project="test-project")
    stub.start()
    with stub.client() as client, stub.read_client() as reader:
        client.create_dataset("d")
        fill(client, ROWS)
        pages = iter(reader.read_rows(session_of(reader).streams[0].name, retry=None))
        next(pages)
        stopping = threading.Thread(target=stub.stop)
        if not reads:
            stub.stop()
        else:
            stopping.start()
            with pytest.raises(GoogleAPICallError):
                consume(pages)
            stopping.join()
    until = time.monotonic() + 60
    while set(threading.enumerate()) - before and time.monotonic() < until:
        time.sleep(0.05)
    left = {one.name for one in set(threading.enumerate()) - before}
    assert not left
    now = {one.laddr for one in psutil.Process().net_connections() if one.status == "LISTEN"}
    assert now <= ports


def test_a_client_of_the_harness_gives_up_a_stub_that_is_gone(monkeypatch):
    monkeypatch.setattr("harness.services.bigquery_storage._PATIENCE", 1.0)
    stub = BigQueryStub(project="test-project")
    stub.start()
    with stub.client() as client, stub.read_client() as reader:
        client.create_dataset("d")
        fill(client, 1000)
        stream = session_of(reader).streams[0].name
        stub.stop()
        with pytest.raises((GoogleAPICallError, RetryError)):
            list(reader.read_rows(stream))


def test_it_passes_through_a_forwarder(stub, client):
    fill(client, 200_000)
    with (
        Forwarder(listen=("127.0.0.1", 0), to=stub.listens_at) as forwarder,
        read_client(f"http://127.0.0.1:{forwarder.port}") as reader,
    ):
        assert len(numbers_of(reader, session_of(reader).streams[0])) == 200_000


def test_a_stub_that_nobody_reads_from_has_no_grpc():
    import subprocess
    import sys

    code = (
        "import sys; from harness.services.bigquery import BigQueryStub; "
        "s = BigQueryStub(project='p'); s.start(); s.stop(); "
        "sys.exit('grpc' in sys.modules or 'google.protobuf' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
