"""Block code that runs as Mage runs it, without Mage: by ``exec`` of a file's text."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest

from harness.tap import SITE

MAGE = """
import json, os, sys, types
from mage_harness_tap import arcs

project, written, before, blocks = sys.argv[1:5]
arcs.watch(written, json.dumps({project: '.', '/seen/there': 'utils'}))
sys.path.append(os.path.dirname(project))
mage = types.ModuleType("mage_ai.data_preparation.models.block")
exec(compile('''class Block:
    def __init__(self, file):
        self.file_path, self.uuid = file, file.split("/")[-1][:-3]
        self.given = {"custom": lambda function: function}
        self.pipeline_uuid = "sales"
    def _execute_block(self):
        with open(self.file_path) as file:
            exec(file.read(), self.given)
''', 'mage.py', 'exec'), mage.__dict__)
made = [mage.Block(os.path.join(project, one)) for one in blocks.split(",")]
exec(before)
for one in made:
    one._execute_block()
"""


class Ran(NamedTuple):
    """What a process did."""

    arcs: dict[tuple[str, str], set[tuple[int, int]]]
    status: int
    out: str
    err: str
    file: Path

    def lines(self, file: str) -> set[int]:
        """The lines of a file that ran, whichever block's."""
        found = (arcs for (name, _), arcs in self.arcs.items() if name == file)
        return {line for arcs in found for arc in arcs for line in arc if line > 0}


class Run(Protocol):
    """Runs files of a project as blocks, one after the other."""

    def __call__(self, files: dict[str, str], *, blocks: str = ..., before: str = ...) -> Ran: ...


@pytest.fixture
def run_blocks(tmp_path: Path) -> Run:
    """Runs files of a project as blocks; ``before`` is run in Mage's place first."""

    def run(files: dict[str, str], *, blocks: str = "block.py", before: str = "") -> Ran:
        project, written = tmp_path / "shop", tmp_path / "arcs.jsonl"
        for name, text in files.items():
            file = project / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text))
        arguments = [str(project), str(written), textwrap.dedent(before), blocks]
        done = subprocess.run(
            [sys.executable, "-B", "-c", MAGE, *arguments],
            env={"PYTHONPATH": str(SITE)},
            capture_output=True,
            text=True,
            check=False,
        )
        arcs: dict[tuple[str, str], set[tuple[int, int]]] = {}
        for line in written.read_text().splitlines():
            facts = json.loads(line)
            arcs.setdefault((facts["file"], facts["block"]), set()).add(tuple(facts["arc"]))
        return Ran(arcs, done.returncode, done.stdout, done.stderr, written)

    return run
