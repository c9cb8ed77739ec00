"""What is said of mutants: each as it is known, then those that nobody noticed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from harness.contracts.store import shown
from harness.mutate.outcome import KILLED, LATE, SAME, SURVIVED, UNREACHED, UNRECORDED
from harness.plain import counted
from harness.report import words

if TYPE_CHECKING:
    from rich.console import Console

    from harness.mutate.outcome import MutationReport, Outcome

_STYLES = {
    SURVIVED: "bold red",
    KILLED: "green",
    LATE: "green",
    SAME: "dim",
    UNREACHED: "yellow",
    UNRECORDED: "yellow",
}
_UNPROVEN = {
    UNREACHED: "not covered, the run never came there",
    UNRECORDED: "no recording, which says nothing of the expectations",
}
_DIFF = {"+": "green", "-": "red", "@": "cyan"}
_BY = 160


def outcome_line(outcome: Outcome, *, number: int, of: int) -> str:
    """One mutant as a line of a log.

    Args:
        outcome: What became of it.
        number: Which it is, counted from 1.
        of: How many there are.
    """
    one = outcome.mutant
    by = outcome.by if len(outcome.by) <= _BY else f"{outcome.by[:_BY]}..."
    noticed = f" ({by})" if by else ""
    return (
        f"{number} of {of}  {outcome.status}  {one.file}:{one.line}  {one.operator}: {one.what}"
        f"{noticed}"
    )


def print_mutation(console: Console, report: MutationReport) -> None:
    """Print the mutants that survived, then the numbers.

    Args:
        console: Where to print.
        report: What is known.
    """
    console.print()
    for outcome in report.survivors:
        _print_survivor(console, outcome, project=report.project)
    for status, told in _UNPROVEN.items():
        found = [one.mutant for one in report.outcomes if one.status == status]
        if found:
            places = dict.fromkeys(f"{one.file}:{one.line}" for one in found)
            _line(console, f"  {told}: {', '.join(places)}", _STYLES[status])
    for note in report.notes:
        _line(console, f"  note: {note}", "dim")
    counts = ", ".join(f"{number} {status}" for status, number in report.counts.items())
    score = "no score" if report.score is None else f"score {report.score:.0f} %"
    tried = len(report.outcomes)
    whole = counted(tried, "mutant") if tried == report.mutants else f"{tried} of {report.mutants}"
    verdict = _verdict(report)
    verdict.append_text(words.line(console, f"  {report.pipeline}: {whole}: {counts}; {score}"))
    console.print(verdict, soft_wrap=True)


def _verdict(report: MutationReport) -> Text:
    if report.survivors:
        return Text("SURVIVORS", style="bold red")
    if len(report.outcomes) < report.mutants:
        return Text("NOT FINISHED", style="bold yellow")
    if report.score is None:
        return Text("NOTHING PROVEN", style="bold yellow")
    return Text("NONE SURVIVED", style="bold green")


def _print_survivor(console: Console, outcome: Outcome, *, project: Path) -> None:
    one = outcome.mutant
    file = Path(shown(project / one.file))
    head = words.text(console, outcome.status, style=_STYLES[outcome.status])
    head.append_text(words.line(console, f"  {file}:{one.line}  {one.operator}: {one.what}"))
    console.print(head, soft_wrap=True)
    # So that it can be applied from here.
    for line in one.diff(place=None if file.is_absolute() else file):
        _line(console, f"    {line}", _DIFF.get(line[:1], ""))
    for line in outcome.differences:
        _line(console, f"    {line}")
    for line in outcome.proposals:
        _line(console, f"    would notice: {line}", "cyan")
    console.print()


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(words.line(console, text, style=style), soft_wrap=True)
