"""SQL blocks whose file holds no statement."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.errors import ProjectError
from harness.problem import Problem
from harness.project.blockfile import is_file
from harness.project.located import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.model import Block, Pipeline, Project

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def sql_problems(project: Project, pipeline: Pipeline) -> Iterator[Problem]:
    """Find SQL blocks that say nothing."""
    for block in pipeline.blocks:
        if block.language == "sql" and block.type != "dbt" and _says_nothing(project, block):
            yield Problem(
                code="sql-empty",
                pipeline=pipeline.uuid,
                block=block.uuid,
                file=str(block.file),
                line=1,
                message="there is no statement in the file, and Mage stops with an error that "
                "does not say so. Write one, or take the block out.",
            )


def _says_nothing(project: Project, block: Block) -> bool:
    if block.file is None or not is_file(project.within(block.file)):
        return False
    try:
        text = read_text(project.within(block.file))
    except ProjectError:
        return False
    return not _COMMENT.sub("", text).strip(" \t\r\n;")
