"""Commands that run several pipelines, or one again: the next run has begun before it is due."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from harness.cli.output import Output
from harness.cli.suite import run_all
from harness.report.terminal import RunProgress
from harness.running.session import Session

PROJECTS = Path(__file__).parents[2] / "projects"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm runs are Linux's only")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the pipelines ``success`` and ``second``, which are alike."""
    project = tmp_path / "success"
    shutil.copytree(PROJECTS / "success", project)
    shutil.copytree(project / "pipelines" / "success", project / "pipelines" / "second")
    return project


@pytest.fixture
def told() -> list[str]:
    """The lines that the session has told."""
    return []


@pytest.fixture
def session(mage_settings, project, told):
    settings = mage_settings.model_copy(
        update={"project": project, "runner": "warm", "needs": {}, "env": {}, "env_file": None}
    )
    with Session(settings, progress=told.append) as session:
        yield session


def test_the_second_pipeline_of_a_command_had_begun(session) -> None:
    progress = RunProgress(Output(), moving=False)
    report = run_all(session, ["success", "second"], variables={}, progress=progress)
    assert [one.uuid for one in report.pipelines if one.ok] == ["success", "second"]
    ahead = session.runner.ahead
    assert (ahead.taken, ahead.missed) == (1, 0)
    assert ahead.drop() is None, "no run begins after the last one"
    assert not session.expecting


def test_what_is_saved_is_in_the_run_that_had_begun(session, project) -> None:
    session.expecting = True
    assert session.run("success").blocks[0].rows_out == 3
    loader = project / "data_loaders" / "load.py"
    text = loader.read_text("utf-8")
    assert text.count("[1, 2, 3]") == text.count("len(output) == 3") == 1
    loader.write_text(text.replace("[1, 2, 3]", "[1, 2]").replace("== 3", "== 2"), "utf-8")
    shutil.copytree(project / "pipelines" / "second", project / "pipelines" / "third")
    session.read_again()
    session.reset()
    assert session.run("third").blocks[0].rows_out == 2
    assert (session.runner.ahead.taken, session.runner.ahead.missed) == (1, 0)


def test_source_that_is_edited_between_two_runs_is_looked_at_again(session, project, told) -> None:
    loader = project / "data_loaders" / "load.py"
    text, found = loader.read_text("utf-8"), []
    for asked in ("", "import os\n\nZONE = os.getenv('ZONE')\n", ""):
        loader.write_text(f"{asked}{text}", "utf-8")
        told.clear()
        assert session.run("success").ok
        found.append([line for line in told if "ZONE" in line])
    assert [len(lines) for lines in found] == [0, 1, 0]


def test_the_next_run_begins_while_this_one_is_under_way(session) -> None:
    session.expecting = True
    begun: list[bool] = []

    def told(_event) -> None:
        begun.append(session.runner.ahead.has_begun)

    assert session.run("success", on_event=told).ok
    assert (begun[0], begun[-1]) == (False, True)
    begun.clear()
    assert session.run("second", on_event=told).ok
    ahead = session.runner.ahead
    assert (begun[0], begun[-1], ahead.taken, ahead.missed) == (False, True, 1, 0)
