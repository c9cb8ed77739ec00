"""What a page shows of a run beyond its report: code, outputs, logs, time line, versions.

All text in it is fit to be shown: without secrets and control characters, and of bounded length.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of code.

    Attributes:
        number: Counted from 1.
        text: The line.
        html: The line, highlighted.
        marks: What happened there; empty for most.
    """

    number: int
    text: str
    html: Markup
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Code:
    """A block's file.

    Attributes:
        file: Its name, relative to the project.
        lines: Its lines, or some around what happened.
        left_out: How many lines are not shown.
    """

    file: str
    lines: tuple[Line, ...]
    left_out: int = 0


@dataclass(frozen=True, kw_only=True)
class ColumnFacts:
    """A column of an output.

    Attributes:
        name: Its name.
        type: Its type, in DuckDB's words.
        nulls: Rows without a value.
        distinct: About how many different values; None where they were not counted.
        low: The smallest value.
        high: The largest value.
        mean: The mean of numbers, or an empty string.
    """

    name: str
    type: str
    nulls: int | None = None
    distinct: int | None = None
    low: str = ""
    high: str = ""
    mean: str = ""


@dataclass(frozen=True, kw_only=True)
class Output:
    """One output of a block.

    Attributes:
        name: Such as ``output_0``.
        rows: Its rows, or None where it is no table.
        columns: Its columns, with their statistics.
        shown: Names of the columns that ``head`` has.
        head: The first rows; None for a null.
        note: What is left out, or why there is no table.
        value: What is no table, as text.
    """

    name: str
    rows: int | None = None
    columns: tuple[ColumnFacts, ...] = ()
    shown: tuple[str, ...] = ()
    head: tuple[tuple[str | None, ...], ...] = ()
    note: str = ""
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Something on the time line.

    Attributes:
        after: Seconds since the run began.
        who: The block, or the service.
        what: What happened, or what the service was asked.
        verb: What was to be done with it, or an empty string.
        answer: What came of it.
        during: The blocks that ran then.
        failed: Whether it went wrong.
        service: Whether a service tells of it, and not the run.
    """

    after: float
    who: str
    what: str
    verb: str = ""
    answer: str = ""
    during: str = ""
    failed: bool = False
    service: bool = False


@dataclass(frozen=True, kw_only=True)
class BlockFacts:
    """What is known of a block.

    Attributes:
        type: Mage's block type.
        upstream: The blocks above it.
        error: What ended it, or an empty string.
        tests: Its tests: name, whether it passed, and what it said.
        code: Its file, or None.
        outputs: What it handed on.
        stdout: What was printed while it ran.
        stderr: The same of the standard error.
        beside: Other blocks that ran meanwhile, and may have printed a part of that.
    """

    type: str = ""
    upstream: tuple[str, ...] = ()
    error: str = ""
    tests: tuple[tuple[str, bool, str], ...] = ()
    code: Code | None = None
    outputs: tuple[Output, ...] = ()
    stdout: str = ""
    stderr: str = ""
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What is known of a run.

    Attributes:
        began: When, as text; empty where it did not.
        blocks: By uuid.
        moments: The time line.
        unheard: How many moments are left out.
        stdout: The end of all that it printed.
        stderr: The same of the standard error.
        accepted: What would be a problem, had the settings not accepted it.
        triggered: The runs that its blocks triggered.
    """

    began: str = ""
    blocks: Mapping[str, BlockFacts] = field(default_factory=dict)
    moments: tuple[Moment, ...] = ()
    unheard: int = 0
    stdout: str = ""
    stderr: str = ""
    accepted: tuple[str, ...] = ()
    triggered: tuple[RunFacts, ...] = ()
