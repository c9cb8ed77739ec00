"""Checks on numbers of rows, in all and by partition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from harness.errors import InputError
from harness.expect.finding import Finding
from harness.expect.sample import aligned, listed
from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.expect.subject import Subject

_MOST = 10


def rows(
    subject: Subject, count: int | range | None, *, between: tuple[int, int] | None
) -> Finding | None:
    """Whether there are as many rows as expected."""
    low, high = _limits(count, between)
    found = subject.rows
    if isinstance(count, range):
        if found in count:
            return None
    elif low <= found <= high:
        return None
    wanted = counted(low, "row") if low == high else f"{low:,} to {high:,} rows"
    if found < low:
        difference = f" ({low - found:,} fewer)"
    elif found > high:
        difference = f" ({found - high:,} more)"
    else:
        difference = f" (not in {count})"
    return Finding(
        about=subject.label,
        difference=f"expected {wanted}, found {found:,}{difference}",
        lines=tuple(f"{sink.rows or 0:,} in {sink.name}" for sink in subject.sinks[:_MOST])
        if len(subject.sinks) > 1
        else (),
    )


def _limits(count: int | range | None, between: tuple[int, int] | None) -> tuple[int, int]:
    """The least and the most number of rows, both included."""
    if (count is None) == (between is None):
        raise InputError(
            "rows() needs a number, a range or between=, and only one of them",
            remedy="write .rows(10), .rows(range(5, 11)) or .rows(between=(5, 10))",
        )
    if between is not None:
        low, high = between
    elif isinstance(count, range):
        low, high = (min(count), max(count)) if count else (0, -1)
    else:
        low = high = cast("int", count)
    numbers = all(isinstance(limit, int) and not isinstance(limit, bool) for limit in (low, high))
    if not numbers or not 0 <= low <= high:
        raise InputError(
            f"rows() cannot expect {between if count is None else count!r}",
            remedy="give whole numbers from 0 on, the least first",
        )
    return low, high


def partitions(subject: Subject, expected: Iterable[str] | Mapping[str, int]) -> Finding | None:
    """Whether there are the expected partitions, with their rows where those are given."""
    if isinstance(expected, str):
        raise InputError(
            "partitions() needs several ids, not one text",
            remedy=f"write .partitions([{expected!r}])",
        )
    counts = expected if isinstance(expected, Mapping) else None
    wanted = list(dict.fromkeys(map(str, expected)))
    found = subject.partitions
    missing = [name for name in wanted if name not in found]
    known = set(wanted)
    extra = [name for name in found if name not in known]
    other = []
    if counts is not None:
        other = [
            [name, f"{rows:,}", f"{found[name]:,}", f"{found[name] - rows:+,}"]
            for name, rows in counts.items()
            if name in found and found[name] != rows
        ]
    if not (missing or extra or other):
        return None
    if not found:
        return Finding(
            about=subject.label,
            difference=f"expected {counted(len(wanted), 'partition')}, found none:"
            " it is not partitioned",
            lines=tuple(listed("expected", wanted)),
        )
    parts = {"missing": len(missing), "extra": len(extra), "with other rows": len(other)}
    summary = ", ".join(f"{number:,} {what}" for what, number in parts.items() if number)
    lines: list[str] = []
    if missing:
        lines += listed("missing", missing)
    if extra:
        lines += listed("extra", [f"{name} ({counted(found[name], 'row')})" for name in extra])
    if other:
        lines += aligned(["partition", "expected rows", "found", "difference"], other[:_MOST])
    if len(other) > _MOST:
        lines.append(f"... and {len(other) - _MOST:,} more with other rows")
    return Finding(
        about=subject.label,
        difference=f"expected {counted(len(wanted), 'partition')}, found {len(found):,}: {summary}",
        lines=tuple(lines),
    )
