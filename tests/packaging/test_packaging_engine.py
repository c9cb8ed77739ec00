"""The gate's engine: what runs already is left alone, what cannot be had is said in a line."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ENGINE = Path(__file__).parents[2] / ".ci" / "engine"


@pytest.fixture
def machine(tmp_path):
    """Run the script on a machine with the given programs, each one line of shell."""

    def run(word: str, **programs: str) -> tuple[int, str]:
        for name in ("bash", "env", "timeout", "sed"):
            (tmp_path / name).symlink_to(shutil.which(name))
        for name, body in programs.items():
            file = tmp_path / name.replace("_", "-")
            file.write_text(f"#!/bin/sh\necho {name} $* >>{tmp_path}/asked\n{body}\n", "utf-8")
            file.chmod(0o755)
        done = subprocess.run(
            [ENGINE, *word.split()],
            env={**os.environ, "PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_an_engine_that_answers_is_used_and_left_alone(machine, tmp_path):
    programs = {"docker": "exit 0", "mmdebstrap": "", "dockerd": "", "apt_get": "", "kill": ""}

    assert machine("start", **programs) == (0, "")
    assert {line.split()[0] for line in (tmp_path / "asked").read_text().splitlines()} == {"docker"}


def test_without_root_one_line_says_so(machine):
    status, said = machine("start", docker="exit 1", id="echo 1000", dockerd="", apt_get="")

    assert status == 3
    assert said.count("\n") == 1
    assert "root" in said
    assert "embedded half alone" in said


def test_without_apt_one_line_says_so(machine):
    status, said = machine("start", docker="exit 1", id="echo 0")

    assert status == 3
    assert said.count("\n") == 1
    assert "Debian" in said


def test_stop_without_start_does_nothing_and_prints_nothing(machine, tmp_path):
    assert machine("stop", docker="exit 1", kill="") == (0, "")
    assert not (tmp_path / "asked").exists()


def test_another_word_gets_the_usage(machine):
    status, said = machine("restart")

    assert status == 2
    assert ".ci/engine start" in said
