"""A folder of an author, with a project whose code has mutants, and the command in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2] / "projects" / "mutation_work"
COMMAND = Path(sys.executable).parent / "mage-harness"


class Author:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = folder / PROJECT.name
        shutil.copytree(PROJECT, self.project)
        self.file("pyproject.toml", f"[tool.mage-harness]\nproject = '{PROJECT.name}'\n")

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(COMMAND), "mutate", *arguments],
            cwd=self.folder,
            env={**os.environ, "COLUMNS": "200"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *arguments: str) -> tuple[int, str]:
        with self.start(*arguments) as process:
            out, _ = process.communicate(timeout=900)
        return process.returncode, out


@pytest.fixture(scope="session")
def author_in():
    return Author


@pytest.fixture
def author(tmp_path) -> Author:
    return Author(tmp_path)
