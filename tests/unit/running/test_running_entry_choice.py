"""By which entry a pipeline runs, and what each refuses before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import InputError
from harness.project.reader import read_project
from harness.running.asked import NOTHING, Asked
from harness.running.entry.choice import choose

PROJECTS = Path(__file__).parents[2] / "projects"


def chosen(name, pipeline, *, asked=NOTHING, settled=None):
    project = read_project(PROJECTS / name)
    return choose(project, project.pipeline(pipeline), asked=asked, settled=settled)


@pytest.mark.parametrize(
    ("name", "pipeline", "why"),
    [
        ("entry_dynamic", "entry_dynamic", "items is a dynamic block"),
        (
            "entry_addons",
            "entry_addons",
            "keep has a condition; flaky has a callback; flaky is retried",
        ),
        ("entry_triggers", "parent", "start triggers a pipeline"),
        (
            "entry_triggers",
            "product",
            "rows_product is a global data product, which triggers a pipeline",
        ),
    ],
)
def test_what_needs_the_engine_gets_it_and_a_reason(name, pipeline, why):
    choice = chosen(name, pipeline)
    assert (choice.entry, choice.why, choice.note) == ("engine", why, True)


def test_what_does_not_runs_as_one_mage_run():
    assert chosen("entry_triggers", "child").entry == "pipeline"


def test_the_settings_are_beaten_by_what_is_asked_for():
    settled = chosen("entry_dynamic", "entry_dynamic", settled="blocks")
    asked = chosen("entry_dynamic", "entry_dynamic", settled="blocks", asked=Asked(entry="engine"))
    assert (settled.entry, asked.entry) == ("blocks", "engine")


@pytest.mark.parametrize("entry", ["blocks", "engine"])
def test_skip_sensors_is_refused_where_mage_does_not_heed_it(entry):
    asked = Asked(entry=entry, arguments=("--skip-sensors",))
    with pytest.raises(InputError, match="has no effect"):
        chosen("entry_triggers", "child", asked=asked)


@pytest.mark.parametrize("kind", ["integration", "streaming", "pyspark"])
@pytest.mark.parametrize("entry", [None, "pipeline", "blocks", "engine"])
def test_types_that_mage_run_does_not_run_are_refused(tmp_path, kind, entry):
    folder = tmp_path / "pipelines" / "other"
    folder.mkdir(parents=True)
    (tmp_path / "metadata.yaml").write_text("project_type: standalone\n")
    (folder / "metadata.yaml").write_text(f"uuid: other\nname: other\ntype: {kind}\nblocks: []\n")
    with pytest.raises(InputError, match="is not supported yet") as refused:
        chosen(tmp_path, "other", asked=Asked(entry=entry))
    assert f"a pipeline of type {kind} is not supported yet, because" in str(refused.value)


def test_an_entry_that_is_none_is_refused_from_the_settings_too():
    with pytest.raises(InputError, match="there is no entry 'whole'"):
        chosen("entry_triggers", "child", settled="whole")
