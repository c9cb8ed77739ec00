"""The silent successes of `mage run`, the ways to hang and a real success, each told apart."""

from __future__ import annotations

import signal
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from harness.project.lint import lint
from harness.project.reader import read_project
from harness.running.asked import Asked
from harness.running.result import PipelineRun
from harness.running.session import Session
from harness.running.verdict.ending import COMPLETED_LINE
from harness.services.stack import Stack
from tests.patience import patiently

PROJECTS = Path(__file__).parents[2] / "projects"
CASES = sorted(path.parent.name for path in PROJECTS.glob("*/case.yaml"))
SEEN_BEFORE_RUNNING = {
    "edge_one_sided": "edge-one-sided",
    "unguarded_test": "test-not-collected",
    "upstream_misspelt": "upstream-unknown",
    "sql_unknown_provider": "provider-unknown",
    "no_blocks": "no-blocks",
    "markdown_root": "root-not-executable",
    "unknown_type": "pipeline-type-unknown",
    "generator": "output-generator",
}


def case_of(name: str) -> dict[str, Any]:
    return YAML(typ="safe").load(PROJECTS / name / "case.yaml")


@pytest.fixture(scope="module")
def stack(mage_settings):
    with Stack(mage_settings) as stack:
        yield stack


def run(name: str, mage_settings, stack, *, accept=()) -> PipelineRun:
    case = case_of(name)
    arguments = list(case["arguments"])
    if "--test" in arguments:
        arguments.remove("--test")
    block = None
    if "--block-uuid" in arguments:
        at = arguments.index("--block-uuid")
        block = arguments[at + 1]
        del arguments[at : at + 2]
    stack.reset()
    settings = mage_settings.model_copy(
        update={"project": PROJECTS / name, "accept": {name: accept}}
    )
    session = Session(settings, stack=stack)
    (pipeline,) = session.project.pipelines
    asked = Asked(
        block=block,
        # What a whole-pipeline run does in silence is what these are about.
        entry="pipeline" if block is None else None,
        arguments=tuple(arguments),
    )
    once = partial(session.run, pipeline.uuid, asked=asked)
    if case["hangs"]:
        return patiently(
            lambda deadline: session.run(pipeline.uuid, asked=replace(asked, deadline=deadline)),
            until=lambda run: [one.line for one in run.problems] == [case["expected"]["line"]],
            least=6.0,
        )
    result = once()
    if result.process.exit_status == -signal.SIGABRT:
        # Once in some hundred runs Mage 0.9.80 is aborted in the very end of its interpreter,
        # after all of its work; the harness rightly calls that no success.
        assert not result.ok
        stack.reset()
        result = once()
    return result


def test_every_case_is_there() -> None:
    """Each fact of the list has a project; some have two, since they come in two ways."""
    facts = {
        1: {"edge_one_sided"},
        2: {"sensor_skipped"},
        3: {"runtime_vars_invalid"},
        4: {"failing_test"},
        5: {"unguarded_test", "generator_as_check"},
        6: {"sys_exit_zero", "os_exit_zero"},
        7: {"returns_none", "custom_forgets"},
        8: {"generator", "generator_object", "output_lost"},
        9: {"upstream_misspelt"},
        10: {"no_blocks"},
        11: {"markdown_root"},
        12: {"unknown_type"},
        13: {"sql_unknown_provider"},
        14: {"gcs_missing_object"},
        15: {"bigquery_bad_sql", "bigquery_swallowed", "rows_refused"},
        16: {"postgres_no_commit", "rolled_back"},
        17: {"block_without_upstream_data", "condition_false"},
        18: {"condition_skipped", "callback_skipped"},
        "hangs": {"hang_stop_iteration", "hang_sensor"},
        "swallowed": {"leaves_the_machine", "connection_fails", "thread_fails"},
        "sound": {"success", "sound_but_odd", "errors_reckoned_with"},
    }
    assert set().union(*facts.values()) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_verdict_tells_it_apart(name: str, mage_settings, stack) -> None:
    case = case_of(name)
    result = run(name, mage_settings, stack)

    # The harness asks for the blocks' tests; that alone turns a failing one into status 1.
    if not case["hangs"] and name != "failing_test":
        assert result.process.exit_status == case["exit_status"]
        assert (COMPLETED_LINE in result.stdout) == case["completed_line"]
    if case["expected"] is None:
        result.require_success()
        return
    expected = case["expected"]
    (problem,) = [one for one in result.problems if one.code == expected["code"]]
    assert (problem.pipeline, problem.block, problem.file) == (
        name,
        expected["block"],
        expected["file"],
    )
    if expected["line"] is not None:
        assert problem.line == expected["line"]
    assert list(result.problems) == [problem], "one fault, one problem"


@pytest.mark.parametrize(("name", "code"), SEEN_BEFORE_RUNNING.items())
def test_what_can_be_seen_before_running_is_seen_by_the_lint(name: str, code: str) -> None:
    (problem,) = lint(read_project(PROJECTS / name))
    expected = case_of(name)["expected"]
    assert (problem.code, problem.block, problem.file) == (
        code,
        expected["block"],
        expected["file"],
    )
    assert problem.line is not None


def test_the_lint_finds_nothing_in_a_sound_project() -> None:
    assert lint(read_project(PROJECTS / "success")) == []


def test_a_problem_that_the_settings_accept_is_kept_apart(mage_settings, stack) -> None:
    result = run("callback_skipped", mage_settings, stack, accept=("callback-skipped",))
    result.require_success()
    assert [problem.code for problem in result.accepted] == ["callback-skipped"]
