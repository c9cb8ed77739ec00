"""Where what was found is not what a contract says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.contracts.store import shown
from harness.errors import ExpectationError
from harness.expect.sample import aligned
from harness.plain import counted, visible

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


_MOST_SHOWN = 30


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that is not as the contract says.

    Attributes:
        service: ``postgres``, ``gcs`` or ``bigquery``.
        sink: The sink's name.
        column: The column, or an empty string where it is about the sink.
        rule: What of the contract does not hold, such as ``rows`` or ``between``.
        expected: What the contract says.
        found: What is there.
        line: The line of the contract, counted from 1.
        note: What else helps to understand it, or an empty string.
        way: Keys that lead to that part of the contract.
    """

    service: str
    sink: str
    rule: str
    expected: str
    found: str
    line: int
    column: str = ""
    note: str = ""
    way: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The object of the published schema (docs/run.schema.json)."""
        return {
            name: getattr(self, name)
            for name in (
                "service",
                "sink",
                "column",
                "rule",
                "expected",
                "found",
                "line",
                "note",
            )
        }


@dataclass(frozen=True, kw_only=True)
class ContractReport:
    """How a run was held to its contract.

    Attributes:
        file: The contract.
        differences: What is not as it says; empty where it holds.
        left_out: Why it was not looked at; empty where it was.
    """

    file: Path
    differences: tuple[Difference, ...] = ()
    left_out: str = ""

    @property
    def ok(self) -> bool:
        """Whether it holds, as far as it was looked at."""
        return not self.differences

    def as_json(self) -> dict[str, Any]:
        """The object of the published schema (docs/run.schema.json)."""
        return {
            "file": shown(self.file),
            "ok": None if self.left_out else self.ok,
            "left_out": self.left_out,
            "differences": [one.as_json() for one in self.differences],
        }


class ContractError(ExpectationError):
    """A run did not leave behind what its contract says.

    Args:
        pipeline: The pipeline's uuid.
        report: The differences.
    """

    def __init__(self, pipeline: str, report: ContractReport) -> None:
        self.report = report
        number = len(report.differences)
        super().__init__(
            f"pipeline {pipeline} does not hold its contract {shown(report.file)}:"
            f" {counted(number, 'difference')}",
            evidence=lines_of(report.differences),
            remedy="mend the pipeline; or, where this is how it shall be: "
            f"mage-harness contract write {pipeline}, or pytest --update-contracts",
        )


def lines_of(differences: Iterable[Difference]) -> list[str]:
    """Differences as lines of plain text, by sink; the most that fit on a screen."""
    lines: list[str] = []
    all_of_them = list(differences)
    shown = all_of_them[:_MOST_SHOWN]
    for sink in dict.fromkeys((one.service, one.sink) for one in shown):
        rows = [
            [str(one.line), one.column or "-", one.rule, one.expected, one.found]
            for one in shown
            if (one.service, one.sink) == sink
        ]
        lines.append(f"{sink[0]} {visible(sink[1])}")
        table = aligned(["line", "column", "rule", "expected", "found"], rows)
        lines += [f"  {line}" for line in table]
        notes = dict.fromkeys(
            one.note for one in shown if (one.service, one.sink) == sink and one.note
        )
        lines += [f"  {note}" for note in notes]
    if len(all_of_them) > len(shown):
        lines.append(f"... and {len(all_of_them) - len(shown):,} more differences")
    return lines
