"""dbt blocks that fail, or do nothing and end well: each is a problem with its place."""

from __future__ import annotations

import pytest

from harness.running.notes import notes

pytestmark = pytest.mark.slow


def problems(done):
    return [(one.code, one.block, one.file) for one in done.problems]


def test_a_selection_of_nothing_and_a_model_that_fails(run):
    done = run("shape_dbt_failing", "failing")
    assert problems(done) == [
        ("dbt-nothing-selected", "misspelt", "dbts/misspelt.yaml"),
        ("dbt-model-failed", "dbt/shop/models/broken", "dbt/shop/models/broken.sql"),
    ]
    nothing, failed = done.problems
    assert "dbt build --select oders" in nothing.message
    assert 'Referenced column "nowhere" not found' in failed.message
    assert "nothing of the dbt project matches custmers" in notes(done.process.events)
    assert done.block("misspelt").status == "completed"
    assert [(one.name, one.status) for one in done.dbt] == [
        ("orders", "success"),
        ("broken", "error"),
    ]


def test_a_test_that_fails_is_no_success(run):
    done = run("shape_dbt_failing", "checked")
    assert problems(done) == [
        ("dbt-test-failed", "checks", "dbt/shop/tests/no_negative_amount.sql")
    ]
    assert "Got 1 result, configured to fail if != 0" in done.problems[0].message


def test_packages_that_are_not_there_and_a_variable_that_nobody_sets_are_told_at_once(run):
    done = run("shape_dbt_failing", "fetching")
    unset, packages = done.problems
    assert (unset.code, unset.file, unset.line) == (
        "dbt-profile-unset",
        "dbt/fetched/profiles.yml",
        6,
    )
    assert 'NOWHERE_PATH = "..." under [tool.mage-harness.env]' in unset.message
    assert packages.code == "dbt-packages-missing"
    assert "run `dbt deps` in dbt/fetched and keep its dbt_packages" in packages.message


def test_a_program_that_fails_is_told_although_its_block_goes_on(run):
    done = run("shape_dbt_failing", "swallowed")
    assert problems(done) == [
        ("dbt-model-failed", "by_program", "dbt/shop/models/broken.sql"),
    ]
    assert done.block("by_program").status == "completed"
    assert [(one.name, one.status) for one in done.dbt] == [
        ("orders", "success"),
        ("broken", "error"),
    ]
