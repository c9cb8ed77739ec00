"""Projects of one pipeline of one block, which runs a code of the test in a container."""

from __future__ import annotations

import json
import textwrap
import time
from pathlib import Path

from harness.services.stack import Stack

ROOT = Path(__file__).parents[3]

PROJECTS = ROOT / "tests" / "projects"

BOUND = 120.0

BLOCK = """\
import ctypes, json, os, signal, socket, subprocess, sys, time
import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    said = {{}}
{code}
    print('SAID' + json.dumps(said), flush=True)
    return pd.DataFrame({{'a': [1]}})
"""

PIPELINE = """\
name: {name}
uuid: {name}
type: python
blocks:
- name: load
  uuid: load
  type: data_loader
  language: python
  upstream_blocks: []
  downstream_blocks: []
"""


def project(folder: Path, code: str = "pass", *, name: str = "probe") -> Path:
    """A project of one pipeline of one block, which runs the code."""
    path = folder / name
    (path / "pipelines" / name).mkdir(parents=True)
    (path / "data_loaders").mkdir()
    (path / "metadata.yaml").write_text("project_type: standalone\nhelp_improve_mage: false\n")
    (path / "pipelines" / name / "metadata.yaml").write_text(PIPELINE.format(name=name))
    body = textwrap.indent(textwrap.dedent(code).strip(), "    ")
    (path / "data_loaders" / "load.py").write_text(BLOCK.format(code=body))
    return path


def line_of(path: Path, text: str) -> int:
    lines = (path / "data_loaders" / "load.py").read_text().splitlines()
    (number,) = [number for number, line in enumerate(lines, start=1) if text in line]
    return number


def said(run) -> dict:
    (line,) = [line for line in run.stdout.splitlines() if "SAID{" in line]
    return json.loads(line.partition("SAID")[2])


def container_of(stack: Stack):
    return stack._provider.world.engine.client.containers.get(stack.mage.id)


def commands_in(stack: Stack) -> list[str]:
    return [line[-1] for line in container_of(stack).top(ps_args="-o pid,args")["Processes"]]


def require_ended(stack: Stack, text: str = "mage run") -> None:
    """The supervisor's own end comes just after that of the run."""
    until = time.monotonic() + BOUND
    while any(text in line for line in commands_in(stack)):
        assert time.monotonic() < until, commands_in(stack)
        time.sleep(0.05)
