"""One cell's run held against the baseline's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.bundle.opening import places
from harness.contracts.facts import SinkFacts
from harness.contracts.reader import read_document
from harness.contracts.store import contract_file
from harness.contracts.volatile import trace, unsteady
from harness.errors import CheckFailedError, InputError
from harness.matrix.report import VERDICT
from harness.rerun.agreed import keys_of, volatile_of
from harness.rerun.difference import Comparison, Difference, between
from harness.rerun.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.matrix.seen import Seen
    from harness.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """A pipeline on the versions that others are compared with.

    Attributes:
        seen: What it did.
        comparison: How another cell's data is compared with it.
        restless: Sinks and outputs that differ from run to run on the same versions.
    """

    seen: Seen
    comparison: Comparison
    restless: frozenset[tuple[str, str]] = frozenset()

    @property
    def notes(self) -> Iterator[str]:
        """What a reader should know of what is not compared."""
        name = self.seen.pipeline
        if self.comparison.ignoring:
            told = ", ".join(self.comparison.ignoring)
            yield f"{name}: columns that may differ from run to run: {told}"
        contents = self.seen.world.contents
        for place in sorted(self.restless & contents.keys()):
            yield f"{name}: {contents[place].label} differs from run to run, and is not compared"


def baseline_of(settings: Settings, first: Seen, second: Seen | None, *, name: str) -> Baseline:
    """What other cells are compared with.

    Args:
        settings: How pipelines are run; a contract says which columns are keys or volatile.
        first: The pipeline's run on the baseline's versions.
        second: The same once more: what differs is no sign of other versions. None for no look.
        name: What the baseline is called.

    Raises:
        InputError: The contract is not right.
    """
    file = contract_file(settings, first.pipeline)
    document = read_document(file) if file.exists() else None
    volatile = volatile_of(document)
    if second is not None:
        volatile |= set(_restless(first, second))
    comparison = Comparison(
        pipeline=first.pipeline,
        keys=keys_of(document),
        ignoring=tuple(sorted(volatile)),
        than=f"with {name}",
        given=name,
    )
    if second is None or not (first.ok and second.ok):
        return Baseline(seen=first, comparison=comparison)
    apart = _apart(first.world, second.world, comparison)
    restless = frozenset((one.service, one.sink) for one in apart)
    return Baseline(seen=first, comparison=comparison, restless=restless)


def differences(baseline: Baseline, found: Seen) -> tuple[Difference, ...]:
    """How a cell's run differs from the baseline's, blocks first; verdicts, and data.

    Where one of the two failed, their verdicts are compared and not what was left midway.

    Args:
        baseline: The baseline's.
        found: The cell's.
    """
    one, name = baseline.seen, baseline.comparison.given
    if one.ok and found.ok:
        apart = _apart(one.world, found.world, baseline.comparison)
        return tuple(it for it in apart if (it.service, it.sink) not in baseline.restless)
    if places(one.problems) == places(found.problems):
        return ()
    lines = []
    if one.ok or found.ok:
        lines.append(f"it {'passed' if found.ok else 'failed'}, and not {baseline.comparison.than}")
    known, now = places(one.problems), places(found.problems)
    lines += [str(it) for it in found.problems if places([it]) - known]
    lines += [f"only {baseline.comparison.than}: {it}" for it in one.problems if places([it]) - now]
    return (Difference(service=VERDICT, sink=name, lines=tuple(lines)),)


def _apart(one: World, other: World, comparison: Comparison) -> Iterator[Difference]:
    for place in {**one.contents, **other.contents}:
        pair = [
            World(contents={place: it.contents[place]} if place in it.contents else {})
            for it in (one, other)
        ]
        try:
            yield from between(*pair, plan=comparison)
        except (CheckFailedError, InputError) as error:
            # What cannot be read or compared any more is not what it was.
            yield Difference(service=place[0], sink=place[1], lines=tuple(str(error).splitlines()))


def _restless(first: Seen, second: Seen) -> Iterator[str]:
    """Columns with other values in a second run, where the type is the same."""
    now = second.world.contents
    for place, content in first.world.contents.items():
        if place in now and content.table is not None and now[place].table is not None:
            facts = [SinkFacts(it.subject) for it in (content, now[place])]
            yield from unsteady(trace(facts[0]), facts[1]).columns


def only(pipeline: Seen) -> Seen:
    """What of a run is told of it, without its rows.

    Args:
        pipeline: The run.
    """

    def lean(world: World) -> World:
        return World(contents={at: replace(it, table=None) for at, it in world.contents.items()})

    return replace(pipeline, blocks=lean(pipeline.blocks), sinks=lean(pipeline.sinks))
