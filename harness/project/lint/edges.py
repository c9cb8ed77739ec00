"""What is wrong with a pipeline's edges."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from harness.nearest import meant
from harness.problem import Problem
from harness.project.lint.schedule import NEVER_RUN, Schedule, schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.model import Block, Pipeline


def edge_problems(pipeline: Pipeline) -> Iterator[Problem]:
    """Find one-sided and misspelt edges, cycles, duplicates and blocks that hold others back."""
    yield from _duplicates(pipeline)
    # A framework of Mage sets the edges itself and passes over what is written.
    if pipeline.execution_framework == "rag":
        return
    plan = schedule(pipeline)
    found = [
        *_cycles(pipeline),
        *_unknown(pipeline),
        *_one_sided(pipeline, plan),
        *_never_run(pipeline, plan),
    ]
    yield from found
    if not found and not plan.started and (plan.stuck or plan.passed_over):
        yield Problem(
            code="no-root",
            message="no block can be the first: `mage run` starts none and says that it completed "
            "or stops. Give one runnable block an empty upstream_blocks.",
            pipeline=pipeline.uuid,
            file=str(pipeline.metadata),
            line=pipeline.lines.get("blocks"),
        )


def _at(pipeline: Pipeline, block: Block, key: str) -> partial[Problem]:
    return partial(
        Problem,
        pipeline=pipeline.uuid,
        block=block.uuid,
        file=str(pipeline.metadata),
        line=block.line_of(key),
    )


def _duplicates(pipeline: Pipeline) -> Iterator[Problem]:
    seen: set[str] = set()
    counts = Counter(block.uuid for block in pipeline.all_blocks if block.role != "extensions")
    for block in pipeline.all_blocks:
        if block.uuid in seen and counts[block.uuid] > 1 and block.role != "extensions":
            yield _at(pipeline, block, "uuid")(
                code="duplicate-block",
                message=f"the uuid {block.uuid} is declared {counts[block.uuid]} times; Mage stops "
                "with InvalidPipelineError. Give each block its own uuid.",
            )
        seen.add(block.uuid)


def _cycles(pipeline: Pipeline) -> Iterator[Problem]:
    """Mage walks downstream_blocks, or upstream_blocks; a ring in either never ends well."""
    blocks = {block.uuid: block for block in pipeline.blocks}
    for key, ring in (
        ("downstream_blocks", _ring({u: b.downstream for u, b in blocks.items()})),
        ("upstream_blocks", _ring({u: b.upstream for u, b in blocks.items()})),
    ):
        if ring:
            arrow = " -> ".join([*ring, ring[0]])
            yield _at(pipeline, blocks[ring[0]], key)(
                code="cycle",
                message=f"the {key} go round in a ring, {arrow}; Mage stops with "
                "InvalidPipelineError or runs none of them. Take one of these edges out.",
            )
            return


def _ring(edges: dict[str, tuple[str, ...]]) -> list[str]:
    done: set[str] = set()
    for start, children in edges.items():
        if start in done:
            continue
        trail = [start]
        ahead = [(start, iter(children))]
        while ahead:
            uuid, rest = ahead[-1]
            following = next((name for name in rest if name in edges and name not in done), None)
            if following is None:
                done.add(uuid)
                ahead.pop()
                trail.pop()
            elif following in trail:
                return trail[trail.index(following) :]
            else:
                trail.append(following)
                ahead.append((following, iter(edges[following])))
    return []


def _unknown(pipeline: Pipeline) -> Iterator[Problem]:
    known = _known(pipeline)
    for block in pipeline.blocks:
        for key, names, effect in (
            ("upstream_blocks", block.upstream, "so it runs without that input, or as a root"),
            ("downstream_blocks", block.downstream, "so what was meant may never run"),
        ):
            for name in dict.fromkeys(names):
                if name not in known:
                    near = meant(name, known)
                    remedy = f"Write {near}" if near else f"Use one of {', '.join(known)}"
                    yield _at(pipeline, block, f"{key}.{name}")(
                        code=f"{key.split('_')[0]}-unknown",
                        message=f"{key} of {block.uuid} names {name!r}, which is no block of the "
                        f"pipeline; Mage drops the edge without a word, {effect}. {remedy}.",
                    )


def _known(pipeline: Pipeline) -> list[str]:
    return list(dict.fromkeys(block.uuid for block in pipeline.all_blocks))


def _one_sided(pipeline: Pipeline, plan: Schedule) -> Iterator[Problem]:
    blocks = {block.uuid: block for block in pipeline.blocks}
    known = _known(pipeline)
    for block in pipeline.blocks:
        for name in dict.fromkeys(block.upstream):
            parent = blocks.get(name)
            if parent is None or block.uuid in parent.downstream or name == block.uuid:
                continue
            if block.uuid in plan.passed_over:
                effect = f"`mage run` never runs {block.uuid} and still says that it completed"
            elif block.uuid in plan.stuck:
                effect = f"Mage waits for {name} in vain and stops after 1000 tries"
            else:
                effect = f"`mage run` gets to {block.uuid} by another edge only"
            if not _misspelt(block.uuid, parent.downstream, known):
                yield _at(pipeline, block, "upstream_blocks")(
                    code="edge-one-sided",
                    message=f"{block.uuid} has {name} in upstream_blocks, but {name} does not have "
                    f"{block.uuid} in downstream_blocks; {effect}. Add {block.uuid} to the "
                    f"downstream_blocks of {name} (line {parent.line_of('downstream_blocks')}).",
                )
        for name in dict.fromkeys(block.downstream):
            child = blocks.get(name)
            if child is None or block.uuid in child.upstream or name == block.uuid:
                continue
            if not _misspelt(block.uuid, child.upstream, known):
                yield _at(pipeline, block, "downstream_blocks")(
                    code="edge-one-sided",
                    message=f"{block.uuid} has {name} in downstream_blocks, but {name} does not "
                    f"have {block.uuid} in upstream_blocks; {name} does not wait for {block.uuid} "
                    f"and does not get its output. Add {block.uuid} to the upstream_blocks of "
                    f"{name} (line {child.line_of('upstream_blocks')}).",
                )


def _misspelt(uuid: str, names: tuple[str, ...], known: list[str]) -> bool:
    """Whether the edge is there under a misspelt name, which is a problem of its own."""
    return any(meant(name, known) == uuid for name in names if name not in known)


def _never_run(pipeline: Pipeline, plan: Schedule) -> Iterator[Problem]:
    for block in pipeline.blocks:
        behind = [
            other.uuid
            for other in pipeline.blocks
            if other.uuid in block.downstream or block.uuid in other.upstream
        ]
        if block.type in NEVER_RUN and behind:
            lost = [uuid for uuid in behind if uuid not in plan.started]
            stuck = any(uuid in plan.stuck for uuid in behind)
            effect = (
                "Mage waits for it and stops after 1000 tries"
                if stuck
                else f"{', '.join(lost) or 'what is behind it'} never runs, without a word"
            )
            yield _at(pipeline, block, "type")(
                code="root-not-executable",
                message=f"Mage does not run blocks of type {block.type}, and {block.uuid} has "
                f"blocks behind it; {effect}. Take {block.uuid} out of the edges.",
            )
