"""Projects that are looked at for the first time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import typer

from harness.cli.init import init

ROOT = Path(__file__).parents[3]


@pytest.fixture
def repository(tmp_path):
    """A repository with a copy of one of the projects here, some levels down."""

    def made(project, *, below="."):
        target = tmp_path / "repo" / below / project.name
        shutil.copytree(project, target, ignore=shutil.ignore_patterns("__pycache__"))
        (tmp_path / "repo" / ".git").mkdir(exist_ok=True)
        return tmp_path / "repo"

    return made


@pytest.fixture
def beginning(tmp_path):
    """A repository with files of the test's own."""

    def made(files):
        root = tmp_path / "repo"
        (root / ".git").mkdir(parents=True)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        return root

    return made


@pytest.fixture
def begin(capsys):
    """Call the command; gives its status and what it printed."""
    app = typer.Typer()
    app.command()(init)

    def called(*arguments):
        with pytest.raises(SystemExit) as caught:
            app([str(one) for one in arguments])
        return caught.value.code, capsys.readouterr().out

    return called
