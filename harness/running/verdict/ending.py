"""How the process ended: in time, with status 0, and with Mage's own last word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.problem import Problem
from harness.running.block_run import FAILED, NOT_RUN, RUNNING
from harness.running.verdict.places import def_line, file_of, source_of
from harness.running.verdict.plainer import plainer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.model import Block
    from harness.running.verdict.judge import Evidence

COMPLETED_LINE = "Pipeline run completed."
_TAIL_LINES = 3
_NOISE = re.compile(r"\s*(\^*~*\^*\s*$|WARNING:traitlets|INFO:)")
_ERROR = re.compile(r"[\w.]*(Error|Exception|Exit|Interrupt)\b(:|$)")


def problems(evidence: Evidence) -> Iterator[Problem]:
    """What the end of the process says."""
    yield from _variables(evidence)
    yield from _lost_events(evidence)
    if evidence.process.timed_out:
        yield _deadline(evidence)
    elif _ended_by_block(evidence):
        yield from _ended_itself(evidence)
    elif evidence.process.exit_status != 0:
        yield from _failed(evidence)
    elif evidence.entry != "trigger" and not _completed(evidence):
        yield Problem(
            code="not-completed",
            message=f"mage ended with status 0 but never said {COMPLETED_LINE!r}",
            pipeline=evidence.pipeline.uuid,
        )


def _completed(evidence: Evidence) -> bool:
    """Whether each process said its last word."""
    processes = evidence.process.steps or (evidence.process,)
    return all(COMPLETED_LINE in one.stdout.read_text("utf-8", "replace") for one in processes)


def _variables(evidence: Evidence) -> Iterator[Problem]:
    for event in evidence.process.events:
        if event["event"] == "variables_invalid":
            yield Problem(
                code="variables-invalid",
                message=f"the runtime variables {event['text']!r} are not JSON "
                f"({event['message']}); Mage ran with the defaults: pass valid JSON",
                pipeline=evidence.pipeline.uuid,
            )


def _lost_events(evidence: Evidence) -> Iterator[Problem]:
    lost = sum(event["event"] == "unreadable" for event in evidence.process.events)
    if lost:
        yield Problem(
            code="events-lost",
            message=f"{lost} of the run's events cannot be read, so nothing is proven; "
            "see whether the disk is full, and run again",
            pipeline=evidence.pipeline.uuid,
        )


def _deadline(evidence: Evidence) -> Problem:
    seconds = evidence.process.seconds
    ended = f"the run was ended at its deadline, after {seconds:.0f} s"
    for block, run in evidence.expected():
        if run.error.startswith("StopIteration"):
            return Problem(
                code="deadline",
                message=f"{ended}: the block raised StopIteration, for which Mage waits for ever; "
                "raise another exception",
                pipeline=evidence.pipeline.uuid,
                block=block.uuid,
                file=file_of(block),
                line=run.error_line,
            )
    for block, run in evidence.expected():
        if run.status != RUNNING:
            continue
        asked = f" (asked {run.polls} times, never true)" if block.type == "sensor" else ""
        waits = "the sensor was still waiting" if block.type == "sensor" else "it was still running"
        return Problem(
            code="deadline",
            message=f"{ended}: {waits}{asked}; make it end, or give the run more time with "
            "--deadline",
            pipeline=evidence.pipeline.uuid,
            block=block.uuid,
            file=file_of(block),
            line=_line_of_stack(evidence.process.stacks)
            or def_line(source_of(evidence.project, block), run.line),
        )
    began = any(run.began is not None for run in evidence.blocks)
    when = "while no block was running" if began else "while Mage was still starting"
    return Problem(
        code="deadline",
        message=f"{ended}, {when}; give it more time with --deadline",
        pipeline=evidence.pipeline.uuid,
    )


def _line_of_stack(stacks: str) -> int | None:
    """The innermost line of block code; Mage runs blocks from a text named ``<string>``."""
    found = re.search(r'File "<string>", line (\d+)', stacks)
    return int(found.group(1)) if found else None


def _ended_by_block(evidence: Evidence) -> bool:
    return any(_exits(evidence))


def _exits(evidence: Evidence) -> Iterator[tuple[str, int | None, str]]:
    for event in evidence.process.events:
        if event["event"] == "process_exit":
            yield event["block"], event["line"], f"os._exit({event['status']})"
        elif event["event"] == "block_error" and event["error"] == "SystemExit":
            yield event["block"], event["line"], f"sys.exit({event['message']})"


def _ended_itself(evidence: Evidence) -> Iterator[Problem]:
    for uuid, line, call in _exits(evidence):
        block = evidence.block(uuid)
        yield Problem(
            code="block-ended-process",
            message=f"the block called {call}, which ended all of Mage with status "
            f"{evidence.process.exit_status} before the pipeline was done; return or raise",
            pipeline=evidence.pipeline.uuid,
            block=uuid,
            file=file_of(block),
            line=line if block is not None else None,
        )


def _failed(evidence: Evidence) -> Iterator[Problem]:
    blamed = False
    for block, run in evidence.expected():
        if run.status == FAILED and run.error:
            blamed = True
            yield Problem(
                code="block-failed",
                message=plainer(block, run.error),
                pipeline=evidence.pipeline.uuid,
                block=block.uuid,
                file=file_of(block),
                line=run.error_line or run.line,
            )
    if blamed or any(not test.passed for run in evidence.blocks for test in run.tests):
        return
    how = _how(evidence.process.exit_status)
    last = _at_work(evidence)
    yield Problem(
        code="mage-failed",
        message=f"mage {how}: {_last_words(evidence)}",
        pipeline=evidence.pipeline.uuid,
        block=last.uuid if last is not None else "",
        file=file_of(last),
    )


def _at_work(evidence: Evidence) -> Block | None:
    """The one block that was running, or that Mage's engine failed at before its code ran."""
    rows = evidence.rows.rows if evidence.rows is not None else ()
    failed = {row.block for row in rows if row.status == "failed"}
    found = [
        block
        for block, run in evidence.expected()
        if run.status == RUNNING or (run.status == NOT_RUN and block.uuid in failed)
    ]
    return found[0] if len(found) == 1 else None


def _last_words(evidence: Evidence) -> str:
    """The exception that Mage ended with, or else the last lines that say something."""
    text = evidence.process.stderr.read_text("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines() if not _NOISE.match(line)]
    errors = [line for line in lines if _ERROR.match(line)]
    return (errors[-1] if errors else " | ".join(lines[-_TAIL_LINES:])) or "it printed nothing"


def _how(status: int) -> str:
    return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
