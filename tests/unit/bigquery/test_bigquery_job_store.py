"""The store of jobs under many threads: requests done once, jobs cancelled and deleted once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from harness.bigquery.catalog import Catalog
from harness.bigquery.database import Database
from harness.bigquery.errors import ApiError
from harness.bigquery.jobs import jobs
from harness.bigquery.jobs.job import Job
from harness.bigquery.jobs.jobs import JobStore
from harness.bigquery.jobs.requests import Requests

JOB = Job(
    project="p",
    id="j",
    location="US",
    configuration={"query": {"query": "SELECT 1"}},
    created=1,
    ended=1,
)
SELECT = {"configuration": {"query": {"query": "SELECT 1 AS a", "useLegacySql": False}}}


@pytest.fixture
def store():
    database = Database()
    yield JobStore(Catalog(database, location="US"), gcs_endpoint=None)
    database.close()


def test_the_same_request_meanwhile_waits_for_the_first():
    requests, begun, go_on, made = Requests(), threading.Event(), threading.Event(), []

    def make():
        made.append(1)
        begun.set()
        assert go_on.wait(60)
        return JOB

    def call():
        return requests.once(("p", "r"), make=make, find={"j": JOB}.get)

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(call)
        assert begun.wait(60)
        others = [pool.submit(call), pool.submit(call)]
        with pytest.raises(TimeoutError):
            others[0].result(0.1)
        # Another request does not wait.
        assert requests.once(("p", "s"), make=lambda: JOB, find={}.get) is JOB
        go_on.set()
        assert [one.result(10) for one in (first, *others)] == [JOB] * 3
    assert made == [1]


def test_a_request_that_was_refused_is_done_by_who_waits():
    requests, begun, go_on = Requests(), threading.Event(), threading.Event()

    def refuse():
        begun.set()
        assert go_on.wait(60)
        raise ApiError("invalid", "refused")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(requests.once, ("p", "r"), make=refuse, find={}.get)
        assert begun.wait(60)
        second = pool.submit(requests.once, ("p", "r"), make=lambda: JOB, find={}.get)
        go_on.set()
        with pytest.raises(ApiError, match="refused"):
            first.result(10)
        assert second.result(10) is JOB


def test_a_request_whose_job_is_gone_is_done_anew(store):
    assert store.once("p", "r", lambda: JOB) is JOB
    other = replace(JOB, id="k")
    assert store.once("p", "r", lambda: other) is other
    store.add(other)
    assert store.once("p", "r", lambda: JOB) == other
    store.remove("p", "k")
    assert store.once("p", "r", lambda: JOB) is JOB


def test_a_job_that_was_cancelled_stays_so_whoever_looks(store):
    for number in range(20):
        store.add(replace(JOB, id=str(number), pending=1_000_000))
        with ThreadPoolExecutor(4) as pool:
            looks = [pool.submit(store.look, "p", str(number)) for _ in range(50)]
            pool.submit(store.cancel, "p", str(number)).result()
            seen = [one.result() for one in looks]
        assert len(seen) == 50
        job = store.get("p", str(number))
        assert job.error is not None
        assert (job.pending, job.error.reason) == (0, "stopped")


def test_each_look_counts(store):
    store.add(replace(JOB, pending=200))
    with ThreadPoolExecutor(8) as pool:
        seen = [one.pending for one in pool.map(lambda _: store.look("p", "j"), range(200))]
    assert sorted(seen) == list(range(1, 201))


def test_the_second_of_two_deletes_finds_none(store):
    def delete(_):
        try:
            store.remove("p", "j")
        except ApiError as error:
            return error.reason
        return "deleted"

    for _ in range(20):
        store.add(JOB)
        with ThreadPoolExecutor(4) as pool:
            told = sorted(pool.map(delete, range(4)))
        assert told == ["deleted", "notFound", "notFound", "notFound"]


def test_an_old_answer_that_a_client_deleted_fails_no_query(store, monkeypatch):
    monkeypatch.setattr(jobs, "_KEPT_RESULTS", 2)
    made = [store.insert("p", SELECT) for _ in range(2)]
    store.catalog.remove_table(made[0].result.ref)
    made += [store.insert("p", SELECT) for _ in range(2)]
    assert [job.error for job in made] == [None] * 4
    there = [store.catalog.find_table(job.result.ref) is not None for job in made]
    assert there == [False, False, True, True]
