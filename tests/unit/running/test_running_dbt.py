"""What is made of the events that the tap writes of dbt's calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.project.reader import read_project
from harness.running.block_run import BlockRun
from harness.running.dbt import dbt_nodes
from harness.running.notes import notes
from harness.running.result import ProcessResult
from harness.running.verdict.dbt import problems
from harness.running.verdict.judge import Evidence

PROJECT = Path(__file__).parents[2] / "projects" / "shape_dbt_failing"


def node(name, status, kind="model", **more):
    facts = {"id": name, "relation": f"main.{name}", "file": f"models/{name}.sql", "message": ""}
    counts = {"rows": None, "failures": None, "seconds": 0.1}
    return {"name": name, "kind": kind, "status": status, **facts, **counts, **more}


def call(command, *nodes, block="misspelt", **more):
    facts = {"success": True, "error": "", "unmatched": [], "ephemeral": False, "selected": "x"}
    where = {"block": block, "line": None, "project": "dbt/shop", "at": 1.0}
    return {"event": "dbt", "command": command, "nodes": list(nodes), **where, **facts, **more}


@pytest.fixture
def judged():
    def judged(*events):
        project = read_project(PROJECT)
        pipeline = project.pipeline("failing")
        process = ProcessResult(
            exit_status=0,
            timed_out=False,
            began=0.0,
            seconds=2.0,
            stdout=Path("out"),
            stderr=Path("err"),
            events=events,
        )
        runs = tuple(
            BlockRun(uuid=block.uuid, began=0.0, ended=1.5) for block in pipeline.blocks[:1]
        ) + tuple(BlockRun(uuid=block.uuid) for block in pipeline.blocks[1:])
        evidence = Evidence(project=project, pipeline=pipeline, process=process, blocks=runs)
        return [(one.code, one.block, one.file) for one in problems(evidence)]

    return judged


def test_a_sound_call_and_what_is_no_run_of_models_are_no_problems(judged):
    refused = call("deps", success=False, error="No such option: --select")
    assert judged(call("build", node("orders", "success")), refused, call("show"), call("ls")) == []


@pytest.mark.parametrize("command", ["build", "run", "seed", "snapshot", "test"])
def test_a_call_that_came_to_nothing(judged, command):
    assert judged(call(command)) == [("dbt-nothing-selected", "misspelt", "dbts/misspelt.yaml")]
    assert judged(call(command, ephemeral=True)) == []


def test_each_model_and_test_that_failed_and_none_that_was_skipped(judged):
    failed = [
        node("orders", "error"),
        node("late", "skipped"),
        node("unique", "fail", kind="test", file="tests/unique.sql"),
        node("warns", "warn", kind="test"),
    ]
    assert judged(call("build", *failed, success=False)) == [
        ("dbt-model-failed", "misspelt", "dbt/shop/models/orders.sql"),
        ("dbt-test-failed", "misspelt", "dbt/shop/tests/unique.sql"),
    ]


def test_a_call_that_failed_as_a_whole_also_where_mage_goes_on(judged):
    assert judged(call("seed", success=False, error="Parsing Error\n  in x.yml")) == [
        ("dbt-failed", "misspelt", "dbts/misspelt.yaml")
    ]
    assert judged(call("deps", success=False, error="Could not reach hub")) == [
        ("dbt-packages-missing", "misspelt", "dbts/misspelt.yaml")
    ]


def test_a_program_is_of_the_block_that_ran_at_the_time(judged):
    ((code, block, _),) = judged(call("run", node("orders", "error"), block=""))
    assert (code, block) == ("dbt-model-failed", "misspelt")


def test_notes_and_facts_of_a_run():
    events = [
        call(
            "build",
            node("orders", "success", rows=0),
            node("daily", "success", rows=2),
            node("unique", "warn", kind="test", rows=1, message="Got 1 result"),
            unmatched=["custmers"],
        ),
        call("show", node("orders", "success", rows=9)),
        {**call("deps"), "event": "dbt_packages_kept"},
    ]
    assert notes(events) == [
        "dbt's tests that only warn: unique (got 1 result)",
        "dbt wrote no rows to main.orders",
        "nothing of the dbt project matches custmers",
        "dbt's packages are those that lie in dbt/shop",
    ]
    assert [(one.name, one.rows) for one in dbt_nodes(events)] == [
        ("orders", 0),
        ("daily", 2),
        ("unique", None),
    ]
