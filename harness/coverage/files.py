"""The project's files whose lines count."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from harness.coverage.pipelines import runnable
from harness.errors import ProjectError
from harness.project.blockfile import is_file
from harness.project.located import read_text
from harness.project.source import read_source
from harness.project.workspace import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.project.model import Pipeline, Project

# What `mage run` never executes.
_NOT_RUN = frozenset({"charts", "custom_templates", "interactions", "scratchpads"})


def all_files(project: Project) -> frozenset[Path]:
    """Every Python file that a run of some pipeline may execute, relative to the project.

    Those that are not Python for the interpreter of this process are left out: the lint, and each
    run, tell of them.
    """
    return block_files(project, project.pipelines) | readable(project, _modules(project.path))


def block_files(project: Project, pipelines: Iterable[Pipeline]) -> frozenset[Path]:
    """The files of the Python blocks of pipelines; absolute where they are outside the project."""
    files = {
        block.file
        for pipeline in pipelines
        for block in runnable(pipeline)
        if block.language == "python" and block.file is not None
    }
    return readable(project, files)


def readable(project: Project, files: Iterable[Path]) -> frozenset[Path]:
    """Those of some files that are there, and Python to the interpreter of this process.

    Args:
        project: The project.
        files: Files, relative to it or absolute.
    """
    return frozenset(
        file for file in files if is_file(project.within(file)) and _is_python(project.within(file))
    )


def _is_python(file: Path) -> bool:
    try:
        return read_source(read_text(file), kind="").tree is not None
    except ProjectError:
        # It is not text, or nobody may read it.
        return False


def _modules(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        inner = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if name not in LEFT_OUT
            and not (inner == root and name in _NOT_RUN)
            and not (inner / name / "pyvenv.cfg").is_file()
        )
        yield from ((inner / name).relative_to(root) for name in files if name.endswith(".py"))
