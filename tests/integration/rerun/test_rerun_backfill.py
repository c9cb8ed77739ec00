"""Pipelines that can be run for any interval and pipelines that cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ExpectationError, InputError
from harness.mage import Mage
from harness.running.session import Session

PROJECT = Path(__file__).parents[2] / "projects" / "run_again"
MONTHS = [{"month": 1}, {"month": 2}, {"month": 3}]


@pytest.fixture
def mage(session):
    return Mage(session)


@pytest.mark.slow
def test_a_pipeline_that_replaces_its_own_month_can_be_run_for_any(mage):
    rounds = mage.backfill("month_by_month", MONTHS, keys={"public.trips": "trip_id"})
    assert [one.how for one in rounds] == [
        "each interval alone",
        "in the given order",
        "in the order month=3, month=1, month=2",
    ]


@pytest.mark.slow
def test_months_that_are_lost_are_told_by_key(mage):
    with pytest.raises(ExpectationError) as told:
        mage.backfill(
            "last_month_only", MONTHS[:2], order="given", keys={"public.trips": "trip_id"}
        )
    message = str(told.value)
    assert "pipeline last_month_only cannot be run for any interval: 1 of 2 checks" in message
    assert "in the given order:" in message
    assert "11" in message
    assert "12" in message


@pytest.mark.slow
def test_a_partition_of_two_months_is_told(mage):
    with pytest.raises(ExpectationError) as told:
        mage.backfill("months_overlap", MONTHS[:2], order="given")
    message = str(told.value)
    assert "GCS dataset lake/trips/: partition month=2 belongs to month=1 (1 row)" in message
    assert "and month=2 (1 row)" in message


@pytest.mark.slow
def test_runs_side_by_side_leave_what_each_leaves_alone(mage):
    rounds = mage.backfill("month_by_month", MONTHS[:2], order="given", side_by_side=2)
    assert rounds[-1].how == "2 at a time"


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"order": "backwards"}, "'backwards' is no order"),
        ({"over": MONTHS[:1]}, "at least two intervals, and 1 is given"),
        ({"side_by_side": 0}, "0 runs at a time are none"),
    ],
)
def test_what_is_no_backfill_is_refused(mage, plan, words):
    with pytest.raises(InputError, match=words):
        mage.backfill("month_by_month", **{"over": MONTHS, **plan})


@pytest.mark.slow
def test_a_sink_with_rows_of_a_seed_is_refused(mage_settings, stack, tmp_path):
    folder = tmp_path / "seeds" / "postgres"
    folder.mkdir(parents=True)
    (folder / "public.trips.sql").write_text(
        "CREATE TABLE public.trips (trip_id bigint, month bigint);"
        "INSERT INTO public.trips VALUES (1, 0);"
    )
    settings = mage_settings.model_copy(update={"project": PROJECT, "fixtures": tmp_path})
    with pytest.raises(InputError, match=r"public\.trips has rows of a seed"):
        Mage(Session(settings, stack=stack)).backfill("month_by_month", MONTHS)


@pytest.mark.slow
def test_a_sink_that_is_not_written_is_refused(mage):
    with pytest.raises(InputError, match=r"wrote no sink public\.trip\n"):
        mage.backfill("month_by_month", MONTHS, order="given", keys={"public.trip": "trip_id"})
