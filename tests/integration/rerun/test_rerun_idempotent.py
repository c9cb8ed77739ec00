"""Pipelines that can be run again and pipelines that cannot, each told by what it leaves."""

from __future__ import annotations

import pytest

from harness.errors import ExpectationError, InputError, PipelineFailedError
from harness.rerun.expect import SessionExpect


@pytest.fixture
def expect(session):
    return SessionExpect(session)


def test_rows_that_a_killed_run_has_written_are_there_twice(expect):
    with pytest.raises(ExpectationError) as told:
        expect.idempotent("half_written", keys={"public.trips": "trip_id"})
    message = str(told.value)
    assert "pipeline half_written is not safe to run again: 1 of 3 reruns" in message
    assert "killed after block append_once, and run again:" in message
    assert "run twice" not in message
    assert "Postgres table public.trips" in message
    assert "trip_id" in message


@pytest.mark.slow
def test_a_pipeline_that_replaces_its_rows_is_safe(expect, stack):
    reruns = expect.idempotent("replaces", keys={"public.trips": "trip_id"})
    assert [rerun.how for rerun in reruns] == [
        "run twice",
        "killed after block trips, and run again",
    ]
    assert stack.postgres.query("SELECT 1 AS alive").to_pylist() == [{"alive": 1}]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pipeline", "words"),
    [
        ("appends", "6"),
        ("numbers_on", "load"),
        ("narrows", "bigint became smallint"),
    ],
)
def test_a_second_run_that_leaves_other_data_is_told(expect, pipeline, words):
    with pytest.raises(ExpectationError) as told:
        expect.idempotent(pipeline, keys={"public.trips": "trip_id"}, killed=False)
    message = str(told.value)
    assert "1 of 1 rerun did not leave the data of one run" in message
    assert "run twice:" in message
    assert words in message


@pytest.mark.slow
def test_what_may_differ_is_left_out(expect):
    expect.idempotent(
        "numbers_on", keys={"public.trips": "trip_id"}, ignoring=["load"], killed=False
    )


@pytest.mark.slow
def test_the_key_of_a_sink_that_was_not_written_is_refused(expect):
    with pytest.raises(InputError, match=r"wrote no sink public\.tripz") as told:
        expect.idempotent("replaces", keys={"public.tripz": "trip_id"})
    assert "public.trips" in str(told.value)


@pytest.mark.slow
def test_a_first_run_that_fails_proves_nothing(expect):
    with pytest.raises(PipelineFailedError, match="pipeline breaks did not succeed"):
        expect.idempotent("breaks")
