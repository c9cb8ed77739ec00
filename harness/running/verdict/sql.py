"""SQL blocks: what Mage put into their text, and whether the blocks below got their rows."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from harness.problem import Problem
from harness.running.block_run import COMPLETED
from harness.running.verdict.places import file_of, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.model import Block
    from harness.running.block_run import BlockRun
    from harness.running.verdict.judge import Evidence

_UPSTREAM = re.compile(r"df_\d+")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def problems(evidence: Evidence) -> Iterator[Problem]:
    """What went wrong in SQL blocks without an error."""
    yield from _unset(evidence)
    for block, run in evidence.expected():
        if block.language == "sql" and block.type != "dbt" and run.status == COMPLETED:
            yield from _nothing_handed_on(evidence, block)


def _unset(evidence: Evidence) -> Iterator[Problem]:
    told = {
        (event["block"], event["name"])
        for event in evidence.process.events
        if event["event"] == "template_unset"
    }
    for uuid, name in sorted(told):
        block = evidence.block(uuid)
        source = source_of(evidence.project, block) if block is not None else ""
        line = _line(source, name)
        if source and line is None:
            # It stands in a comment.
            continue
        if _UPSTREAM.fullmatch(name):
            remedy = "add the upstream block that is meant, or correct the number"
        else:
            remedy = (
                f"give it a value among the pipeline's variables or by --var {name}=..., or "
                "correct the name"
            )
        yield Problem(
            code="template-unset",
            message=f"there is no variable {name}, and Mage put nothing in the place of "
            f"{{{{ {name} }}}}, without a word; {remedy}",
            pipeline=evidence.pipeline.uuid,
            block=uuid,
            file=file_of(block),
            line=line,
        )


def _line(source: str, name: str) -> int | None:
    code = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), source)
    found = re.search(rf"\{{[{{%][^}}]*\b{re.escape(name)}\b", code)
    return code.count("\n", 0, found.end()) + 1 if found else None


def _nothing_handed_on(evidence: Evidence, block: Block) -> Iterator[Problem]:
    """Statements that are no query, or whose rows Mage does not fetch, leave nothing to read."""
    empty = [run.uuid for place, run in evidence.below(block.uuid) if _got_nothing(run, place)]
    at = partial(Problem, pipeline=evidence.pipeline.uuid, block=block.uuid, file=file_of(block))
    if empty:
        yield at(
            code="output-none",
            message=f"the block's SQL left no rows to hand on, so {', '.join(empty)} got nothing; "
            "end it with a query, or have the block below ask for no input by name",
        )


def _got_nothing(run: BlockRun, place: int) -> bool:
    if run.began is None or place >= min(run.named, len(run.inputs)):
        return False
    return run.inputs[place] == "none" or (run.inputs[place] == "list" and run.given[place] == 0)
