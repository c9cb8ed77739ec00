"""Partitions within a range: every one of its days, months, hours or numbers, and no other."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote

from harness.errors import InputError
from harness.expect.finding import Finding
from harness.expect.sample import listed
from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.expect.subject import Subject

Bound: TypeAlias = "str | int | dt.date"

_DIGITS = {4: "year", 6: "month", 8: "day", 10: "hour"}
_TEXTS = {
    "month": r"(\d{4})-(\d{2})",
    "day": r"(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00(?::00)?)?",
    "hour": r"(\d{4})-(\d{2})-(\d{2})[ T](\d{2})(?::00(?::00)?)?",
}
_PARTS = ("year", "month", "day", "hour")


def within(subject: Subject, bounds: tuple[Bound, Bound], *, step: int) -> Finding | None:
    """Whether there is a partition for each day, month, hour or number of a range.

    Args:
        subject: What is partitioned.
        bounds: The first and the last, both included: ``("2021-01-01", "2021-01-31")`` for days,
            ``("2021-01", "2021-12")`` for months, ``("2021-01-01T00", "2021-01-01T23")`` for
            hours, or whole numbers.
        step: For whole numbers, the width of a partition.

    Raises:
        InputError: The bounds are no range.
    """
    unit, low, high = _unit_of(bounds)
    try:
        wanted = list(_every(unit, low, high, step))
    except ValueError as error:
        raise InputError(
            f"partitions(between={bounds!r}, step={step!r}) is no range of partitions",
            cause=str(error),
        ) from error
    if not wanted:
        raise InputError("partitions(between=) needs a step greater than 0")
    ids = subject.partitions
    found: dict[str, list[str]] = {}
    for name in ids:
        found.setdefault(_read(name, unit), []).append(name)
    known = set(wanted)
    missing = [one for one in wanted if one not in found]
    extra = [name for one, names in found.items() if one not in known for name in names]
    if not missing and not extra:
        return None
    parts = {"missing": len(missing), "extra": len(extra)}
    summary = ", ".join(f"{number:,} {word}" for word, number in parts.items() if number)
    lines = listed("missing", missing) if missing else []
    if extra:
        rows = [f"{name} ({counted(ids[name], 'row')})" for name in extra]
        lines += listed("extra", rows)
    return Finding(
        about=subject.label,
        difference=f"expected {counted(len(wanted), f'{unit} partition')} from {wanted[0]} to"
        f" {wanted[-1]}, found {len(ids):,}: {summary}"
        + ("" if ids else "; it is not partitioned"),
        lines=tuple(lines),
        facts={"check": "partitions", "missing": missing, "extra": extra},
    )


def _unit_of(bounds: tuple[Bound, Bound]) -> tuple[str, str, str]:
    """The unit of a range, and its bounds as they are compared."""
    low, high = (_spelled(one) for one in bounds)
    numbers = [isinstance(one, int) for one in bounds]
    units = {"integer"} if all(numbers) else {_written(one) for one in (low, high)}
    unit = next(iter(units))
    turned = int(low) > int(high) if unit == "integer" else low > high
    if len(units) > 1 or not unit or turned:
        raise InputError(
            f"partitions(between={bounds!r}) is no range of partitions",
            remedy='give the first and the last in one form: "2021-01-31" (days), "2021-01" '
            '(months), "2021-01-31T23" (hours), or whole numbers',
        )
    return unit, low, high


def _spelled(bound: Bound) -> str:
    if isinstance(bound, dt.datetime) and not (bound.minute or bound.second or bound.microsecond):
        return bound.strftime("%Y-%m-%dT%H")
    return str(bound).replace(" ", "T")


def _written(text: str) -> str:
    return next((unit for unit, form in _TEXTS.items() if re.fullmatch(form, text)), "")


def _every(unit: str, low: str, high: str, step: int) -> Iterator[str]:
    """All of a range, in the form in which ids are read."""
    if unit == "integer":
        yield from map(str, range(int(low), int(high) + 1, step))
        return
    if unit == "month":
        first, end = (int(one[:4]) * 12 + int(one[5:]) - 1 for one in (low, high))
        yield from (f"{at // 12:04}-{at % 12 + 1:02}" for at in range(first, end + 1))
        return
    each = dt.timedelta(days=1) if unit == "day" else dt.timedelta(hours=1)
    length = len("2021-01-31") if unit == "day" else len("2021-01-31T23")
    at, last = dt.datetime.fromisoformat(low), dt.datetime.fromisoformat(high)
    while at < last:
        yield at.isoformat()[:length]
        at += each
    yield last.isoformat()[:length]


def _read(name: str, unit: str) -> str:
    """A service's id as one of the range would be written; the id itself where it is none.

    BigQuery writes ``20210131``; folders are ``day=2021-01-31`` or ``year=2021/month=1/day=31``.
    """
    parts = dict(part.partition("=")[::2] for part in unquote(name).split("/"))
    value = next(reversed(parts.values())) or name
    if unit == "integer":
        return str(int(value)) if re.fullmatch(r"-?\d+", value) else name
    wanted = _PARTS[: _PARTS.index(unit) + 1]
    if set(wanted) <= {key.lower() for key in parts}:
        numbers = [next(v for k, v in parts.items() if k.lower() == one) for one in wanted]
    elif re.fullmatch(r"\d+", value) and _DIGITS.get(len(value)) == unit:
        numbers = [value[:4], *re.findall("..", value[4:])]
    else:
        match = re.fullmatch(_TEXTS[unit], value)
        numbers = list(match.groups()) if match else []
    if not numbers or not all(number.isdigit() for number in numbers):
        return name
    year, *others = map(int, numbers)
    first = "-".join([f"{year:04}", *(f"{number:02}" for number in others[:2])])
    return first + "".join(f"T{hour:02}" for hour in others[2:])
