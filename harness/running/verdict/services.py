"""What the services saw go wrong, whether or not a block or Mage swallowed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.problem import Problem
from harness.running.block_run import COMPLETED
from harness.running.verdict.places import (
    caught_names,
    def_line,
    file_of,
    line_of_text,
    source_of,
    words_held,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.project.model import Block
    from harness.running.block_run import BlockRun
    from harness.running.verdict.judge import Evidence
    from harness.services.protocol import Incident

# A service may write its log a little after the block has gone on: hardly ever so long, and as a
# rule no longer than a moment. One that runs now comes before one that is over for longer.
_SLACK = 1.0
_MOMENT = 0.1


def problems(evidence: Evidence) -> Iterator[Problem]:
    """The services' incidents, each given to the block that ran at the time."""
    for incident in evidence.incidents:
        found = block_at(evidence, incident.at, detail=incident.detail)
        if found is None:
            uuid = evidence.pipeline.uuid
            yield Problem(
                code=incident.code, message=_message(incident, pipeline=uuid), pipeline=uuid
            )
            continue
        block, run = found
        if made_good(evidence, block.uuid, incident.at):
            continue
        source = source_of(evidence.project, block)
        if run.status == COMPLETED and _expected(source, incident):
            continue
        yield Problem(
            code=incident.code,
            message=_message(incident, pipeline=evidence.pipeline.uuid),
            pipeline=evidence.pipeline.uuid,
            block=block.uuid,
            file=file_of(block),
            line=line_of_text(source, incident.detail)
            or run.error_line
            or def_line(source, run.line),
        )


def made_good(evidence: Evidence, uuid: str, at: float) -> bool:
    """Whether something went wrong in an attempt of a block after which a later one succeeded.

    Args:
        evidence: The evidence.
        uuid: A block, or anything else that has a uuid.
        at: Seconds since the epoch.
    """
    return any(
        run.status == COMPLETED
        and any(failure.began <= at < failure.ended for failure in run.failures)
        for run in evidence.blocks
        if run.uuid == uuid
    )


def _expected(source: str, incident: Incident) -> bool:
    """Whether the block's source says that it reckons with this: by an except clause or a rollback.

    ``except DuplicateTable:`` is the author's word; ``except Exception:`` may swallow anything.
    """
    if incident.code in ("postgres-rolled-back", "mysql-rolled-back"):
        return ".rollback(" in source
    return any(name.rpartition(".")[2] in incident.raises for name in caught_names(source))


def block_at(evidence: Evidence, at: float, *, detail: str) -> tuple[Block, BlockRun] | None:
    """The block that ran at a time; of several, the one whose source says most of the matter.

    Args:
        evidence: The evidence.
        at: Seconds since the epoch.
        detail: The statement, URL, address or object concerned.
    """
    running = [
        (block, run)
        for block, run in evidence.expected()
        if run.began is not None
        and run.began <= at
        and (run.ended is None or at <= run.ended + _SLACK)
    ]
    inside = [pair for pair in running if _over_for(pair[1], at) <= 0]
    near = [pair for pair in running if _over_for(pair[1], at) <= _MOMENT]
    for candidates in (_naming(evidence, near, detail), inside, _naming(evidence, running, detail)):
        if candidates:
            return candidates[0]
    return running[0] if running else None


def _over_for(run: BlockRun, at: float) -> float:
    """For how many seconds a block was over; below zero while it ran."""
    return -1.0 if run.ended is None else at - run.ended


def _naming(
    evidence: Evidence, running: Sequence[tuple[Block, BlockRun]], detail: str
) -> list[tuple[Block, BlockRun]]:
    """Those whose source says most of the matter, and anything of it."""
    held = [words_held(source_of(evidence.project, block), detail) for block, _ in running]
    most = max((one[0] for one in held if one is not None), default=0)
    return [
        pair for pair, one in zip(running, held, strict=True) if one is not None and one[0] == most
    ]


def _message(incident: Incident, *, pipeline: str) -> str:
    detail = " ".join(incident.detail.split())
    shown = detail if len(detail) <= 300 else f"{detail[:300]}..."  # noqa: PLR2004
    message = incident.message
    if shown and shown not in message:
        message += f" ({shown})"
    if incident.remedy:
        message += f"; {incident.remedy.replace('PIPELINE', pipeline)}"
    return message
