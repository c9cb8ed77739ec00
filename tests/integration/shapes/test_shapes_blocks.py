"""Blocks of each kind and name, what stands beside them, and what would pass in silence."""

from __future__ import annotations

import pytest

from tests.integration.shapes.conftest import codes


@pytest.fixture(scope="module")
def kinds(run):
    done = run("shape_blocks", "kinds")
    done.require_success()
    why = "configured reads what blocks side by side share in a whole-pipeline run"
    assert (done.entry, done.entry_why) == ("engine", why)
    return done


def test_blocks_of_each_kind_run_whatever_their_names(kinds):
    assert {block.uuid: block.rows_out for block in kinds.blocks if block.began} == {
        "Load-Trips": 3,
        "twice": 6,
        "twice_again": 12,
        "north/zones": 3,
        "south/zones": 1,
        "joined": 4,
        "with space": 3,
        "anywhere": 3,
        "configured": 4,
        "act": None,
        "adds": None,
        "ready": None,
    }


def test_what_is_no_code_of_a_pipeline_is_told_as_passed_over(kinds):
    assert {block.uuid: block.skipped for block in kinds.blocks if not block.began} == {
        "pad": "Mage never runs a block of type scratchpad",
        "notes": "Mage never runs a block of type markdown",
    }


def test_metadata_of_old_versions_is_read_as_mage_reads_it(run):
    done = run("shape_blocks", "old")
    assert codes(done) == []
    assert [block.rows_out for block in done.blocks] == [3, 6, 3]


def test_a_pipeline_of_notes_and_scratchpads_alone_is_no_success(run):
    assert codes(run("shape_blocks", "notes_alone")) == [("no-blocks", "")]


def test_a_block_whose_file_is_missing_is_one_problem(run):
    assert codes(run("shape_blocks", "no_file")) == [("file-missing", "absent")]


@pytest.mark.slow
def test_a_block_in_r_says_that_there_is_no_r(run):
    (problem,) = run("shape_blocks", "in_r").problems
    assert (problem.code, problem.block) == ("block-failed", "in_r")
    assert "this block is in R, and there is no R here" in problem.message


@pytest.mark.slow
def test_great_expectations_that_hold_pass_and_that_break_fail(run):
    run("shape_beside", "expectations_hold").require_success()
    (problem,) = run("shape_beside", "expectations_break").problems
    assert (problem.code, problem.block) == ("block-failed", "load")
    assert problem.message == (
        "Expectations from extension breaks for block load failed: "
        "expect_column_values_to_be_between(column='n', min_value=100); "
        "element_count 3, unexpected_count 3, partial_unexpected_list [1, 2, 3]"
    )


@pytest.mark.parametrize(
    ("pipeline", "found"),
    [
        ("expectations_nowhere", ("extension-not-run", "breaks")),
        ("condition_forgets", ("condition-none", "forgets")),
        ("condition_undecorated", ("decorator-missing", "says_nothing")),
    ],
)
def test_what_stands_beside_a_block_and_does_nothing_is_a_problem(run, pipeline, found):
    assert codes(run("shape_beside", pipeline)) == [found]


def test_a_sensor_that_waits_for_a_pipeline_is_answered_by_the_world(run, session):
    (problem,) = run("shape_beside", "waits").problems
    assert "waits for a run of the pipeline before, and there was none" in problem.message
    run("shape_beside", "before").require_success()
    run("shape_beside", "waits").require_success()
    assert session("shape_beside").last_run("waits").block("waits").polls == 1


@pytest.mark.slow
def test_dynamic_blocks_below_dynamic_blocks_and_of_a_frame_run(run):
    done = run("shape_dynamic", "twice")
    done.require_success()
    assert [(block.uuid, block.children) for block in done.blocks] == [
        ("years", 0),
        ("months", 2),
        ("trips", 3),
        ("all", 0),
    ]
    frame = run("shape_dynamic", "of_a_frame")
    frame.require_success()
    assert frame.block("row").children == 3
