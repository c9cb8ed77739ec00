"""The pipelines in all cells, one cell after the other, on one stack of services."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from harness.matrix.comparing import baseline_of, differences, only
from harness.matrix.report import CellReport, MatrixReport, Outcome
from harness.matrix.seen import seen
from harness.running.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from harness.matrix.cells import Cell
    from harness.matrix.comparing import Baseline
    from harness.matrix.seen import Seen
    from harness.services.stack import Stack


class Matrix:
    """Runs pipelines in cells, and holds each run against that in the first cell.

    Args:
        stack: The services, which are emptied before each run.
        pipelines: Pipelines by uuid.
        variables: Runtime variables by name.
        once: Whether the baseline runs once only, so that what differs from run to run is taken
            for a difference of the versions.
        progress: Told in a line what goes on.
    """

    def __init__(
        self,
        stack: Stack,
        *,
        pipelines: Sequence[str],
        variables: Mapping[str, Any],
        once: bool = False,
        progress: Callable[[str], None],
    ) -> None:
        self._stack = stack
        self._pipelines = pipelines
        self._variables = variables
        self._once = once
        self._progress = progress
        self._baselines: dict[str, Baseline] = {}

    def report(self, cells: Sequence[Cell]) -> MatrixReport:
        """Run all.

        Args:
            cells: The cells, the baseline first.

        Raises:
            InputError: A pipeline, a variable or a contract is not right.
            EnvironmentNotAbleError: Mage or a service cannot be started.
        """
        reports = tuple(map(self._cell, cells))
        notes = [note for one in self._baselines.values() for note in one.notes]
        return MatrixReport(cells=reports, notes=tuple(notes))

    def _cell(self, cell: Cell) -> CellReport:
        if cell.unable:
            return CellReport(cell=cell)
        session = Session(cell.settings, stack=self._stack, progress=self._progress)
        with closing(session):
            outcomes = tuple(self._outcome(session, cell, uuid) for uuid in self._pipelines)
        return CellReport(cell=cell, outcomes=outcomes)

    def _outcome(self, session: Session, cell: Cell, uuid: str) -> Outcome:
        found = self._run(session, cell, uuid)
        if uuid in self._baselines:
            return Outcome(seen=only(found), differences=differences(self._baselines[uuid], found))
        again = None
        if not self._once and found.ok:
            again = self._run(session, cell, uuid, more=", once more")
        self._baselines[uuid] = baseline_of(cell.settings, found, again, name=cell.name)
        return Outcome(seen=only(found))

    def _run(self, session: Session, cell: Cell, uuid: str, *, more: str = "") -> Seen:
        self._progress(f"{cell.name}: {uuid}{more}")
        found = seen(session, uuid, variables=self._variables)
        ended = "passed" if found.ok else "failed"
        self._progress(f"{cell.name}: {uuid}{more} {ended} in {found.seconds:.1f} s")
        return found
