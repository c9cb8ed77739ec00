"""What a matrix has shown, as plain data; the JSON form is published in docs/matrix.schema.json."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.matrix.cells import Cell
    from harness.matrix.seen import Seen
    from harness.rerun.difference import Difference
    from harness.rerun.world import World


VERDICT = "verdict"
"""In place of a service: how a run ended."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A pipeline in a cell.

    Attributes:
        seen: What it did there, without its rows.
        differences: How that differs from the baseline.
    """

    seen: Seen
    differences: tuple[Difference, ...] = ()

    @property
    def data(self) -> str:
        """How its data is beside the baseline's: ``same`` or ``different``.

        ``-`` where one of the two failed, so that there is nothing to compare.
        """
        if any(one.service != VERDICT for one in self.differences):
            return "different"
        return "same" if self.seen.ok and not self.differences else "-"

    def as_json(self) -> dict[str, Any]:
        """The object of the published schema."""
        return {
            "uuid": self.seen.pipeline,
            "ok": self.seen.ok,
            "data": self.data,
            "seconds": self.seen.seconds,
            "problems": [one.as_json() for one in self.seen.problems],
            "blocks": _contents(self.seen.blocks),
            "sinks": _contents(self.seen.sinks),
            "differences": [
                {"service": one.service, "name": one.sink, "lines": list(one.lines)}
                for one in self.differences
            ],
        }


@dataclass(frozen=True, kw_only=True)
class CellReport:
    """A cell.

    Attributes:
        cell: Its versions.
        outcomes: Its pipelines, in the order in which they ran; none where it cannot be had.
    """

    cell: Cell
    outcomes: tuple[Outcome, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The object of the published schema."""
        return {
            "name": self.cell.name,
            "mage": self.cell.mage,
            "python": self.cell.settings.python,
            "packages": dict(self.cell.packages),
            "made_seconds": self.cell.made,
            "unable": "\n".join(self.cell.unable) or None,
            "pipelines": [one.as_json() for one in self.outcomes],
        }


@dataclass(frozen=True, kw_only=True)
class MatrixReport:
    """All cells, the baseline first.

    Attributes:
        cells: The cells.
        notes: What is not compared.
    """

    cells: tuple[CellReport, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether all pipelines passed in all cells, with the same data."""
        outcomes = [one for cell in self.cells for one in cell.outcomes]
        return not any(cell.cell.unable for cell in self.cells) and all(
            one.seen.ok and not one.differences for one in outcomes
        )

    def as_json(self) -> dict[str, Any]:
        """The whole object of the published schema."""
        return {
            "baseline": self.cells[0].cell.name,
            "ok": self.ok,
            "cells": [one.as_json() for one in self.cells],
            "notes": list(self.notes),
        }


def _contents(world: World) -> list[dict[str, Any]]:
    return [
        {
            "service": one.sink.service,
            "name": one.sink.name,
            "rows": one.sink.rows,
            "columns": [{"name": it.name, "type": it.type} for it in one.sink.columns],
        }
        for one in world.contents.values()
    ]
