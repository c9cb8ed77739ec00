"""Blocks that read what Mage mixes up between blocks running at the same time.

``run_blocks`` of mage-ai 0.9.80 gives every block of a run the same dictionary of keyword
arguments, and ``Block.enrich_global_vars`` writes ``block_uuid`` and ``configuration`` into it as
each block starts.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from harness.errors import ProjectError
from harness.problem import Problem
from harness.project.blockfile import is_file
from harness.project.located import read_text
from harness.project.source import read_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.model import Block, Pipeline, Project

_MIXED_UP = frozenset({"block_uuid", "configuration"})


def shared_problems(project: Project, pipeline: Pipeline) -> Iterator[Problem]:
    """Find blocks that read such a value while another block may be running."""
    above = {block.uuid: ancestors(pipeline, block) for block in pipeline.blocks}
    for block in pipeline.blocks:
        beside = [
            other.uuid
            for other in pipeline.blocks
            if other.uuid != block.uuid
            and other.uuid not in above[block.uuid]
            and block.uuid not in above[other.uuid]
        ]
        for line, name in _reads(project, block) if beside else ():
            yield Problem(
                code="kwargs-shared",
                message=f"kwargs[{name!r}] may be that of {beside[0]}, which `mage run` runs at "
                "the same time with the same kwargs. Write the value into the block or a pipeline "
                "variable, or put the blocks one behind the other.",
                pipeline=pipeline.uuid,
                block=block.uuid,
                file=str(block.file),
                line=line,
            )


def ancestors(pipeline: Pipeline, block: Block) -> set[str]:
    """The uuids of all blocks above a block."""
    blocks = {other.uuid: other for other in pipeline.blocks}
    found: set[str] = set()
    ahead = list(block.upstream)
    while ahead:
        uuid = ahead.pop()
        if uuid in blocks and uuid not in found:
            found.add(uuid)
            ahead.extend(blocks[uuid].upstream)
    return found


def _reads(project: Project, block: Block) -> list[tuple[int, str]]:
    if block.language != "python" or block.file is None:
        return []
    path = project.within(block.file)
    if not is_file(path):
        return []
    try:
        source = read_source(read_text(path), kind=block.type)
    except ProjectError:
        return []
    found: list[tuple[int, str]] = []
    for function in source.collected(block.type)[:1]:
        keywords = function.node.args.kwarg
        for node in ast.walk(function.node) if keywords else ():
            match node:
                case (
                    ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key)))
                    | ast.Call(
                        func=ast.Attribute(value=ast.Name(id=name), attr="get"),
                        args=[ast.Constant(value=str(key)), *_],
                    )
                ) if keywords and name == keywords.arg and key in _MIXED_UP:
                    found.append((node.lineno, key))
                case _:
                    pass
    return found
