"""Small projects of one block each, run for real within their walls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.running.result import PipelineRun
from harness.running.session import Session
from harness.services.stack import Stack

HEAD = """\
import subprocess
import pandas as pd
if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
"""
FIRST_LINE = HEAD.count("\n") + 1
"""The line of the first line of a block's body."""


@pytest.fixture(scope="module")
def stack(mage_settings) -> Iterator[Stack]:
    with Stack(mage_settings.model_copy(update={"network": "namespace"})) as stack:
        yield stack


@pytest.fixture
def run_block(mage_settings, stack, tmp_path) -> Callable[..., PipelineRun]:
    """Runs a block with the given body; settings may be given besides."""

    def run(body: str, **settings: Any) -> PipelineRun:
        project = make_project(tmp_path / "walled", body)
        chosen = mage_settings.model_copy(
            update={"project": project, "network": "namespace", **settings}
        )
        if not settings:
            stack.reset()
            return Session(chosen, stack=stack).run("walled")
        with Session(chosen) as session:
            return session.run("walled")

    return run


def make_project(project: Path, body: str) -> Path:
    lines = "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
    files = {
        "metadata.yaml": "project_type: standalone\n",
        "pipelines/walled/metadata.yaml": (
            "name: walled\ntype: python\nuuid: walled\nblocks:\n"
            "- name: load\n  uuid: load\n  type: data_loader\n  language: python\n"
            "  upstream_blocks: []\n  downstream_blocks: []\n"
        ),
        "data_loaders/load.py": f"{HEAD}{lines}    return pd.DataFrame({{'a': [1]}})\n",
    }
    for name, text in files.items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return project


def told(run: PipelineRun) -> list[tuple[str, str, str, int | None]]:
    """Of each refused attempt: its message, block, file and line."""
    return [
        (one.message.split(" past the proxy")[0], one.block, one.file, one.line)
        for one in run.problems
        if one.code == "connection-refused"
    ]
