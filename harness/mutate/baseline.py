"""The unchanged pipeline: what its mutants are held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.contracts.difference import ContractError
from harness.contracts.facts import facts_of
from harness.contracts.holding import Contracts, sources_of
from harness.contracts.reader import read_document
from harness.contracts.store import contract_file
from harness.contracts.volatile import trace, unsteady
from harness.expect.subject import label_of
from harness.mutate.columns import Columns
from harness.mutate.trial import tried
from harness.rerun.difference import Comparison, differences
from harness.rerun.world import World, written
from harness.running.outputs import output_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.contracts.facts import SinkFacts
    from harness.contracts.reader import Document
    from harness.mutate.trial import Target, Trial
    from harness.running.result import PipelineRun
    from harness.running.session import Session


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What the unchanged pipeline does.

    Attributes:
        seconds: The longer of its two runs.
        world: What it leaves, without sinks that differ from run to run.
        unsteady: Those sinks, by service and name.
        comparison: How a mutant's data is compared with that.
        columns: The columns of the frames that each block reads and writes, by its uuid.
        every: The columns of all frames.
        contract: The contract that it holds; empty where it has none.
        notes: What a reader should know.
    """

    seconds: float
    world: World
    unsteady: frozenset[tuple[str, str]]
    comparison: Comparison
    columns: Mapping[str, Columns]
    every: Columns
    contract: str
    notes: tuple[str, ...]


def baseline_of(session: Session, target: Target) -> Baseline:
    """Run a pipeline twice, unchanged: what differs then is no sign of a mutant.

    Args:
        session: Where; its services are emptied before each run.
        target: What to run.

    Raises:
        PipelineFailedError: It is no success.
        ContractError: It does not hold its contract.
        InputError: The pipeline, a variable or the contract is not right.
    """
    file = contract_file(session.settings, target.pipeline)
    document = read_document(file) if file.exists() else None
    session.progress(f"{target.pipeline}: unchanged")
    first = tried(session, target)
    first.run.require_success()
    left_out = _held(session, first)
    world = written(session.stack, first.before)
    known = {place: trace(facts) for place, facts in _facts(session, world).items()}
    session.progress(f"{target.pipeline}: unchanged, once more")
    second = tried(session, target)
    second.run.require_success()
    restless = {
        name
        for place, facts in _facts(session, written(session.stack, second.before)).items()
        if place in known
        for name in unsteady(known[place], facts).columns
    }
    comparison = Comparison(
        pipeline=target.pipeline,
        keys=_keys(document),
        ignoring=tuple(sorted(restless | _volatile(document))),
    )
    apart = list(differences(session.stack, world, before=second.before, plan=comparison))
    left = {(one.service, one.sink) for one in apart}
    steady = {place: one for place, one in world.contents.items() if place not in left}
    frames = {
        block.uuid: _frames(first.run, [block.uuid, *block.upstream])
        for block in session.project.pipeline(target.pipeline).blocks
    }
    every = {id(frame): frame for one in frames.values() for frame in one.frames}
    return Baseline(
        seconds=max(first.run.seconds, second.run.seconds),
        world=World(contents=steady),
        unsteady=frozenset(left),
        comparison=comparison,
        columns=frames,
        every=Columns(tuple(every.values())),
        contract="" if document is None or left_out else str(file),
        notes=(
            *([f"the contract is not looked at: {left_out}"] if left_out else []),
            *(
                [f"columns that differ from run to run: {', '.join(sorted(restless))}"]
                * bool(restless)
            ),
            *(
                f"{label_of(world.contents[place].sink)} differs from run to run, and is no sign"
                for place in sorted(left & world.contents.keys())
            ),
        ),
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


def _keys(document: Document | None) -> dict[str, tuple[str, ...]]:
    rules = {} if document is None else document.contract.sinks()
    return {name: rule.key.columns for (_, name), rule in rules.items() if rule.key is not None}


def _volatile(document: Document | None) -> set[str]:
    rules = {} if document is None else document.contract.sinks()
    return {
        name
        for rule in rules.values()
        for name, column in (rule.columns or {}).items()
        if column is not None and column.volatile
    }


def _frames(run: PipelineRun, blocks: list[str]) -> Columns:
    found = []
    for block in blocks:
        for at in range(len(run.outputs(block))):
            shape = output_shape(run.variables_folder, block, at)
            if shape is not None:
                found.append({field.name: str(field.type) for field in shape[1]})
    return Columns(tuple(found))
