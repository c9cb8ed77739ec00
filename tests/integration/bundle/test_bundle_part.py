"""A part of a bundle's pipeline, a debugger in its block, and shells among its services."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from harness.cli.main import run_command
from tests.terminal import Terminal

COMMAND = [sys.executable, "-c", "from harness.cli import main\nmain()", "open"]

pytestmark = pytest.mark.slow


def test_until_a_block_runs_what_is_above_it_and_says_what_it_left(made, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("SELECT days * 10 AS tens FROM found;\n"))
    options = ["--until", "found", "--shell", "duckdb"]
    assert run_command(["open", str(made.archive), *options]) == 0
    said = capsys.readouterr().out
    assert "note: the blocks that run: found\n" in said
    assert "output_0 of found: 1 row, 6 columns: fees double, kind" in said
    assert "same: these blocks did what they should then, too" in said
    assert "tens" in said
    assert "20" in said.partition("tens")[2]


def test_from_a_block_on_it_fails_as_it_did_under_a_debugger(made, tmp_path):
    env = {**os.environ, "TERM": "dumb", "TMPDIR": str(tmp_path)}
    command = [*COMMAND, str(made.archive), "--from", "judge", "--pdb"]
    with Terminal(command, env=env) as terminal:
        shown = terminal.until("(Pdb) ")
        # With the outputs of the bundle's run: the block above does not run.
        assert "note: the blocks that run: judge\r\n" in shown
        assert "note: the outputs of found are those of the bundle's run" in shown
        assert "block judge failed: ValueError: all is as it was" in shown
        assert "upstream['found']: DataFrame, 1 rows" in shown
        assert "/data_exporters/judge.py(33)export()" in shown
        terminal.type("p seen['rate'] * 6, list(upstream)")
        assert "42, ['found'])" in terminal.until("(Pdb) ")
        terminal.type("q")
        assert terminal.status() == 0
    assert "same: it failed in the same way" in terminal.shown
    assert list(tmp_path.iterdir()) == []


def test_psql_and_python_reach_the_services(made, tmp_path):
    for shell, typed, answer in (
        ("psql", "SELECT count(*) * 10 AS n FROM shop.orders;\n", "\n 30\n"),
        ("python", PYTHON, "north [('here',), ('there',)] ['rates.csv']"),
    ):
        done = subprocess.run(
            [*COMMAND, str(made.archive), "--look", "before", "--shell", shell],
            input=typed,
            env={**os.environ, "TMPDIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert answer in done.stdout
        assert list(tmp_path.iterdir()) == []


PYTHON = """\
rows = postgres().cursor()
rows.execute('SELECT name FROM shop.places ORDER BY name')
print(found.region[0], rows.fetchall(), [one.name for one in gcs().list_blobs('lake')])
"""
