"""The debugger of a block: where it begins, what it shows, and that it opens once."""

from __future__ import annotations

import os
import sys

import pytest

from harness.tap import SITE
from tests.terminal import Terminal

BLOCK = """\
import helping


def load(trips, *args):
    total = sum(trips)
    helping.fail(total)


def stopped(trips):
    total = sum(trips)
    breakpoint()
    return total
"""
HELPING = "import json\n\n\ndef fail(total):\n    json.loads(f'{{{total}')\n"
SCRIPT = """
import sys
sys.path.insert(0, {site!r})
sys.path.insert(0, {project!r})
from mage_harness_tap import debugger

class Block:
    uuid, file_path, upstream_block_uuids = "load", {file!r}, ["trips"]

debugger.watch({wanted!r})
names = {{}}
exec(open(Block.file_path).read(), names)
debugger.given(Block, ([1, 2, 3],))
try:
    names[{function!r}]([1, 2, 3])
except Exception as error:
    debugger.failed(Block, error)
    # Mage raises it again, and others from it.
    debugger.failed(Block, error)
    later = RuntimeError("later")
    later.__cause__ = error
    debugger.failed(Block, later)
print("the end")
"""


@pytest.fixture
def on_terminal(tmp_path):
    (tmp_path / "loaders").mkdir()
    file = tmp_path / "loaders" / "load.py"
    file.write_text(BLOCK)
    (tmp_path / "helping.py").write_text(HELPING)

    def start(function, wanted="1"):
        script = SCRIPT.format(
            site=str(SITE),
            project=str(tmp_path),
            file=str(file),
            function=function,
            wanted=wanted,
        )
        env = {"PATH": os.environ["PATH"], "TERM": "dumb", "MAGE_HARNESS_PROJECT": str(tmp_path)}
        return Terminal([sys.executable, "-c", script], env=env)

    return start


def answers(terminal, *lines):
    """What the debugger says to each line that is typed."""
    said = []
    for line in lines:
        terminal.type(line)
        said.append(terminal.until("(Pdb) "))
    return said


def test_it_begins_in_the_innermost_frame_of_the_project(on_terminal, tmp_path):
    with on_terminal("load") as terminal:
        shown = terminal.until("(Pdb) ")
        assert "block load failed: JSONDecodeError" in shown
        assert "upstream['trips']: list, 3 rows" in shown
        assert f"> {tmp_path}/helping.py(5)fail()" in shown
        assert "json.loads" in shown
        above, value, source, upstream = answers(terminal, "up", "p total", "ll", "p upstream")
        assert f"> {tmp_path}/loaders/load.py(6)load()" in above
        assert "helping.fail(total)" in above
        assert "6" in value.splitlines()[-2]
        assert "4  \tdef load(trips, *args):" in source
        assert "{'trips': [1, 2, 3]}" in upstream
        terminal.type("q")
        assert terminal.status() == 0
    # Once, though the exception comes by again.
    assert terminal.shown.count("block load failed") == 1
    assert "the end" in terminal.shown


def test_what_is_printed_in_it_is_seen_on_the_terminal(on_terminal):
    with on_terminal("load") as terminal:
        terminal.until("(Pdb) ")
        (said,) = answers(terminal, "print('seen', total * 7)")
        assert "seen 42" in said
        terminal.type("q")
        assert terminal.status() == 0


def test_a_breakpoint_stops_in_the_blocks_file(on_terminal, tmp_path):
    with on_terminal("stopped") as terminal:
        shown = terminal.until("(Pdb) ")
        assert f"{tmp_path}/loaders/load.py(1" in shown
        (value,) = answers(terminal, "p total")
        assert "6" in value.splitlines()[-2]
        terminal.type("c")
        assert terminal.status() == 0
    assert "the end" in terminal.shown
    assert "failed" not in terminal.shown


def test_it_stays_away_where_nobody_asked_for_it(on_terminal):
    with on_terminal("load", wanted="") as terminal:
        assert terminal.status() == 0
    assert "(Pdb)" not in terminal.shown
