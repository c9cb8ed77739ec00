"""What is at the edges of the engine: nothing to run for, no end, products, walls and kills."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from harness.report.junit import of_run
from harness.running.asked import Asked

PROJECTS = Path(__file__).parents[2] / "projects"


def codes(run):
    return [(one.code, one.pipeline, one.block) for one in run.problems]


def test_a_dynamic_block_without_items_is_told_where_mage_runs_a_child_without_input(sessions):
    run = sessions("entry_dynamic").run("entry_dynamic", asked=Asked(variables={"zones": 0}))
    assert ("dynamic-empty", "entry_dynamic", "each") in codes(run)
    (_, facts), *_ = of_run(run)
    told = json.loads(facts)
    assert (told["entry"], told["entry_why"]) == ("engine", "items is a dynamic block")


@pytest.mark.slow
def test_a_global_data_product_runs_its_pipeline(sessions):
    run = sessions("entry_triggers").run("product")
    run.require_success()
    assert [(one.pipeline, one.block("rows").rows_out) for one in run.triggered] == [("child", 1)]


@pytest.mark.slow
def test_a_pipeline_that_triggers_itself_for_ever_is_stopped_at_once_and_named(sessions):
    run = sessions("entry_triggers").run("itself")
    assert len(run.triggered) == 0
    assert "itself triggers itself with the same variables" in run.problems[-1].message
    assert "itself > itself" in run.problems[-1].message


@pytest.mark.slow
@pytest.mark.parametrize("entry", ["pipeline", "blocks"])
def test_a_trigger_without_the_engine_says_the_line_to_write(sessions, entry):
    asked = Asked(entry=entry, variables={"rows": 1})
    (problem,) = sessions("entry_triggers").run("parent", asked=asked).problems
    assert '"parent" = "engine"' in problem.message


@pytest.mark.slow
@pytest.mark.parametrize("entry", ["engine", "blocks"])
def test_a_kill_between_two_blocks_is_one(sessions, entry):
    run = sessions("entry_addons").run("entry_addons", asked=Asked(entry=entry, killed_after=1))
    assert run.process.exit_status == -signal.SIGKILL
    ended = [event["block"] for event in run.process.events if event["event"] == "block_end"]
    assert ended == ["load"]
    assert not run.ok


@pytest.mark.slow
@pytest.mark.parametrize("entry", ["pipeline", "blocks", "engine"])
def test_each_entry_tells_the_same_moment(sessions, entry):
    asked = Asked(entry=entry, at="2021-02-01T05:00Z")
    run = sessions("entry_moment").run("entry_moment", asked=asked)
    run.require_success()
    assert run.output("moment").to_pylist() == [{"told": "2021-02-01T05:00:00+00:00"}]
