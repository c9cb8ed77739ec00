"""Rows in are rows out and rows dropped: a run's ledger, and what nobody accounts for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.errors import ExpectationError, InputError
from harness.plain import counted
from harness.running.ledger import EXPORTER, Entry, entry_of, lost_between, received, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from harness.running.block_run import BlockRun
    from harness.running.ledger import Received, Settled
    from harness.running.result import PipelineRun
    from harness.services.protocol import Sink

Rows = int | range


@dataclass(frozen=True, kw_only=True)
class Holdings:
    """What the services hold around a run.

    Attributes:
        before: What they held before it.
        now: Looks at what they hold; raises InputError once something else has run in them.
    """

    before: tuple[Sink, ...]
    now: Callable[[], Sequence[Sink]]


class Standing:
    """Gives each run what the services hold around it, until something else happens in them.

    Args:
        look: Looks at what they hold.
    """

    def __init__(self, look: Callable[[], Sequence[Sink]]) -> None:
        self._look = look
        self._moves = 0

    def move(self) -> None:
        """Something happens in the services that is not of the last run."""
        self._moves += 1

    def around(self, before: Sequence[Sink] | None) -> Holdings | None:
        """What the services hold around a run that has just ended.

        Args:
            before: What they held before it; None where nobody looked.
        """
        self.move()
        moves = self._moves

        def now() -> Sequence[Sink]:
            if self._moves != moves:
                raise InputError(
                    "the rows of a run cannot be reconciled after another run, or a reset",
                    cause="the services hold what came later, too",
                    remedy="call .reconciles() right after the run",
                )
            return self._look()

        return None if before is None else Holdings(before=tuple(before), now=now)


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Where all rows of a run went.

    Attributes:
        entries: One for each block, in the pipeline's order.
        others: Sinks that were written and that no exporter's rows explain.
    """

    entries: tuple[Entry, ...]
    others: tuple[Received, ...] = ()

    def __getitem__(self, block: str) -> Entry:
        """The entry of a block.

        Raises:
            KeyError: The pipeline has no such block.
        """
        return {entry.block: entry for entry in self.entries}[block]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The ledger as lines for people."""
        others = [f"of no exporter: {_shown(one)}" for one in self.others]
        return [*(entry.line() for entry in self.entries), *others]

    def as_json(self) -> dict[str, Any]:
        """The ledger as plain data."""
        return {
            "entries": [entry.as_json() for entry in self.entries],
            "others": [f"{one.service} {one.name}" for one in self.others],
        }


def reconciled(
    run: PipelineRun,
    *,
    dropped: Mapping[str, Rows] | None,
    added: Mapping[str, Rows] | None,
    elsewhere: Collection[str],
) -> Ledger:
    """The ledger of a run in which each row is accounted for.

    Args:
        run: The run; a success.
        dropped: Rows that each block drops; None where any number may be.
        added: Rows that each block adds; None where any number may be.
        elsewhere: Exporters whose rows do not show as rows of a service.

    Raises:
        ExpectationError: Rows are lost, or dropped or added against what is declared.
        InputError: A block is not known, or what the services hold around the run is not.
    """
    if run.holdings is None:
        raise InputError(
            f"the rows of {run.pipeline} cannot be reconciled: "
            "nobody looked at the services before it",
            remedy="run it by mage.run",
        )
    _check_names(run, [*(dropped or {}), *(added or {}), *elsewhere])
    exporters = [
        block
        for block in run.blocks
        if block.type == EXPORTER and block.rows_in and block.uuid not in elsewhere
    ]
    written = received(run.holdings.before, run.holdings.now())
    sinks, others = settle(exporters, written)
    entries = tuple(_settled(entry_of(block), sinks.get(block.uuid)) for block in run.blocks)
    ledger = Ledger(entries=entries, others=others)
    wrong = [
        *lost_between(run.blocks),
        *(_unsettled(block, others) for block in exporters if block.uuid not in sinks),
        *_undeclared(entries, dropped, word="dropped"),
        *_undeclared(entries, added, word="added"),
    ]
    if wrong:
        raise ExpectationError(
            f"the rows of {run.pipeline} do not reconcile: {wrong[0]}"
            + (f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""),
            evidence=[*wrong[1:], *ledger.lines()],
            remedy=_REMEDY,
            facts={"about": run.pipeline, "wrong": wrong, **ledger.as_json()},
        )
    return ledger


_REMEDY = (
    "mend the block, or declare what is meant: dropped={...} and added={...} with rows by block, "
    "elsewhere=[...] for exporters that write to no service or merge rows into what is there"
)


def _check_names(run: PipelineRun, names: Collection[str]) -> None:
    known = [block.uuid for block in run.blocks]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            f"pipeline {run.pipeline} has no block {unknown[0]}",
            evidence=[f"blocks: {', '.join(known)}"],
            remedy="correct the name",
        )


def _settled(entry: Entry, found: Settled | None) -> Entry:
    return entry if found is None else replace(entry, sinks=found.sinks, alike=found.alike)


def _unsettled(block: BlockRun, free: Sequence[Received]) -> str:
    shown = "; ".join(_shown(one) for one in free) or "nothing else was written"
    rows = counted(block.rows_in or 0, "row")
    return f"{block.uuid} was given {rows}, and no sink has them: {shown}"


def _shown(one: Received) -> str:
    was = f", {one.before:,} before" if one.before else ""
    return f"{one.service} {one.name} has {counted(one.rows, 'row')}{was}"


def _undeclared(
    entries: Sequence[Entry], declared: Mapping[str, Rows] | None, *, word: str
) -> list[str]:
    if declared is None:
        return []
    found = []
    for entry in entries:
        number, wanted = getattr(entry, word), declared.get(entry.block, 0)
        allowed = range(wanted, wanted + 1) if isinstance(wanted, int) else wanted
        if number is None and entry.block in declared:
            found.append(f"{entry.block} {word} a number of rows that cannot be counted")
        elif number is not None and number not in allowed:
            rows = counted(number, "row")
            found.append(f"{entry.block} {word} {rows}, declared: {_asked(wanted)}")
    return found


def _asked(wanted: Rows) -> str:
    if isinstance(wanted, int):
        return f"{wanted:,}"
    return f"{wanted.start:,} or more, below {wanted.stop:,}"
