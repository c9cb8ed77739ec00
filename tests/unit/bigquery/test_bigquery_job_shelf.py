"""Jobs that are packed come out as they went in."""

from __future__ import annotations

import gc
import sys
from dataclasses import replace

import pytest

from harness.bigquery.entries import Table, TableRef
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.jobs.job import Job
from harness.bigquery.jobs.job_shelf import JobShelf
from harness.bigquery.partitions.partition_spec import partitioning_from_rest
from harness.bigquery.types import Field

FIELDS = (Field(name="a", type="DATE"),)
JOB = Job(
    project="p",
    id="j",
    location="US",
    configuration={"query": {"query": "SELECT 1", "labels": {"a": "b"}}},
    created=1,
    ended=2,
    result=Table(
        ref=TableRef(project="p", dataset="d", table="t"),
        fields=FIELDS,
        rows_in="rows.t_1",
        partitioning=partitioning_from_rest(
            {"timePartitioning": {"type": "DAY", "field": "a"}}, fields=FIELDS
        ),
        created=1,
        modified=1,
    ),
)


@pytest.fixture
def full():
    """A shelf on which ``("p", "j")`` is packed."""
    shelf = JobShelf()

    def make(job):
        shelf["p", "j"] = job
        for number in range(300):
            shelf["p", str(number)] = None
        return shelf

    return make


def test_what_is_packed(full):
    shelf = full(JOB)
    assert shelf["p", "j"] == JOB
    assert len(shelf) == 301
    assert list(shelf)[:2] == [("p", "j"), ("p", "0")]
    assert next(iter(shelf.values())) == JOB
    assert ("p", "none") not in shelf


@pytest.mark.parametrize(
    "error",
    [
        ApiError("notFound", "none", location="x", status=404, details=[{"reason": "invalid"}]),
        UnsupportedError("this", position=(1, 2)),
    ],
)
def test_an_error(full, error):
    found = full(replace(JOB, error=error))["p", "j"].error
    assert (found.body(), found.details) == (error.body(), error.details)


def test_one_that_is_changed_or_removed(full):
    shelf = full(JOB)
    shelf["p", "j"] = replace(JOB, pending=3)
    assert shelf["p", "j"].pending == 3
    assert next(iter(shelf)) == ("p", "j")
    del shelf["p", "j"]
    assert ("p", "j") not in shelf
    with pytest.raises(KeyError):
        shelf["p", "j"]
    shelf.clear()
    assert len(shelf) == 0


def test_the_garbage_collector_has_little_to_look_through():
    shelf = JobShelf()
    for number in range(1_000):
        configuration = {"query": {"query": f"SELECT {number}", "labels": {}}}
        shelf["p", str(number)] = replace(JOB, configuration=configuration)
    gc.collect()
    before = len(gc.get_objects())
    for number in range(1_000, 3_000):
        configuration = {"query": {"query": f"SELECT {number}", "labels": {}}}
        shelf["p", str(number)] = replace(JOB, configuration=configuration)
    gc.collect()
    assert len(gc.get_objects()) - before < 4_000
    assert sum(sys.getsizeof(one) for one in shelf._order.values()) < 3_000 * 1_500
