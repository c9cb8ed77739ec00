"""The clock of Mage's machine jumps within a run: forth, as after a sleep, or back, as when it is
set right. Nothing of what the shipped pipelines do is by the time of the day."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from harness.faults.declared import Faults
from harness.running.session import Session

BUCKET = "harness-project-yellowtaxi-bucket"
MONTH = {"year": 2021, "month": 1}
ROWS = 9110
FACTS = Path(__file__).parents[3] / "fixtures" / "http" / "green_taxi_etl" / "facts.json"
PROJECT = Path(__file__).parents[2] / "projects" / "clock_jumps"
DAY = 86_400
_BUSY = 3_600.0
"""Seconds that a run on a busy machine may take."""


@pytest.fixture
def session(mage_settings, mage_world):
    settings = mage_settings.model_copy(update={"project": PROJECT, "needs": {}, "env": {}})
    return Session(settings, stack=mage_world.stack)


def came(run):
    return [(one["service"], one["what"], one["block"], one["call"]) for one in run.faults]


@pytest.mark.parametrize("at", [None, "2021-02-01T05:00Z"])
@pytest.mark.mage_at
def test_blocks_and_their_programs_have_the_time_after_a_jump(session, at):
    from harness.running.asked import Asked

    with Faults(session) as faults:
        faults.clock("+2d", "second")
        faults.clock("-3d", "third", at="block_input")
        run = session.run("jumps", asked=Asked(at=at))
        faults.require_met()

    assert run.problems == ()
    assert came(run) == [
        ("clock", "+2d", "second", "block_start"),
        ("clock", "-3d", "third", "block_input"),
    ]
    first, second, third = (
        run.output(name).to_pylist()[0] for name in ("first", "second", "third")
    )
    for name in ("python", "program", "written"):
        assert 0 <= second[name] - first[name] - 2 * DAY < _BUSY
        assert -_BUSY < first[name] - DAY - third[name] <= 1
    # A file that is older than a jump keeps the time that it had.
    assert second["old"] == third["old"] == first["written"]
    assert 0 <= second["measured"] - first["measured"] < _BUSY
    # The harness's own times are the real ones.
    for event in run.process.events:
        assert abs(event["at"] - time.time()) < _BUSY


@pytest.mark.slow
def test_a_jump_lasts_for_the_processes_that_come_later(session):
    from harness.running.asked import Asked

    with Faults(session) as faults:
        faults.clock("+2d", "second")
        run = session.run("jumps", asked=Asked(entry="blocks"))
        faults.require_met()

    first, third = (run.output(name).to_pylist()[0] for name in ("first", "third"))
    assert 0 <= third["python"] - first["python"] - 2 * DAY < _BUSY


@pytest.mark.parametrize("by", ["+1d", "-1d"])
def test_a_month_arrives_in_postgresql_whatever_the_clock_does(mage, expect, faults, by):
    faults.clock(by, block="taxi_data_to_postgres")

    run = mage.run("api_to_postgres", variables=MONTH)

    assert came(run) == [("clock", by, "taxi_data_to_postgres", "block_start")]
    expect.table("ny_taxi.yellow_cab_data").rows(ROWS)


@pytest.mark.slow
@pytest.mark.parametrize("by", ["+1d", "-1d"])
def test_months_arrive_in_google_s_services_whatever_the_clock_does(mage, expect, faults, by):
    faults.clock(by, block="taxi_data_to_gcs_partitioned")
    faults.clock(by, block="taxi_data_to_gcs", at="block_input")
    mage.run("api_to_gcs", variables=MONTH)
    expect.objects(BUCKET, "nyc_taxi_data.parquet").rows(ROWS)
    expect.objects(BUCKET, "nyc_taxi_data/").rows(ROWS)

    faults.clock(by, block="load_gcs_data", at="block_input")
    faults.clock(by, block="taxi_data_to_bigquery")
    mage.run("gcs_to_bigquery")
    expect.bigquery("ny_taxi.yellow_cab_data").rows(ROWS)


@pytest.mark.slow
@pytest.mark.parametrize("by", ["+1d", "-1d"])
def test_green_trips_arrive_whatever_the_clock_does(mage, expect, faults, by):
    kept = json.loads(FACTS.read_text("utf-8"))["rows_kept"]
    faults.clock(by, block="green_taxi_data_to_gcs_partitioned")

    mage.run("green_taxi_etl")

    expect.table("mage.green_taxi").rows(kept)
    expect.objects(BUCKET, "green_taxi/").rows(kept)
