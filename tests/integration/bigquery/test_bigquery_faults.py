"""Errors that a test injects, as the real client meets and survives them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from google.api_core.exceptions import GoogleAPICallError, RetryError, ServiceUnavailable
from google.api_core.retry import Retry
from google.cloud import bigquery as bq
from requests.exceptions import ConnectionError as Cut

from harness.bigquery import Fault

QUICK = bq.DEFAULT_RETRY.with_delay(0.01, 0.02).with_timeout(60)
ONCE = bq.DEFAULT_RETRY.with_delay(0.1, 0.1).with_timeout(1.5)


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("backendError", None),
        ("backendError", 503),
        ("rateLimitExceeded", None),
        ("rateLimitExceeded", 429),
        ("internalError", None),
    ],
)
def test_the_client_asks_again_and_succeeds(stub, client, reason, status):
    stub.faults.add(Fault(operation="datasets.get", reason=reason, status=status, times=3))
    assert client.get_dataset("d", retry=QUICK).dataset_id == "d"
    assert [one.consumed for one in stub.faults.account()] == [3]
    assert stub.faults.unmet() == ()
    asked = [one for one in stub.calls() if one.operation == "datasets.get"]
    assert [(one.reason, one.injected) for one in asked] == [(reason, True)] * 3 + [("", False)]


def test_the_client_gives_up_at_its_deadline(stub, client):
    stub.faults.add(Fault(operation="datasets.get", times=1_000))
    with pytest.raises(RetryError):
        client.get_dataset("d", retry=ONCE)
    (account,) = stub.faults.unmet()
    assert 1 < account.consumed < 100


@pytest.mark.parametrize("reason", ["quotaExceeded", "accessDenied", "invalid"])
def test_what_no_retry_helps_against_is_raised_at_once(stub, client, reason):
    stub.faults.add(Fault(operation="tables.*", reason=reason, times=5))
    with pytest.raises(GoogleAPICallError) as raised:
        client.get_table("d.t", retry=QUICK)
    assert raised.value.errors[0]["reason"] == reason
    assert stub.faults.account()[0].consumed == 1


def test_a_table_is_meant_wherever_a_call_names_it(stub, client):
    for name in ("a", "ab"):
        client.create_table(bq.Table(f"{client.project}.d.{name}", [bq.SchemaField("x", "INT64")]))

    def meets(call):
        stub.faults.clear()
        stub.faults.add(Fault(operation="*", reason="invalid", table="d.a"))
        try:
            call()
        except GoogleAPICallError:
            assert stub.faults.unmet() == ()
            return True
        return False

    def load(name):
        config = bq.LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON", autodetect=True)
        client.load_table_from_json([{"x": 1}], f"d.{name}", job_config=config).result(retry=None)

    assert meets(lambda: client.get_table("d.a"))
    assert not meets(lambda: client.get_table("d.ab"))
    assert meets(lambda: client.query_and_wait("SELECT * FROM d.a", retry=None))
    assert meets(lambda: client.query_and_wait("SELECT * FROM `d`.`a`", retry=None))
    assert not meets(lambda: client.query_and_wait("SELECT * FROM d.ab"))
    assert meets(lambda: load("a"))
    assert not meets(lambda: load("ab"))
    assert meets(lambda: client.copy_table("d.ab", "d.a", retry=None))
    assert meets(lambda: client.insert_rows_json("d.a", [{"x": 1}], retry=None))


def test_only_the_third_call(stub, client):
    stub.faults.add(Fault(operation="datasets.get", reason="accessDenied", after=2))
    client.get_dataset("d")
    client.get_dataset("d")
    with pytest.raises(GoogleAPICallError):
        client.get_dataset("d")
    client.get_dataset("d")


def test_a_slow_answer(stub, client):
    stub.faults.add(Fault(operation="datasets.get", reason="", delay=0.4))
    assert client.get_dataset("d").dataset_id == "d"
    assert stub.calls()[-1].seconds >= 0.4
    assert stub.faults.unmet() == ()


def test_a_slow_answer_meets_the_clients_timeout(stub, client):
    stub.faults.add(Fault(operation="datasets.get", reason="", delay=5))
    with pytest.raises(Exception, match="timed out"):
        client.get_dataset("d", timeout=0.2, retry=None)


def test_a_slow_answer_holds_up_nobody_else(stub, client):
    stub.faults.add(Fault(operation="datasets.get", reason="", delay=30, times=8))
    with ThreadPoolExecutor(8) as pool:
        asked = [
            pool.submit(lambda: client.get_dataset("d", timeout=0.1, retry=None)) for _ in range(8)
        ]
        wait(asked)
        # Eight answers are still being held up.
        assert client.query_and_wait("SELECT 1").total_rows == 1
    assert all(one.exception() is not None for one in asked)


def test_a_connection_that_is_cut_before_anything_is_done(stub, client):
    stub.faults.add(Fault(operation="datasets.insert", cut="before"))
    with pytest.raises(Cut):
        client.create_dataset("new", retry=None)
    assert [one.dataset_id for one in client.list_datasets()] == ["d"]
    assert (stub.calls()[0].status, stub.faults.unmet()) != (0, ())
    stub.faults.add(Fault(operation="datasets.insert", cut="before", times=2))
    client.create_dataset("new", retry=QUICK)


def test_a_connection_that_is_cut_after_it_was_done(stub, client):
    stub.faults.add(Fault(operation="datasets.insert", cut="after"))
    with pytest.raises(Cut):
        client.create_dataset("new", retry=None)
    assert sorted(one.dataset_id for one in client.list_datasets()) == ["d", "new"]
    cut = next(one for one in stub.calls() if one.status == 0)
    assert (cut.operation, cut.sent, cut.injected) == ("datasets.insert", 0, True)


def test_a_job_whose_answer_is_lost_is_done_once(stub, client):
    client.query_and_wait("CREATE TABLE d.t (a INT64)")
    stub.faults.add(Fault(operation="jobs.insert", cut="after", table="d.t"))
    job = client.query("INSERT INTO d.t (a) VALUES (1)", retry=QUICK)
    job.result(retry=QUICK)
    assert client.get_table("d.t").num_rows == 1
    stub.faults.add(Fault(operation="jobs.query", cut="after", table="d.t"))
    client.query_and_wait("INSERT INTO d.t (a) VALUES (1)", retry=QUICK)
    assert client.get_table("d.t").num_rows == 2
    assert [one.type for one in stub.queries()] == ["CREATE_TABLE", "INSERT", "INSERT"]


def test_a_job_that_fails_is_made_anew_by_the_client(stub, client):
    client.query_and_wait("CREATE TABLE d.t (a INT64)")
    stub.faults.add(
        Fault(operation="jobs.insert", reason="rateLimitExceeded", polls=1, table="d.t")
    )
    retry = Retry(initial=0.01, maximum=0.02, timeout=20, predicate=lambda _: True)
    client.query("INSERT INTO d.t (a) VALUES (1)", job_retry=retry).result()
    assert client.get_table("d.t").num_rows == 1
    assert [one.reason for one in stub.queries()] == ["", "jobRateLimitExceeded", ""]


def test_what_the_client_survived_is_no_incident(stub, client):
    start = time.time()
    stub.faults.add(Fault(operation="jobs.query", times=2))
    client.query_and_wait("SELECT 1", retry=QUICK)
    assert stub.incidents(start) == []
    stub.faults.add(Fault(operation="jobs.query"))
    with pytest.raises(ServiceUnavailable):
        client.query_and_wait("SELECT 2", retry=None, job_retry=None)
    assert [one.detail for one in stub.incidents(start)] == ["SELECT 2"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(operation="*", reason=""), "delay or a cut"),
        (Fault(operation="*", cut="maybe"), "'before' or 'after'"),
        (Fault(operation="*", after=-1), "at least"),
        (Fault(operation="*", delay=-1), "at least"),
        (Fault(operation="*", table="t"), "dataset.table"),
        (Fault(operation="jobs.insert", polls=1, reason="", delay=1), "needs a reason"),
        (Fault(operation="jobs.insert", polls=1, cut="after"), "not cut"),
    ],
)
def test_a_fault_that_means_nothing(stub, fault, said):
    with pytest.raises(ValueError, match=said):
        stub.faults.add(fault)
    assert stub.faults.account() == ()
