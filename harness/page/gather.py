"""A run's facts for its page, while its files and services are still there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from markupsafe import escape

from harness.engine import memory
from harness.page import limits
from harness.page.code import code_of
from harness.page.facts import BlockFacts, Output, RunFacts
from harness.page.logs import block_log, whole_log
from harness.page.tables import outputs_of
from harness.page.timeline import heard_by, timeline

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.page.clean import Cleaner
    from harness.page.facts import Code
    from harness.page.limits import Budget
    from harness.project.model import Block, Project
    from harness.running.block_run import BlockRun
    from harness.running.result import PipelineRun
    from harness.services.protocol import Service

_NO_ROOM = "left out: the page has no room for more"
_NO_OUTPUTS = Output(name="outputs", note=_NO_ROOM)


def facts_of(
    run: PipelineRun,
    *,
    project: Project,
    services: Iterable[Service],
    clean: Cleaner,
    budget: Budget,
) -> RunFacts:
    """What a page shows of a run; what has no room any more is left out.

    Args:
        run: The run, just ended.
        project: The pipeline's project.
        services: The services that it had.
        clean: Makes text fit.
        budget: The room that is left.
    """
    process = run.process
    heard, unheard = heard_by(services, since=process.began, until=process.began + process.seconds)
    moments = timeline(run, heard, clean=clean)
    size = sum(len(escape(f"{one.what}{one.answer}")) + 200 for one in moments)
    room = budget.take(size, vital=not run.ok)
    return RunFacts(
        began=datetime.fromtimestamp(process.began, UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        blocks=_blocks(run, project, clean, budget),
        moments=tuple(moments) if room else (),
        unheard=unheard if room else unheard + len(moments),
        stdout=_fitting(whole_log(process.stdout, clean=clean), budget, vital=not run.ok),
        stderr=_fitting(whole_log(process.stderr, clean=clean), budget, vital=not run.ok),
        accepted=tuple(clean.line(one, most=limits.TEXT) for one in run.accepted),
        triggered=tuple(
            facts_of(one, project=project, services=(), clean=clean, budget=budget)
            for one in run.triggered
        ),
    )


def _blocks(
    run: PipelineRun, project: Project, clean: Cleaner, budget: Budget
) -> dict[str, BlockFacts]:
    """The facts of each block; those of blocks that failed take their room first."""
    declared = {one.uuid: one for one in project.pipeline(run.pipeline).all_blocks}
    found = {}
    with memory() as engine:
        for block in sorted(run.blocks, key=lambda one: one.status != "failed"):
            outputs = outputs_of(run.variables_folder, block.uuid, engine=engine, clean=clean)
            code = _code(run, block, declared.get(block.uuid), project, clean)
            found[block.uuid] = _block(run, block, code, outputs, clean, budget)
    return found


def _code(
    run: PipelineRun, block: BlockRun, declared: Block | None, project: Project, clean: Cleaner
) -> Code | None:
    if declared is None or declared.file is None:
        return None
    file = str(declared.file)
    marks = _marks(run, block, file)
    return code_of(project.path / file, name=file, marks=marks, clean=clean)


def _block(
    run: PipelineRun,
    block: BlockRun,
    code: Code | None,
    outputs: tuple[Output, ...],
    clean: Cleaner,
    budget: Budget,
) -> BlockFacts:
    vital = block.status == "failed"
    out, err = (block_log(run.process, block.uuid, stream=stream, clean=clean) for stream in (0, 1))
    return BlockFacts(
        type=clean.line(block.type, most=limits.CELL),
        upstream=block.upstream,
        error=clean.line(block.error, most=limits.TEXT),
        tests=tuple(
            (
                clean.line(one.name, most=limits.CELL),
                one.passed,
                clean.line(one.message, most=limits.TEXT),
            )
            for one in block.tests[: limits.MESSAGES]
        ),
        code=_fitting_code(code, budget, vital=vital),
        outputs=outputs if budget.take(_size_of(outputs), vital=vital) else (_NO_OUTPUTS,),
        stdout=_fitting(out, budget, vital=vital),
        stderr=_fitting(err, budget, vital=vital),
        beside=tuple(one.uuid for one in run.blocks if one is not block and _together(one, block)),
    )


def _marks(run: PipelineRun, block: BlockRun, file: str) -> Mapping[int, Sequence[str]]:
    """What happened at the lines of a block's file."""
    marks: dict[int, list[str]] = defaultdict(list)
    if block.error and block.error_line:
        marks[block.error_line].append(block.error)
    for test in block.tests:
        if not test.passed and test.line:
            marks[test.line].append(f"@test {test.name}: {test.message}")
    for problem in run.problems:
        known = problem.line is not None and problem.line in marks
        if problem.file == file and problem.line and not known:
            marks[problem.line].append(f"{problem.code}: {problem.message}")
    return marks


def _together(one: BlockRun, other: BlockRun) -> bool:
    if None in (one.began, other.began):
        return False
    ends = [block.ended if block.ended is not None else float("inf") for block in (one, other)]
    return (one.began or 0) < ends[1] and (other.began or 0) < ends[0]


def _fitting(text: str, budget: Budget, *, vital: bool) -> str:
    if budget.take(len(escape(text)), vital=vital):
        return text
    return _NO_ROOM


def _fitting_code(code: Code | None, budget: Budget, *, vital: bool) -> Code | None:
    if code is None or budget.take(sum(len(line.html) + 60 for line in code.lines), vital=vital):
        return code
    return replace(code, lines=(), left_out=code.left_out + len(code.lines))


def _size_of(outputs: Iterable[Output]) -> int:
    size = 0
    for one in outputs:
        cells = (cell or "" for row in one.head for cell in row)
        size += sum(len(escape(cell)) + 10 for cell in cells) + len(escape(one.value))
        size += sum(len(escape(column.low + column.high)) + 120 for column in one.columns)
    return size
