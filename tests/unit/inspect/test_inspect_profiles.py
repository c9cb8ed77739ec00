"""Keys of io_config.yaml that the code of a block names."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.inspect.inspection import inspect
from harness.project.reader import read_project

PROJECT = Path(__file__).parents[2] / "projects/public/compose_repository/mage/etl_project"


@pytest.fixture(scope="module")
def bikes():
    project = read_project(PROJECT)
    return inspect(project, project.pipeline("bikes"))


def test_a_schema_that_a_profile_gives_is_a_hole_and_not_left_out(bikes):
    assert [use.name for use in bikes.sinks] == ["{config.config['RAW_SCHEMA']}.rides"]
    assert [one.place for one in bikes.unknown] == ["data_exporters/export_rides.py:18"]


def test_variables_of_keys_that_the_code_names_are_asked_for(bikes):
    asked = [use for use in bikes.of("environment") if use.name == "RAW_SCHEMA"]
    assert [use.place for use in asked] == ["io_config.yaml:80"]
