"""What is looked at after the first run of the unchanged pipeline, before its files are gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.contracts.difference import ContractError
from harness.contracts.facts import facts_of
from harness.contracts.holding import Contracts, sources_of
from harness.contracts.volatile import trace, unsteady
from harness.coverage import lines_of
from harness.mutate.columns import Columns
from harness.mutate.trial import tried
from harness.rerun.world import written
from harness.running.outputs import output_shape

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from harness.contracts.facts import SinkFacts
    from harness.contracts.volatile import Trace
    from harness.mutate.trial import Target, Trial
    from harness.rerun.world import World
    from harness.running.result import PipelineRun
    from harness.running.session import Session


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the first run was like.

    Attributes:
        seconds: How long it took.
        world: What it left.
        traces: What is remembered of each sink, to see what differs in another run.
        columns: The columns of the frames that each block reads and writes, by its uuid; all of
            them by an empty one, for modules.
        lines: The lines of the project's Python that ran, by file.
        left_out: Why the contract was not looked at; empty where it was, or there is none.
    """

    seconds: float
    world: World
    traces: Mapping[tuple[str, str], Trace]
    columns: Mapping[str, Columns]
    lines: Mapping[Path, Collection[int]]
    left_out: str

    def restless(self, session: Session, world: World) -> set[str]:
        """The columns that another run gave other values.

        Args:
            session: Where that ran.
            world: What it left, which is still there.
        """
        return {
            name
            for place, facts in _facts(session, world).items()
            if place in self.traces
            for name in unsteady(self.traces[place], facts).columns
        }


def seen(session: Session, target: Target) -> Seen:
    """Run the unchanged pipeline for the first time.

    Args:
        session: Where; its services are emptied.
        target: What to run.

    Raises:
        PipelineFailedError: It is no success.
        ContractError: It does not hold its contract.
        InputError: The pipeline, a variable or the contract is not right.
    """
    trial = tried(session, target, coverage=True)
    trial.run.require_success()
    left_out = _held(session, trial)
    world = written(session.stack, trial.before)
    blocks = session.project.pipeline(target.pipeline).blocks
    frames = {block.uuid: _frames(trial.run, block.uuid) for block in blocks}
    columns = {
        block.uuid: Columns(
            tuple(one for uuid in (block.uuid, *block.upstream) for one in frames.get(uuid, ()))
        )
        for block in blocks
    }
    columns[""] = Columns(tuple(one for found in frames.values() for one in found))
    return Seen(
        seconds=trial.run.seconds,
        world=world,
        traces={place: trace(facts) for place, facts in _facts(session, world).items()},
        columns=columns,
        lines=lines_of(trial.run),
        left_out=left_out,
    )


def _held(session: Session, trial: Trial) -> str:
    """Why the contract was not looked at; empty where it holds, or there is none."""
    report = Contracts(session).hold(trial.run, variables=trial.variables)
    if report is not None and not report.ok:
        raise ContractError(trial.run.pipeline, report)
    return "" if report is None else report.left_out


def _facts(session: Session, world: World) -> dict[tuple[str, str], SinkFacts]:
    sources = sources_of(session)
    found = {place: facts_of(sources, *place) for place in world.contents}
    return {place: facts for place, facts in found.items() if facts is not None}


def _frames(run: PipelineRun, block: str) -> list[Mapping[str, str]]:
    """The types of the columns of each output of a block that is a table."""
    found: list[Mapping[str, str]] = []
    for at in range(len(run.outputs(block))):
        shape = output_shape(run.variables_folder, block, at)
        if shape is not None:
            found.append({field.name: str(field.type) for field in shape[1]})
    return found
