"""What answers for a run: the last green one, or a revision of git."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import InputError
from harness.moment import moment
from harness.project.reader import read_project
from harness.selection.choosing import Chosen, LeftOut, choose
from harness.selection.green import Green, GreenRuns
from harness.selection.inputs import Inputs
from harness.selection.since import LastGreen, Revision

if TYPE_CHECKING:
    from tests.unit.selection.conftest import Desk

FACTS = {"uuid": "orders", "ok": True}


def green(desk: Any, **given: Any) -> LastGreen:
    settings = desk.settings.model_copy(update=given)
    return LastGreen(read_project(desk.project), settings=settings, given={"--var": {}})


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def test_a_pipeline_is_left_out_until_something_changes(desk: Desk) -> None:
    runs = green(desk)
    assert runs.unchanged("orders") == ("no green run of it is known",)
    runs.ended("orders", inputs=runs.inputs("orders"), facts=FACTS)
    found = green(desk).unchanged("orders")
    assert isinstance(found, LeftOut)
    assert found.facts is None
    desk.write("utils/money.py", "x = 1\n")
    assert green(desk).unchanged("orders") == ("utils/money.py changed",)


def test_a_run_that_was_not_green_answers_for_none(desk: Desk) -> None:
    runs = green(desk)
    inputs = runs.inputs("orders")
    runs.ended("orders", inputs=inputs, facts=FACTS)
    runs.ended("orders", inputs=inputs, facts={**FACTS, "ok": False})
    assert runs.unchanged("orders") == ("no green run of it is known",)


def test_the_cache_answers_on_the_same_day_or_at_a_fixed_time(desk: Desk) -> None:
    runs = green(desk)
    runs.ended("orders", inputs=runs.inputs("orders"), facts=FACTS)
    found = runs.cached("orders")
    assert isinstance(found, LeftOut)
    assert found.facts == FACTS

    kept = GreenRuns(desk.settings.cache, project=desk.project)
    last = kept.last("orders")
    assert last is not None
    old = Green(pipeline="orders", inputs=last.inputs, at="2021-01-01T00:00:00+00:00", facts=FACTS)
    kept.keep(old)
    assert runs.cached("orders") == ("it ran on another day, and no --at is given",)
    assert isinstance(runs.unchanged("orders"), LeftOut)

    fixed = green(desk, at=moment("2021-02-01T05:00Z"))
    fixed.ended("orders", inputs=fixed.inputs("orders"), facts=FACTS)
    last = kept.last("orders")
    assert last is not None
    kept.keep(Green(pipeline="orders", inputs=last.inputs, at=old.at, facts=FACTS))
    assert isinstance(fixed.cached("orders"), LeftOut)


def test_what_is_kept_is_for_its_owner_alone_and_damage_is_no_answer(desk: Desk) -> None:
    runs = green(desk, secrets={"token": "hunter2"})
    runs.ended("orders", inputs=runs.inputs("orders"), facts=FACTS)
    files = [file for file in (desk.settings.cache / "green").rglob("*") if file.is_file()]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert not any(b"hunter2" in file.read_bytes() for file in files)
    for file in files:
        if file.suffix == ".json":
            file.write_text('{"form": 1}')
    assert runs.unchanged("orders") == ("no green run of it is known",)


def test_a_revision_tells_of_files_modules_settings_and_what_is_gone(desk: Desk) -> None:
    top = desk.folder
    (top / ".gitignore").write_text("cache/\n")
    (top / "pyproject.toml").write_text('[tool.mage-harness]\nproject = "shop"\n')
    git(top, "init", "-q")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "one")

    def since(revision: str = "HEAD") -> Chosen:
        project = read_project(desk.project)
        with Revision(project, settings=desk.settings, revision=revision) as known:
            return choose(["orders", "other"], known.unchanged)

    assert [one.uuid for one in since().left_out] == ["orders", "other"]
    (desk.project / "utils" / "money.py").unlink()
    assert since().why == {"orders": ("utils/money.py is gone",)}
    git(top, "commit", "-qam", "two")
    assert not since().why
    assert since("HEAD~1").lines == ["orders runs: utils/money.py is gone"]
    desk.pipeline("third", "load_other")
    assert not since().why
    (top / "pyproject.toml").write_text('[tool.mage-harness]\nproject = "shop"\nsleep = "short"\n')
    assert set(since().why) == {"orders", "other"}


def test_a_pipeline_that_was_not_there_runs(desk: Desk) -> None:
    git(desk.folder, "init", "-q")
    git(desk.folder, "add", "-A")
    git(desk.folder, "commit", "-qm", "one")
    desk.pipeline("third", "load_other")
    project = read_project(desk.project)
    with Revision(project, settings=desk.settings, revision="HEAD") as known:
        found = known.unchanged("third")
    assert isinstance(found, tuple)
    assert "has no pipeline 'third'" in found[0]


@pytest.mark.parametrize("revision", ["nope", "--output=x", ""])
def test_a_revision_that_git_does_not_know_is_refused(desk: Desk, revision: str) -> None:
    git(desk.folder, "init", "-q")
    known = Revision(read_project(desk.project), settings=desk.settings, revision=revision)
    with pytest.raises(InputError, match="cannot be found out"), known:
        pass


def test_a_project_outside_of_git_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(desk.folder.parent))
    known = Revision(read_project(desk.project), settings=desk.settings, revision="HEAD")
    with pytest.raises(InputError) as caught, known:
        pass
    assert "not a git repository" in caught.value.cause


def test_the_key_is_of_all_parts() -> None:
    one = Inputs(parts={"a": "1", "b": "2"})
    assert one.key == Inputs(parts={"b": "2", "a": "1"}).key
    assert one.since(Inputs(parts={"b": "3", "c": "4"})) == ("a is new", "b changed", "c is gone")
