"""Blocks that handed on no rows, and whose file is not there: nothing happened, without a word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.missing.files import where_to_put
from harness.missing.want import wants
from harness.problem import Problem
from harness.running.block_run import COMPLETED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from harness.project.model import Pipeline, Project
    from harness.running.result import PipelineRun

CODE = "missing-file"


def with_unfed(
    run: PipelineRun,
    *,
    project: Project,
    pipeline: Pipeline,
    environ: Mapping[str, str],
    accepted: Collection[str],
) -> PipelineRun:
    """A run with a problem for each file that is not there, of blocks that gave no rows.

    A pattern that matches nothing, and an ``except`` around the reading, pass over a file without
    a word, and what comes after handles no rows. A block that gave some did without the file.

    Args:
        run: The run.
        project: The pipeline's project.
        pipeline: The pipeline that it ran.
        environ: The variables that it had.
        accepted: Codes of problems that the settings accept.
    """
    empty = {
        block.uuid for block in run.blocks if block.status == COMPLETED and block.rows_out == 0
    }
    if not empty or CODE in accepted:
        return run
    found = [
        Problem(
            code=CODE,
            message=f"the block handed on no rows, and there is no file {want.name}: "
            f"{where_to_put(want.name)}",
            pipeline=run.pipeline,
            block=want.block,
            file=want.file,
            line=want.line,
        )
        for want in wants(project, pipeline, environ=environ)
        if want.kind == "file" and want.block in empty
    ]
    return replace(run, problems=(*run.problems, *dict.fromkeys(found)))
