"""A repository with a project whose commits change what a pipeline does, and the command in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2] / "projects" / "run_again"
COMMAND = Path(sys.executable).parent / "mage-harness"


class Author:
    """An author's repository; its pipeline ``replaces`` writes a table of three trips."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loader = folder / "shop" / "data_loaders" / "trips.py"
        shutil.copytree(PROJECT, folder / "shop")
        (folder / "pyproject.toml").write_text('[tool.mage-harness]\nproject = "shop"\n', "utf-8")
        self.git("init", "-q")
        self.commit("base")

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        command = ["git", "-C", str(self.folder), *who, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def commit(self, subject: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject)

    def change(self, before: str, after: str) -> None:
        text = self.loader.read_text("utf-8")
        assert before in text
        self.loader.write_text(text.replace(before, after), "utf-8")

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(COMMAND), "bisect", "replaces", *arguments],
            cwd=self.folder,
            env={"MAGE_HARNESS_RUNNER": "warm", **os.environ, "COLUMNS": "200", **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *arguments: str, **env: str) -> tuple[int, str]:
        with self.start(*arguments, **env) as process:
            out, _ = process.communicate()
        return process.returncode, out


@pytest.fixture(scope="session")
def author_in() -> type[Author]:
    return Author


@pytest.fixture
def author(tmp_path: Path) -> Author:
    return Author(tmp_path / "author")
