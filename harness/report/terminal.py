"""What ``mage-harness run`` shows: progress while pipelines run, then a report for each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich import box
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.contracts.difference import lines_of
from harness.contracts.store import shown
from harness.plain import counted
from harness.report import words
from harness.report.progress import RunProgress
from harness.services.catalogue import BY_NAME, KINDS, NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from harness.contracts.difference import ContractReport
    from harness.problem import Problem
    from harness.report.model import BlockReport, PipelineReport, SinkReport

__all__ = ["RunProgress", "print_pipeline", "print_table"]

_LOG_WIDTH = 500


def print_pipeline(console: Console, pipeline: PipelineReport) -> None:
    """Print a pipeline's blocks, what was found in the services, its problems and the verdict.

    Args:
        console: Where to print.
        pipeline: The facts. Names and messages may hold anything.
    """
    console.print()
    console.print(words.text(console, pipeline.uuid, style="bold"))
    print_table(console, _blocks(console, (*pipeline.blocks, *_triggered(pipeline))))
    if pipeline.sinks:
        print_table(console, _sinks(console, pipeline.sinks))
    else:
        *most, last = (kind.title for kind in KINDS if not kind.further)
        told = f"  nothing was written to {', '.join(most)} or {last}"
        console.print(Text(told, style="yellow"))
        console.print()
    if pipeline.contract is not None:
        _print_contract(console, pipeline.contract)
    for problem in pipeline.problems:
        _print_problem(console, problem)
    console.print(_verdict(console, pipeline), soft_wrap=True)


def print_table(console: Console, table: Table) -> None:
    """Print a table; in a log as wide as it needs, so that names stay whole.

    Args:
        console: Where to print.
        table: The table; in a log it gets a width.
    """
    if not console.is_terminal:
        options = console.options.update(max_width=_LOG_WIDTH)
        table.width = Measurement.get(console, options, table).maximum
    console.print(table, crop=False)


def _table(*columns: str, right: tuple[str, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=True)
    for column in columns:
        number = column in right
        table.add_column(
            column, justify="right" if number else "left", no_wrap=number, overflow="fold"
        )
    return table


def _blocks(console: Console, blocks: tuple[BlockReport, ...]) -> Table:
    drops = any(block.dropped for block in blocks)
    right = ("rows in", "rows out", *(["dropped"] if drops else []), "seconds")
    table = _table("block", "status", *right, right=right)
    for block in blocks:
        table.add_row(
            words.text(console, block.uuid),
            words.text(console, block.course, style=words.status_style(block.status)),
            words.number(block.rows_in),
            words.number(block.rows_out),
            *([words.number(block.dropped or None)] if drops else []),
            "-" if block.seconds is None else f"{block.seconds:,.2f}",
        )
    return table


def _triggered(pipeline: PipelineReport) -> Iterator[BlockReport]:
    """The blocks of the pipelines that its blocks triggered."""
    for one in pipeline.triggered:
        for block in one.blocks:
            yield replace(block, uuid=f"{one.uuid} > {block.uuid}")


def _sinks(console: Console, sinks: tuple[SinkReport, ...]) -> Table:
    right = ("rows", "columns")
    table = _table("found in", "name", *right, right=right)
    for sink in sorted(sinks, key=lambda sink: (NAMES.index(sink.service), sink.name)):
        table.add_row(
            words.text(console, BY_NAME[sink.service].title),
            words.text(console, sink.name),
            words.number(sink.rows),
            words.number(len(sink.columns) or None),
        )
    return table


def _print_problem(console: Console, problem: Problem) -> None:
    place = f"{problem.file}:{problem.line}" if problem.file and problem.line else problem.file
    head = words.text(console, problem.code, style="bold red")
    for part in (problem.block, place):
        if part:
            head.append("  ").append_text(words.text(console, part))
    message = words.text(console, problem.message)
    if console.is_terminal:
        console.print(Padding(head, (0, 0, 0, 2)))
        console.print(Padding(message, (0, 0, 1, 4)))
    else:
        console.print(Text("  ").append_text(head), soft_wrap=True)
        console.print(Text("    ").append_text(message).append("\n"), soft_wrap=True)


def _print_contract(console: Console, contract: ContractReport) -> None:
    number = len(contract.differences)
    if contract.left_out:
        word, style = f"not looked at: {contract.left_out}", "yellow"
    else:
        word = counted(number, "difference") if number else "holds"
        style = "red" if number else "green"
    line = Text("  contract ").append_text(words.text(console, shown(contract.file)))
    console.print(line.append(": ").append(word, style=style), soft_wrap=True)
    for text in lines_of(contract.differences):
        console.print(words.line(console, f"    {text}"), soft_wrap=True)
    console.print()


def _verdict(console: Console, pipeline: PipelineReport) -> Text:
    completed = sum(block.status == "completed" for block in pipeline.blocks)
    skipped = sum(block.status == "skipped" for block in pipeline.blocks)
    facts = [
        f"{completed} of {counted(len(pipeline.blocks), 'block')} completed",
        *([f"{skipped} skipped"] if skipped else []),
        counted(len(pipeline.problems), "problem"),
        words.duration(pipeline.seconds),
    ]
    verdict = Text("PASSED" if pipeline.ok else "FAILED", style=_verdict_style(pipeline.ok))
    name = words.text(console, pipeline.uuid)
    return verdict.append("  ", style="default").append_text(name).append(f": {', '.join(facts)}")


def _verdict_style(ok: bool) -> str:  # noqa: FBT001 - a verdict
    return "bold green" if ok else "bold red"
