"""The lint says what a run would do, by the entry that it would take."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.project.reader import read_project
from harness.running.entry.foreseen import foreseen
from harness.settings import Settings

PROJECTS = Path(__file__).parents[2] / "projects"


def looked_at(name, **settings):
    return foreseen(read_project(PROJECTS / name), pipelines=None, settings=Settings(**settings))


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("entry_dynamic", "entry_dynamic runs by Mage's engine: items is a dynamic block"),
        ("condition_skipped", "condition_skipped runs by Mage's engine: load has a condition"),
    ],
)
def test_what_the_engine_does_is_no_problem(name, note):
    found = looked_at(name)
    assert (found.problems, found.notes) == ((), (note,))


def test_it_is_one_by_an_entry_that_the_settings_name():
    (problem,) = looked_at("entry_dynamic", entry={"entry_dynamic": "pipeline"}).problems
    assert problem.code == "dynamic-block-unsupported"


def test_what_the_settings_accept_is_told_and_does_not_count():
    found = looked_at("generator", accept={"generator": ("output-generator",)})
    assert found.problems == ()
    assert "accepted by the settings: [output-generator]" in found.notes[0]
