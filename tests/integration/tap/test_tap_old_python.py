"""The tap is loaded by Mage's interpreter, which may be older than the harness's."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.tap import EVENTS_VARIABLE, SITE

FILES = sorted(SITE.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_it_is_python_3_8(file: Path) -> None:
    ast.parse(file.read_text(), feature_version=(3, 8))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_it_needs_the_standard_library_only(file: Path) -> None:
    names = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert names <= {*sys.stdlib_module_names, "mage_harness_tap"}


def run_python(code: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False
    )


def test_the_sitecustomize_that_it_hides_is_loaded_too(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('the other one')\n")
    done = run_python("pass", {"PYTHONPATH": f"{SITE}:{tmp_path}"})
    assert (done.stdout, done.stderr, done.returncode) == ("the other one\n", "", 0)


def test_without_the_variable_it_does_nothing(tmp_path: Path) -> None:
    done = run_python(
        "import sys; print([n for n in sys.modules if 'tap' in n])", {"PYTHONPATH": str(SITE)}
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_threads_and_forked_children_do_not_mix_their_lines(tmp_path: Path) -> None:
    code = """
import os, threading
from mage_harness_tap import events
events.open_at(os.environ["MAGE_HARNESS_EVENTS"])
def work(name):
    for number in range(200):
        events.emit("e", name=name, text="x" * 500, number=number)
children = [os.fork() for _ in range(1)]
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
[t.start() for t in threads]; [t.join() for t in threads]
if children[0] == 0: os._exit(0)
os.wait()
"""
    file = tmp_path / "events.jsonl"
    done = run_python(code, {"PYTHONPATH": str(SITE), EVENTS_VARIABLE: str(file)})
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert sum(line["event"] == "e" for line in lines) == 2 * 4 * 200
    assert file.stat().st_mode & 0o077 == 0
