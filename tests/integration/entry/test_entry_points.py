"""Which entry runs what, and that the entries that run the same leave the same data."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import InputError
from harness.running.asked import Asked

PROJECTS = Path(__file__).parents[2] / "projects"


def statuses(run):
    return {block.uuid: block.status for block in run.blocks}


def test_a_dynamic_block_is_run_by_the_engine_each_child_with_its_test(sessions):
    run = sessions("entry_dynamic").run("entry_dynamic")
    run.require_success()
    assert (run.entry, run.entry_why) == ("engine", "items is a dynamic block")
    each = run.block("each")
    assert (each.children, each.rows_out, len(each.tests)) == (3, 6, 3)


def test_a_triggered_pipeline_is_run_and_judged_with_the_one_that_triggers_it(sessions):
    run = sessions("entry_triggers").run("parent", asked=Asked(variables={"rows": -1}))
    (child,) = run.triggered
    assert (child.pipeline, child.entry, child.ok) == ("child", "trigger", False)
    found = [(one.pipeline, one.code, one.block) for one in run.problems]
    assert ("child", "block-failed", "rows") in found


@pytest.mark.slow
def test_the_engine_and_the_blocks_one_by_one_leave_the_same_data(sessions):
    session = sessions("entry_addons")
    tables = []
    for entry in ("engine", "blocks"):
        run = session.run("entry_addons", asked=Asked(entry=entry))
        run.require_success()
        assert (run.entry, run.block("flaky").attempts) == (entry, 2)
        tables.append(run.output("flaky"))
    assert tables[0].equals(tables[1])


@pytest.mark.slow
@pytest.mark.parametrize("entry", ["engine", "blocks"])
def test_a_false_condition_passes_over_its_block_and_those_below(sessions, entry):
    asked = Asked(entry=entry, variables={"wanted": False})
    run = sessions("entry_addons").run("entry_addons", asked=asked)
    run.require_success()
    assert statuses(run) == {"load": "completed", "keep": "skipped", "flaky": "skipped"}
    assert run.block("keep").skipped == "its condition wanted was false"


@pytest.mark.slow
def test_retries_that_do_not_help_are_counted_and_fail(sessions):
    run = sessions("entry_addons").run("entry_addons", asked=Asked(variables={"succeeds_at": 9}))
    (problem,) = run.problems
    assert (problem.code, problem.block, problem.line) == ("block-failed", "flaky", 8)
    assert run.block("flaky").attempts == 3


def test_one_block_alone_cannot_go_by_the_engine(sessions):
    with pytest.raises(InputError, match="cannot be run by the entry engine"):
        sessions("entry_addons").run("entry_addons", asked=Asked(block="load", entry="engine"))
