"""A project of one pipeline that does next to nothing: what a run of it takes is not its blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PIPELINE = "trivial"
_METADATA = """uuid: trivial
name: trivial
type: python
blocks:
- {name: load, uuid: load, type: data_loader, language: python, upstream_blocks: [],
   downstream_blocks: [change]}
- {name: change, uuid: change, type: transformer, language: python, upstream_blocks: [load],
   downstream_blocks: [hand_over]}
- {name: hand_over, uuid: hand_over, type: data_exporter, language: python,
   upstream_blocks: [change], downstream_blocks: []}
"""
_BLOCK = """{imports}if '{type}' not in globals():
    from mage_ai.data_preparation.decorators import {type}


@{type}
def {name}(*args, **kwargs):
    return {returned}
"""
_FILES = {
    "metadata.yaml": "project_type: standalone\nhelp_improve_mage: false\n",
    f"pipelines/{PIPELINE}/metadata.yaml": _METADATA,
    "data_loaders/load.py": _BLOCK.format(
        imports="import pandas as pd\n",
        type="data_loader",
        name="load",
        returned="pd.DataFrame({'trip': [1, 2, 3]})",
    ),
    "transformers/change.py": _BLOCK.format(
        imports="", type="transformer", name="change", returned="args[0][args[0]['trip'] > 1]"
    ),
    "data_exporters/hand_over.py": _BLOCK.format(
        imports="", type="data_exporter", name="hand_over", returned="None"
    ),
}


def trivial_project(folder: Path) -> Path:
    """Write the project.

    Args:
        folder: Where; the project is a folder in it.

    Returns:
        The project's folder.
    """
    project = folder / "bench"
    for name, text in _FILES.items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return project
