"""Where rows went in a run: handed on, dropped, added, and received by the services.

Rows are counted by the tap at the hand of each block: what its function was given, and what it
returned. What the services hold before and after the run says what arrived of it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.running.block_run import BlockRun
    from harness.services.protocol import Sink

EXPORTER = "data_exporter"


@dataclass(frozen=True, kw_only=True)
class Received:
    """What a service has more of after a run.

    Attributes:
        service: ``postgres``, ``gcs`` or ``bigquery``.
        name: The sink's name.
        rows: Rows that it holds after the run.
        before: Rows that it held before it; 0 where it was not there.
    """

    service: str
    name: str
    rows: int
    before: int

    @property
    def gained(self) -> int:
        """Rows that it has more; negative where it has less."""
        return self.rows - self.before


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The rows of one block.

    Attributes:
        block: The block's uuid.
        came: Rows from each upstream block that handed over a table.
        rows_in: All of these together; None where nothing that has rows came in.
        rows_out: Rows that it returned; None where it returned nothing that has rows.
        dropped: Rows that it took in and did not return; None where that cannot be counted.
        added: Rows that it returned beyond those that it took in; None likewise.
        sinks: Names of the sinks that have an exporter's rows.
        alike: Names of other sinks that may have them instead: they have as many rows.
    """

    block: str
    came: Mapping[str, int]
    rows_in: int | None
    rows_out: int | None
    dropped: int | None = None
    added: int | None = None
    sinks: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()

    def line(self) -> str:
        """The entry as a line for people."""
        came = ", ".join(f"{rows:,} from {uuid}" for uuid, rows in self.came.items())
        if self.rows_out is not None:
            went = f"{counted(self.rows_out, 'row')} out"
        else:
            went = f"in {', '.join(self.sinks)}" if self.sinks else "no rows out"
            went += "".join(f" or {name}" for name in self.alike)
        change = f", {self.dropped:,} dropped" if self.dropped else ""
        change += f", {self.added:,} added" if self.added else ""
        if self.dropped is None and len(self.came) > 1 and self.rows_out is not None:
            change = ", of several tables: what became of which row is not counted"
        return f"{self.block}: {came or 'no rows in'}; {went}{change}"

    def as_json(self) -> dict[str, Any]:
        """The entry as plain data."""
        return asdict(self)


def received(before: Sequence[Sink], after: Sequence[Sink]) -> tuple[Received, ...]:
    """What was written to sinks that have rows.

    Args:
        before: What the services held before the run.
        after: What they hold after it.
    """
    held = {(one.service, one.name): one for one in before}
    return tuple(
        Received(
            service=one.service,
            name=one.name,
            rows=one.rows,
            before=(was.rows or 0) if (was := held.get((one.service, one.name))) else 0,
        )
        for one in after
        if one.rows is not None and one not in before
    )


def entry_of(block: BlockRun) -> Entry:
    """The rows of a block, without what the services have of them."""
    came = {
        uuid: rows
        for uuid, rows in zip(block.upstream, block.given, strict=False)
        if rows is not None
    }
    return Entry(
        block=block.uuid,
        came=came,
        rows_in=block.rows_in,
        rows_out=block.rows_out,
        dropped=block.dropped,
        added=block.added,
    )


def lost_between(blocks: Sequence[BlockRun]) -> list[str]:
    """Rows that one block returned and the next did not get, a line for each hand-over.

    Blocks of which children ran are left out: each child has a part of what was returned.
    """
    by_uuid = {block.uuid: block for block in blocks}
    found = []
    for block in blocks:
        for uuid, rows in entry_of(block).came.items():
            above = by_uuid.get(uuid)
            if above is None or block.children or above.children or len(above.left) != 1:
                continue
            (left,) = above.left
            if left is not None and left != rows:
                found.append(
                    f"{uuid} returned {counted(left, 'row')} and {block.uuid} was given {rows:,}"
                )
    return found


@dataclass(frozen=True, kw_only=True)
class Settled:
    """The sinks of one exporter.

    Attributes:
        sinks: Those that have its rows.
        alike: Others that have as many rows as it was given, and may have them instead.
    """

    sinks: tuple[str, ...]
    alike: tuple[str, ...] = ()


def settle(
    exporters: Sequence[BlockRun], written: Sequence[Received]
) -> tuple[dict[str, Settled], tuple[Received, ...]]:
    """Which sink has the rows of which exporter, by their numbers.

    A sink has an exporter's rows if it holds just so many, or has gained so many. Each sink is
    counted once; rows that one exporter spread over several sinks, and rows that several appended
    to one, are found as sums.

    Args:
        exporters: Exporters that were given rows.
        written: What was written.

    Returns:
        The settled exporters; and the sinks that belong to none.
    """
    free = list(written)
    settled: dict[str, Settled] = {}
    for block, match in _matched(exporters, written):
        free.remove(match)
        alike = tuple(
            one.name
            for one in written
            if one is not match and _fit(block, one) == _fit(block, match)
        )
        settled[block.uuid] = Settled(sinks=(match.name,), alike=alike)
    for block in (one for one in exporters if one.uuid not in settled):
        parts = [one for one in free if one.gained > 0]
        if parts and sum(one.gained for one in parts) == block.rows_in:
            settled[block.uuid] = Settled(sinks=tuple(one.name for one in parts))
            free = [one for one in free if one not in parts]
    left = [block for block in exporters if block.uuid not in settled]
    together = sum(block.rows_in or 0 for block in left)
    shared = next((one for one in free if left and one.gained == together), None)
    if shared is not None:
        settled.update({block.uuid: Settled(sinks=(shared.name,)) for block in left})
        free.remove(shared)
    return settled, tuple(free)


def _fit(block: BlockRun, one: Received) -> int:
    """How well a sink fits an exporter: 0 by what it gained, 1 by what it holds, 2 not at all."""
    return 0 if one.gained == block.rows_in else 1 if one.rows == block.rows_in else 2


def _matched(
    exporters: Sequence[BlockRun], written: Sequence[Received]
) -> list[tuple[BlockRun, Received]]:
    """As many exporters as can be, each with a sink of its own (Kuhn's augmenting paths)."""
    owner: dict[int, BlockRun] = {}

    def place(block: BlockRun, tried: set[int]) -> bool:
        fits = sorted(
            range(len(written)), key=lambda index: (_fit(block, written[index]), index in owner)
        )
        for index in fits:
            if _fit(block, written[index]) > 1 or index in tried:
                continue
            tried.add(index)
            if index not in owner or place(owner[index], tried):
                owner[index] = block
                return True
        return False

    for block in exporters:
        place(block, set())
    return [(block, written[index]) for index, block in sorted(owner.items())]
