"""The runs on a page: what the report says of each and what was taken beside it, made fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.page import limits
from harness.page.facts import BlockFacts, RunFacts
from harness.page.graph import drawing
from harness.page.kept import triggered_by
from harness.report.words import flow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.page.clean import Cleaner
    from harness.page.graph import Drawing
    from harness.report.model import BlockReport, PipelineReport, SinkReport

_MARKS = {
    "completed": "\N{CHECK MARK}",
    "failed": "\N{BALLOT X}",
    "running": "\N{BLACK RIGHT-POINTING TRIANGLE}",
    "skipped": "\N{MIDDLE DOT}",
    "not run": "\N{EN DASH}",
}
_NAME = 24
"""Characters of a name in the drawing."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """A block on the page: what the report says of it, and what was taken beside that."""

    report: BlockReport
    facts: BlockFacts
    name: str
    short: str
    flow: str
    mark: str


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A problem on the page; ``block`` is the number of its block, or 0."""

    code: str
    where: str
    message: str
    block: int


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was found in a service."""

    service: str
    name: str
    rows: int | None
    count: int
    columns: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """A pipeline's run on the page; all text in it is clean.

    Attributes:
        heading: What stands over it.
        report: The run's report.
        facts: What was taken beside that.
        cards: Its blocks, by uuid.
        drawing: How they hang together.
        problems: Why it is no success.
        sinks: What was found in the services.
        differences: What of its contract does not hold, cell by cell.
        failure: What else failed, as a test says it.
        triggered: The runs that its blocks triggered.
    """

    heading: str
    report: PipelineReport
    facts: RunFacts
    cards: Mapping[str, Card]
    drawing: Drawing
    problems: tuple[Fault, ...]
    sinks: tuple[Written, ...]
    differences: tuple[tuple[str | None, ...], ...]
    failure: str = ""
    triggered: tuple[Section, ...] = ()

    @classmethod
    def of(
        cls,
        report: PipelineReport,
        facts: RunFacts,
        *,
        upstream: Mapping[str, Mapping[str, Sequence[str]]],
        clean: Cleaner,
        heading: str = "",
        failure: str = "",
    ) -> Section:
        """A run's section.

        Args:
            report: The run's report.
            facts: What was taken beside that.
            upstream: For a pipeline, for each block those above it.
            clean: Makes text fit.
            heading: What stands over it; the pipeline's uuid if empty.
            failure: What else failed.
        """
        uuids = [block.uuid for block in report.blocks]
        return cls(
            heading=clean.line(heading or report.uuid, most=limits.TEXT),
            report=replace(
                report,
                uuid=clean.line(report.uuid, most=limits.CELL),
                entry_why=clean.line(report.entry_why, most=limits.TEXT),
            ),
            facts=facts,
            cards={block.uuid: _card(block, facts, clean) for block in report.blocks},
            drawing=drawing(uuids, upstream.get(report.uuid, {})),
            problems=tuple(_faults(report, clean)),
            sinks=tuple(_written(one, clean) for one in report.sinks[: limits.SINKS]),
            differences=tuple(_differences(report, clean)),
            failure=clean.text(failure[-limits.LOG_TAIL - limits.FURTHER :])[-limits.LOG_TAIL :],
            triggered=tuple(
                cls.of(
                    one,
                    taken,
                    upstream=upstream,
                    clean=clean,
                    heading=triggered_by(one.uuid, report.uuid),
                )
                for one, taken in zip(
                    report.triggered,
                    facts.triggered or [RunFacts()] * len(report.triggered),
                    strict=False,
                )
            ),
        )

    def flat(self) -> Iterator[Section]:
        """The section, and those of the runs that its blocks triggered."""
        yield self
        for one in self.triggered:
            yield from one.flat()


def _card(block: BlockReport, facts: RunFacts, clean: Cleaner) -> Card:
    name = clean.line(block.uuid, most=limits.CELL)
    return Card(
        report=replace(block, skipped=clean.line(block.skipped, most=limits.TEXT)),
        facts=facts.blocks.get(block.uuid, BlockFacts()),
        name=name,
        short=name if len(name) <= _NAME else f"{name[: _NAME - 1]}\N{HORIZONTAL ELLIPSIS}",
        flow=flow(block.rows_in, block.rows_out),
        mark=_MARKS.get(block.status, "?"),
    )


def _faults(report: PipelineReport, clean: Cleaner) -> Iterator[Fault]:
    numbers = {block.uuid: at for at, block in enumerate(report.blocks, 1)}
    for one in report.problems[: limits.MESSAGES]:
        yield Fault(
            code=clean.line(one.code, most=limits.CELL),
            where=clean.line(replace(one, pipeline="").where, most=limits.CELL),
            message=clean.line(one.message, most=limits.MESSAGE),
            block=numbers.get(one.block, 0),
        )


def _differences(report: PipelineReport, clean: Cleaner) -> Iterator[tuple[str | None, ...]]:
    found = report.contract.differences if report.contract else ()
    for one in found[: limits.MESSAGES]:
        sink = f"{one.service} {one.sink}"
        cells = [sink, one.column or "-", one.rule, one.expected, one.found, one.note]
        yield tuple(clean.cells(cells, most=limits.TEXT))


def _written(sink: SinkReport, clean: Cleaner) -> Written:
    columns = ", ".join(f"{one.name} {one.type}" for one in sink.columns)
    return Written(
        service=sink.service,
        name=clean.line(sink.name, most=limits.CELL),
        rows=sink.rows,
        count=len(sink.columns),
        columns=clean.line(columns, most=limits.TEXT),
    )
