"""Jobs: ids, lists, locations, dry runs, and errors that a test has them meet."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    GoogleAPICallError,
    NotFound,
    ServiceUnavailable,
    TooManyRequests,
)
from google.cloud import bigquery as bq

from harness.bigquery import BigQueryServer, Fault


def test_an_id_is_used_once(client):
    client.query("SELECT 1 AS a", job_id="mine", job_retry=None).result()
    with pytest.raises(Conflict, match=r"Already Exists: Job test-project:US\.mine"):
        client.query("SELECT 2 AS a", job_id="mine", job_retry=None)
    assert next(iter(client.get_job("mine").result())).a == 1


def test_a_job_is_where_it_ran(client):
    dataset = bq.Dataset("test-project.tokyo")
    dataset.location = "asia-northeast1"
    client.create_dataset(dataset)
    client.query_and_wait("CREATE TABLE tokyo.t AS SELECT 1 AS a")
    job = client.query("SELECT * FROM tokyo.t", location="asia-northeast1")
    job.result()
    assert client.get_job(job.job_id, location="asia-northeast1").location == "asia-northeast1"
    for location in (None, "US"):
        with pytest.raises(NotFound, match="Not found: Job"):
            client.get_job(job.job_id, location=location)
    with pytest.raises(NotFound, match="was not found in location US"):
        client.query("SELECT * FROM tokyo.t", location="US").result()


def test_lists(client):
    for number in range(3):
        client.query(f"SELECT {number} AS a").result()
    failed = client.query("SELECT * FROM d.none")
    assert len(list(client.list_jobs(state_filter="done"))) == 4
    assert list(client.list_jobs(state_filter="running")) == []
    first = next(iter(client.list_jobs()))
    assert (first.job_id, first.error_result["reason"]) == (failed.job_id, "notFound")
    assert [page.num_items for page in client.list_jobs(page_size=3).pages] == [3, 1]
    assert list(client.list_jobs(parent_job="none")) == []


def test_a_dry_run_does_nothing_and_tells_the_bytes(client):
    client.query_and_wait("CREATE TABLE d.t AS SELECT 1 AS a, 'text' AS b, TRUE AS c")
    config = bq.QueryJobConfig(dry_run=True)
    for columns, size in (("a", 8), ("b", 6), ("c", 1), ("a, b", 14), ("*", 15)):
        job = client.query(f"SELECT {columns} FROM d.t", job_config=config)
        assert (job.total_bytes_processed, job.state, job.dry_run) == (size, "DONE", True)
    client.query("CREATE TABLE d.new AS SELECT 1 AS a", job_config=config)
    assert [one.table_id for one in client.list_tables("d")] == ["t"]
    with pytest.raises(BadRequest, match="nothing"):
        client.query("SELECT nothing FROM d.t", job_config=config)
    assert len(list(client.list_jobs())) == 1


def test_a_limit_of_bytes(client):
    client.query_and_wait("CREATE TABLE d.t AS SELECT 1 AS a")
    config = bq.QueryJobConfig(maximum_bytes_billed=1)
    # The client knows no class for this reason.
    with pytest.raises(GoogleAPICallError, match=r"billed: 1\. 10485760 or higher required"):
        client.query("SELECT a FROM d.t", job_config=config).result()
    enough = bq.QueryJobConfig(maximum_bytes_billed=10 << 20)
    job = client.query("SELECT a FROM d.t", job_config=enough)
    assert next(iter(job.result())).a == 1
    assert (job.total_bytes_processed, job.total_bytes_billed) == (8, 10 << 20)


def test_a_request_that_is_sent_again_is_done_once(client):
    client.query_and_wait("CREATE TABLE d.t (a INT64)")
    body = {"query": "INSERT INTO d.t (a) VALUES (1)", "useLegacySql": False, "requestId": "one"}
    for _ in range(2):
        answer = client._connection.api_request(
            method="POST", path="/projects/test-project/queries", data=body
        )
        assert answer["numDmlAffectedRows"] == "1"
    assert client.get_table("d.t").num_rows == 1


@pytest.fixture
def server():
    server = BigQueryServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def direct(server):
    from google.auth.credentials import AnonymousCredentials

    with bq.Client(
        project="p", credentials=AnonymousCredentials(), client_options={"api_endpoint": server.url}
    ) as client:
        client.create_dataset("d")
        yield client


@pytest.mark.parametrize(
    ("fault", "error", "text"),
    [
        (Fault(operation="datasets.get"), ServiceUnavailable, "Retrying may solve"),
        (
            Fault(operation="datasets.*", reason="rateLimitExceeded"),
            Forbidden,
            "Exceeded rate limits",
        ),
        (
            Fault(operation="*", reason="rateLimitExceeded", status=429, message="slower"),
            TooManyRequests,
            "slower",
        ),
    ],
)
def test_a_call_meets_its_error_once(server, direct, fault, error, text):
    server.faults.add(fault)
    with pytest.raises(error, match=text):
        direct.get_dataset("d", retry=None)
    assert direct.get_dataset("d", retry=None).dataset_id == "d"
    assert [one.consumed for one in server.faults.account()] == [1]


def test_a_client_that_tries_again_comes_through(server, direct):
    server.faults.add(Fault(operation="datasets.get", times=2))
    assert direct.get_dataset("d").dataset_id == "d"
    (account,) = server.faults.account()
    assert (account.consumed, account.times) == (2, 2)
    failed = [one for one in server.log.records() if one.status == 503]
    assert [one.operation for one in failed] == ["datasets.get"] * 2


def test_a_fault_is_addressed_by_what_the_call_holds(server, direct):
    server.faults.add(Fault(operation="datasets.get", containing="/datasets/other"))
    assert direct.get_dataset("d", retry=None).dataset_id == "d"
    assert server.faults.account()[0].consumed == 0
    server.reset()
    assert server.faults.account() == ()


def test_a_job_fails_after_some_looks_and_has_done_nothing(server, direct):
    server.faults.add(Fault(operation="jobs.insert", polls=2, containing="CREATE TABLE"))
    job = direct.query("CREATE TABLE d.t AS SELECT 1 AS a", job_retry=None)
    assert job.state == "RUNNING"
    assert not job.done(retry=None)
    with pytest.raises(GoogleAPICallError, match="Retrying may solve"):
        job.result(job_retry=None)
    job.reload()
    assert (job.state, job.error_result["reason"]) == ("DONE", "jobBackendError")
    assert list(direct.list_tables("d")) == []
    direct.query("CREATE TABLE d.t AS SELECT 1 AS a", job_retry=None).result()


def test_a_running_job_is_listed_and_cancelled(server, direct):
    server.faults.add(Fault(operation="jobs.insert", polls=100))
    job = direct.query("SELECT 1 AS a", job_retry=None)
    assert [one.job_id for one in direct.list_jobs(state_filter="running")] == [job.job_id]
    assert job.cancel()
    job.reload()
    assert (job.state, job.error_result["reason"]) == ("DONE", "stopped")


@pytest.mark.parametrize(
    "fault",
    [
        Fault(operation="jobs.get", reason="nonsense"),
        Fault(operation="tables.get", polls=1),
        Fault(operation="jobs.insert", times=0),
        Fault(operation="jobs.insert", polls=-1),
    ],
)
def test_a_fault_that_cannot_be_is_refused(fault):
    with pytest.raises(ValueError, match=r"reason|polls|times"):
        BigQueryServer().faults.add(fault)
