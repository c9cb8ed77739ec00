"""A matrix in the terminal: cell by pipeline, and the differences in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from harness.plain import counted
from harness.report import words
from harness.report.terminal import print_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.text import Text

    from harness.matrix.report import CellReport, MatrixReport, Outcome

_LINES = 30


def print_matrix(console: Console, report: MatrixReport) -> None:
    """Print the table, what differs, and the verdict.

    Args:
        console: Where. Names and data may hold anything.
        report: What was found.
    """
    console.print()
    print_table(console, _table(console, report))
    for cell in report.cells:
        for title, lines in _told(cell):
            console.print(words.text(console, title, style="bold"), soft_wrap=True)
            for line in _shortened(lines):
                console.print(words.line(console, f"  {line}"), soft_wrap=True)
            console.print()
    for note in report.notes:
        console.print(words.text(console, f"note: {note}", style="dim"), soft_wrap=True)
    style = "bold green" if report.ok else "bold red"
    console.print(words.line(console, _verdict(report), style=style), soft_wrap=True)


def _table(console: Console, report: MatrixReport) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=True)
    for title in ("cell", "pipeline", "verdict", "data"):
        table.add_column(title)
    table.add_column("seconds", justify="right")
    for at, cell in enumerate(report.cells):
        name = words.text(console, cell.cell.name)
        if cell.cell.unable:
            table.add_row(name, "-", words.text(console, "cannot be had", style="red"), "-", "-")
        for outcome in cell.outcomes:
            ok = outcome.seen.ok
            table.add_row(
                name,
                words.text(console, outcome.seen.pipeline),
                words.text(
                    console, "passed" if ok else "failed", style="green" if ok else "bold red"
                ),
                _data(console, outcome, baseline=at == 0),
                f"{outcome.seen.seconds:.1f}",
            )
    return table


def _data(console: Console, outcome: Outcome, *, baseline: bool) -> Text:
    if baseline:
        return words.text(console, "baseline", style="dim")
    style = {"same": "green", "different": "bold red"}.get(outcome.data, "dim")
    return words.text(console, outcome.data, style=style)


def _told(cell: CellReport) -> Iterator[tuple[str, list[str]]]:
    if cell.cell.unable:
        yield f"{cell.cell.name} cannot be had", list(cell.cell.unable)
    for one in cell.outcomes:
        lines = [line for difference in one.differences for line in difference.lines]
        if not one.seen.ok and not lines:
            lines = [str(problem) for problem in one.seen.problems]
        if lines:
            yield f"{cell.cell.name}: {one.seen.pipeline}", lines


def _shortened(lines: list[str]) -> list[str]:
    if len(lines) <= _LINES:
        return lines
    return [*lines[:_LINES], f"and {counted(len(lines) - _LINES, 'more line')}, in --json FILE"]


def _verdict(report: MatrixReport) -> str:
    outcomes = [one for cell in report.cells for one in cell.outcomes]
    failed = sum(not one.seen.ok for one in outcomes)
    differ = sum(one.data == "different" for one in outcomes)
    unable = sum(bool(cell.cell.unable) for cell in report.cells)
    parts = [f"{counted(len(report.cells), 'cell')}, {counted(len(outcomes), 'run')}"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{differ} with other data"] if differ else []
    parts += [f"{counted(unable, 'cell')} not to be had"] if unable else []
    return f"{'SAME' if report.ok else 'NOT THE SAME'}  {', '.join(parts)}"
