"""A block that goes on as if nothing were wrong, beside one that calls from another program."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.faults.declared import Faults
from harness.running.session import Session

PROJECT = Path(__file__).parents[2] / "projects" / "in_trouble"


@pytest.fixture
def session(mage_settings, mage_world):
    settings = mage_settings.model_copy(update={"project": PROJECT})
    return Session(settings, stack=mage_world.stack)


def test_an_upload_that_is_lost_in_silence_is_a_problem(session, gcs):
    with Faults(session) as faults:
        faults.gcs(503, block="goes_on", containing="POST /upload/", after=1)
        run = session.run("in_trouble")
        faults.require_met()

    (problem,) = run.problems
    assert (problem.code, problem.block) == ("fault-not-retried", "goes_on")
    assert "it follows a declared fault: gcs 503 (1 time)" in problem.message
    assert [sink.name for sink in gcs.inventory()] == [
        *(f"lake/beside/{number}.txt" for number in range(3)),
        *("lake/goes_on/0.txt", "lake/goes_on/2.txt"),
    ]


def test_what_a_program_of_a_block_asks_for_is_the_block_s(session, gcs):
    with Faults(session) as faults:
        faults.gcs("reset", block="beside", containing="POST /upload/", times=2)
        run = session.run("in_trouble")
        faults.require_met()

    assert run.problems == ()
    assert [one["block"] for one in run.faults] == ["beside", "beside"]
    assert len(gcs.inventory()) == 6
    assert session.stack.gates == {}


@pytest.mark.slow
def test_s3_is_in_trouble_too(mage_settings, mage_world):
    project = mage_settings.model_copy(update={"project": PROJECT.parent / "any_s3"})
    session = Session(project, stack=mage_world.stack)

    with Faults(session) as faults:
        faults.s3(503, block="uploads")
        run = session.run("swallowed")
        faults.require_met()

    assert [(one["service"], one["what"], one["block"]) for one in run.faults] == [
        ("s3", "503", "uploads")
    ]
