"""Secrets, dates, loggers and waits, as a run by a trigger has them."""

from __future__ import annotations

import shutil

import pytest

from harness.errors import ProjectError
from harness.project.reader import read_project
from harness.project.unset import unset_error, unset_variables
from tests.integration.any_project.conftest import PROJECTS

SECRETS = {"api_token": "throw-away", "gcp": "{key_json}"}


@pytest.fixture(scope="module")
def values(run):
    done = run("any_values", "values", secrets=SECRETS, sleep="short")
    done.require_success()
    return done


def test_a_block_gets_secrets_a_date_a_logger_and_its_variables(values, stack):
    assert stack.postgres.describe("public.values_written").rows == 1
    assert '"message": "the values"' in values.stderr
    assert '"threshold": 7' in values.stderr


def test_waits_of_blocks_and_sensors_are_short_on_request(values):
    assert values.block("wait").polls == 3


@pytest.mark.slow
def test_an_unknown_secret_is_a_problem_with_the_line_to_write(run):
    (problem,) = run("any_values", "unset").problems
    assert (problem.code, problem.block, problem.line) == ("secret-unset", "asks_for_nothing", 9)
    assert 'not_there = "..."' in problem.message


def test_an_unknown_secret_of_a_profile_is_told_before_the_run(tmp_path):
    project = tmp_path / "any_values"
    shutil.copytree(PROJECTS / "any_values", project)
    read = read_project(project)

    found = unset_variables(
        read,
        read.pipeline("values"),
        overlaid={"POSTGRES_HOST": "x"},
        environment=(),
        secrets=["pg_user"],
    )

    assert [(one.variable, one.secret, one.line) for one in found] == [("pg_password", True, 6)]
    with pytest.raises(ProjectError, match="needs variables that are not set: pg_password") as told:
        raise unset_error("values", found)
    assert 'under [tool.mage-harness.secrets]: pg_password = "..."' in str(told.value)
