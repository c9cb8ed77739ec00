"""Projects of any size: so many pipelines, blocks in a row, or rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TABLE = "grown.lines"
"""Where the pipelines write their rows, if they are to."""
_HEAD = "project_type: standalone\nhelp_improve_mage: false\n"
_SHARED = "def same(data):\n    return data\n"
_LOADER = """import numpy as np
import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    number = np.arange({rows})
    return pd.DataFrame({{'id': number, 'fare': number / 7, 'zone': number % 265}})
"""
_TRANSFORMER = """from {project}.utils.shared import same

if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer


@transformer
def change(data, *args, **kwargs):
    return same(data)
"""
_EXPORTER = """from os import path

from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres
from mage_ai.settings.repo import get_repo_path

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def write(data, *args, **kwargs):
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    with Postgres.with_config(config) as loader:
        loader.export(data, 'grown', 'lines', index=False, if_exists='replace')
"""
_CODE = {"data_loader": _LOADER, "transformer": _TRANSFORMER, "data_exporter": _EXPORTER}


def sized_project(
    folder: Path, *, pipelines: int = 1, blocks: int = 1, rows: int = 3, writes: bool = False
) -> Path:
    """Write a project of pipelines that are all alike: a loader, and blocks that hand its rows on.

    Each block has a file of its own, and all but the first import one module of the project.

    Args:
        folder: Where; the project is a folder in it.
        pipelines: How many: ``line_0``, ``line_1``, ...
        blocks: Of each pipeline, but for the one that writes.
        rows: Of three columns each, from the first block to the last.
        writes: Whether a last block writes the rows to ``TABLE`` in PostgreSQL.

    Returns:
        The project's folder.
    """
    project = folder / f"sized_{pipelines}_{blocks}_{rows}{'_writing' * writes}"
    _write(project / "metadata.yaml", _HEAD)
    _write(project / "utils" / "__init__.py", "")
    _write(project / "utils" / "shared.py", _SHARED)
    kinds = ["data_loader", *["transformer"] * (blocks - 1), *["data_exporter"] * writes]
    for number in range(pipelines):
        uuid = f"line_{number}"
        names = [f"{uuid}_block_{at}" for at in range(len(kinds))]
        declared = "".join(_declared(at, names, kinds) for at in range(len(kinds)))
        text = f"uuid: {uuid}\nname: {uuid}\ntype: python\nblocks:\n{declared}"
        _write(project / "pipelines" / uuid / "metadata.yaml", text)
        for name, kind in zip(names, kinds, strict=True):
            code = _CODE[kind].format(rows=rows, project=project.name)
            _write(project / f"{kind}s" / f"{name}.py", code)
    return project


def _declared(at: int, names: list[str], kinds: list[str]) -> str:
    return (
        f"- {{uuid: {names[at]}, name: {names[at]}, type: {kinds[at]}, language: python, "
        f"upstream_blocks: [{', '.join(names[:at][-1:])}], "
        f"downstream_blocks: [{', '.join(names[at + 1 :][:1])}]}}\n"
    )


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
