"""``--keep``: after a failure the services are there until somebody has looked."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import psycopg2
import pytest

from harness.cli.main import run_command
from tests.integration.up.terminal import terminal

PROJECTS = Path(__file__).parents[2] / "projects"
COMMAND = Path(sys.executable).parent / "mage-harness"


@pytest.fixture
def place(tmp_path):
    shutil.copytree(PROJECTS / "returns_none", tmp_path / "shop")
    (tmp_path / "pyproject.toml").write_text("[tool.mage-harness]\nproject = 'shop'\n", "utf-8")
    return tmp_path


def asked(url, query):
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.close()


@pytest.mark.slow
def test_a_failed_run_leaves_its_services_until_enter(place):
    with terminal([COMMAND, "run", "--keep"], place) as told:
        told.until("Ctrl-C ends everything")
        assert "FAILED" in told.said
        assert asked(told.word("PostgreSQL")[-1], "SELECT 1") == [(1,)]
        runs = Path(told.word("runs")[0])
        assert list(runs.glob("*/project/shop/metadata.yaml"))
        assert told.enter() == 1
    assert not runs.parent.exists()


@pytest.mark.slow
def test_a_failed_test_leaves_its_services_until_enter(place):
    (place / "test_it.py").write_text(
        """
def test_one(postgres):
    postgres.execute("CREATE TABLE t AS SELECT 41 AS n")
    assert False, "look at it"

def test_two(postgres):
    assert list(postgres.inventory()) == []

def test_without_services():
    assert False
""",
        "utf-8",
    )
    command = [sys.executable, "-m", "pytest", "--keep", "-p", "no:cacheprovider", "-q"]
    with terminal(command, place) as told:
        told.until("Ctrl-C ends everything")
        assert "look at it" in told.said
        assert asked(told.word("PostgreSQL")[-1], "SELECT n FROM t") == [(41,)]
        assert told.enter() == 1
        assert told.said.count("Ctrl-C ends everything") == 1
        assert "2 failed, 1 passed" in told.said


def test_nobody_is_waited_for_where_there_is_no_terminal(place, monkeypatch, capsys, pytester):
    monkeypatch.chdir(place)

    assert run_command(["run", "--keep"]) == 2
    assert "--keep needs a terminal" in capsys.readouterr().err
    alone = pytester.runpytest_subprocess("--keep")
    assert alone.ret == pytest.ExitCode.USAGE_ERROR
    beside = pytester.runpytest_subprocess("--keep", "-n", "2")
    assert beside.ret == pytest.ExitCode.USAGE_ERROR
    beside.stderr.fnmatch_lines(["*not with -n*"])
