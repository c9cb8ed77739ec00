"""The unchanged pipeline: what its mutants are held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.contracts.reader import read_document
from harness.contracts.store import contract_file
from harness.expect.subject import label_of
from harness.mutate.seen import seen
from harness.mutate.trial import tried
from harness.rerun.agreed import keys_of, volatile_of
from harness.rerun.difference import Comparison, differences
from harness.rerun.world import World, written
from harness.running.asked import Asked
from harness.running.variables import known_to

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from harness.mutate.change import Mutant
    from harness.mutate.columns import Columns
    from harness.mutate.seen import Seen
    from harness.mutate.trial import Target
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
        lines: The lines of the project's Python that ran, by file.
        contract: The contract that it holds; empty where it has none.
        notes: What a reader should know.
    """

    seconds: float
    world: World
    unsteady: frozenset[tuple[str, str]]
    comparison: Comparison
    columns: Mapping[str, Columns]
    lines: Mapping[Path, Collection[int]]
    contract: str
    notes: tuple[str, ...]

    def reaches(self, mutant: Mutant) -> bool:
        """Whether the unchanged pipeline comes to a change; of SQL that is not known by line."""
        first, last = mutant.statement
        ran = self.lines.get(mutant.file, ())
        return mutant.file.suffix != ".py" or any(first <= line <= last for line in ran)


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
    first = seen(session, target)
    session.progress(f"{target.pipeline}: unchanged, once more")
    second = tried(session, target)
    second.run.require_success()
    restless = first.restless(session, written(session.stack, second.before))
    comparison = Comparison(
        pipeline=target.pipeline,
        keys=keys_of(document),
        ignoring=tuple(sorted(restless | volatile_of(document))),
        given="the unchanged run",
    )
    apart = differences(session.stack, first.world, before=second.before, plan=comparison)
    unsteady = frozenset((one.service, one.sink) for one in apart)
    contents = first.world.contents
    return Baseline(
        seconds=max(first.seconds, second.run.seconds),
        world=World(contents={at: one for at, one in contents.items() if at not in unsteady}),
        unsteady=unsteady,
        comparison=comparison,
        columns=first.columns,
        lines=first.lines,
        contract="" if document is None or first.left_out else str(file),
        notes=tuple(_notes(first, restless, unsteady)),
    )


def _notes(
    first: Seen, restless: Collection[str], unsteady: Collection[tuple[str, str]]
) -> Iterator[str]:
    if first.left_out:
        yield f"the contract is not looked at: {first.left_out}"
    if restless:
        yield f"columns that differ from run to run: {', '.join(sorted(restless))}"
    for place in sorted(set(unsteady) & first.world.contents.keys()):
        sink = label_of(first.world.contents[place].sink)
        yield f"{sink} differs from run to run, and is no sign"


def unrepeatable(
    session: Session, target: Target, baseline: Baseline
) -> frozenset[tuple[str, str]] | None:
    """The sinks that the unchanged pipeline leaves otherwise when it runs a second time.

    Args:
        session: Where; its services hold what one run left, as after ``baseline_of``.
        target: What to run.
        baseline: What it leaves.

    Returns:
        Their services and names; None where the second run is no success.
    """
    session.progress(f"{target.pipeline}: unchanged, on what it left")
    before = session.stack.inventory()
    pipeline = session.project.pipeline(target.pipeline)
    given = known_to(target.variables, project=session.project, pipeline=pipeline)
    run = session.run(target.pipeline, asked=Asked(variables=given))
    if not run.ok:
        return None
    found = differences(session.stack, baseline.world, before=before, plan=baseline.comparison)
    return frozenset((one.service, one.sink) for one in found) - baseline.unsteady


def second_run_notes(
    baseline: Baseline, apart: Collection[tuple[str, str]] | None
) -> Iterator[str]:
    """What a reader should know of how options of writing are tried.

    Args:
        baseline: What the unchanged pipeline leaves.
        apart: What ``unrepeatable`` gave.
    """
    lost = "how options write over what is there is not looked at"
    if apart is None:
        yield f"the unchanged pipeline fails on what it left: {lost}"
        return
    contents = baseline.world.contents
    for place in sorted(apart):
        sink = label_of(contents[place].sink) if place in contents else place[1]
        yield f"{sink} has other data after a second run: {lost} in it"
