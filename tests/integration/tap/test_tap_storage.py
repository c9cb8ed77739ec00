"""In a process with the tap the clients of BigQuery's Storage API are led to the stub."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from harness.services.bigquery import BigQueryStub
from harness.services.google import GoogleIdentity
from harness.tap import EVENTS_VARIABLE, SITE, STORAGE_VARIABLE

HEAD = """
import asyncio, subprocess, sys, warnings
warnings.simplefilter("ignore")
from google.cloud import bigquery
client = bigquery.Client()
"""
CASES = {
    "a frame": "assert client.list_rows('d.t').to_dataframe()['x'].tolist() == [1, 2, 3]",
    "with an address of its own": """
from google.cloud import bigquery_storage
reader = bigquery_storage.BigQueryReadClient(
    client_options={"api_endpoint": "bigquerystorage.googleapis.com"}
)
assert client.list_rows("d.t").to_arrow(bqstorage_client=reader).num_rows == 3
""",
    "in a subprocess": """
code = "from google.cloud import bigquery; bigquery.Client().list_rows('d.t').to_arrow()"
subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)
""",
    "the asynchronous client": """
from google.cloud.bigquery_storage_v1 import types
from google.cloud.bigquery_storage_v1.services.big_query_read import BigQueryReadAsyncClient
async def read():
    reader = BigQueryReadAsyncClient()
    session = await reader.create_read_session(
        parent="projects/p",
        read_session=types.ReadSession(
            table=f"projects/{client.project}/datasets/d/tables/t",
            data_format=types.DataFormat.ARROW,
        ),
    )
    return [one.row_count async for one in await reader.read_rows(
        read_stream=session.streams[0].name)]
assert asyncio.run(read()) == [3]
""",
}


@pytest.fixture(scope="module")
def stub():
    stub = BigQueryStub(project="harness-project")
    stub.start()
    with stub.client() as client:
        client.create_dataset("d")
        client.query_and_wait("CREATE TABLE d.t AS SELECT x FROM UNNEST([1, 2, 3]) AS x")
    yield stub
    stub.stop()


@pytest.fixture(scope="module")
def environment(stub, tmp_path_factory):
    folder = tmp_path_factory.mktemp("google")
    identity = GoogleIdentity(project=stub.project, cache=folder, parent=folder)
    identity.start()
    yield {
        **os.environ,
        **identity.environment(),
        **stub.environment(),
        "PYTHONPATH": str(SITE),
        EVENTS_VARIABLE: str(folder / "events"),
        # The proxy of the recordings; nothing listens there.
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "no_proxy": "",
        "NO_PROXY": "127.0.0.1",
    }
    identity.stop()


def run(code, environment):
    subprocess.run(
        [sys.executable, "-c", HEAD + code],
        env=environment,
        cwd=os.fspath(SITE),
        check=True,
        timeout=60,
    )


def read(stub, since):
    return [one for one in stub.calls()[since:] if one.operation == "BigQueryRead.ReadRows"]


@pytest.mark.parametrize("case", CASES)
def test_it_reads_from_the_stub(stub, environment, case):
    since = len(stub.calls())
    run(CASES[case], environment)
    assert read(stub, since)


def test_an_emulator_without_that_api_is_read_by_rest(stub, environment):
    since = len(stub.calls())
    without = {name: value for name, value in environment.items() if name != STORAGE_VARIABLE}
    run(CASES["a frame"], without)
    assert not read(stub, since)
    assert [one for one in stub.calls()[since:] if one.operation == "tabledata.list"]
