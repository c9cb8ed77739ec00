"""Modules beside a project, which its blocks import."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.inspect.modules import module_file
from harness.project.beside import lend_modules
from harness.project.model import Project


@pytest.fixture
def repository(tmp_path):
    """A project in a repository, and its copy: writes files, and lends."""
    project, copy = tmp_path / "repo" / "shop", tmp_path / "run" / "shop"

    def lent(block, **files):
        for folder in (project, copy):
            folder.mkdir(parents=True)
            (folder / "block.py").write_text(block)
        for name, text in files.items():
            file = project.parent / name.replace("__", "/").replace("_py", ".py")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return lend_modules(project, copy), {
            str(file.relative_to(copy.parent))
            for file in copy.parent.rglob("*")
            if file.is_file() and not file.is_relative_to(copy)
        }

    return lent


def test_what_blocks_import_is_lent_and_what_that_imports(repository):
    names, files = repository(
        "from src.tasks.clean import cleaned",
        src__tasks__clean_py="import helpers",
        src__tasks__rules_json="{}",
        helpers_py="",
        unasked__x_py="",
    )
    assert names == ("src", "helpers")
    assert files == {"src/tasks/clean.py", "src/tasks/rules_json", "helpers.py"}


@pytest.mark.parametrize(
    ("block", "files"),
    [
        ("import json", {"json__x_py": ""}),
        ("import shop.utils", {"shop__x_py": ""}),
        ("import data", {"data__x_csv": ""}),
        ("import tests.x", {"tests__x_py": ""}),
        ("from .src import x", {"src__x_py": ""}),
        ("this is no Python", {"src__x_py": ""}),
    ],
)
def test_what_is_none_of_the_repository_s_modules_stays(repository, block, files):
    assert repository(block, **files) == ((), set())


def test_a_module_of_the_project_goes_before_one_beside_it(tmp_path):
    project, copy = tmp_path / "repo" / "shop", tmp_path / "run" / "shop"
    for folder in (project, copy):
        (folder / "utils").mkdir(parents=True)
        (folder / "utils" / "x.py").write_text("")
        (folder / "block.py").write_text("import utils.x")
    (project.parent / "utils").mkdir()
    (project.parent / "utils" / "x.py").write_text("")
    assert lend_modules(project, copy) == ()


def test_keys_and_what_is_too_large_stay(tmp_path, monkeypatch):
    project, copy = tmp_path / "repo" / "shop", tmp_path / "run" / "shop"
    for folder in (project, copy):
        folder.mkdir(parents=True)
        (folder / "block.py").write_text("import src.x")
    (project.parent / "src").mkdir()
    (project.parent / "src" / "x.py").write_text("")
    (project.parent / "src" / "key.json").write_text('{"private_key": "x"}')
    monkeypatch.setattr("harness.project.beside._LARGEST_COPY", 5)
    assert lend_modules(project, copy) == ()
    monkeypatch.undo()
    assert lend_modules(project, copy) == ("src",)
    assert [one.name for one in (copy.parent / "src").iterdir()] == ["x.py"]


def test_inspection_follows_them(tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "x.py").write_text("")
    project = Project(path=tmp_path / "shop", name="shop", pipelines=())
    assert module_file(project, "src.x") == Path("../src/x.py")
    assert module_file(project, "src.y") is None
