"""Moments that became other moments: cut, rounded, shifted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.expect.explain.pairs import Pairs

_HOUR = 3_600_000_000
_ENOUGH = 3
"""Pairs below which one distance between all of them may be chance."""


def of_moments(pairs: Pairs) -> str:
    """``timestamps cut to milliseconds``, ``each 5 hours earlier``, ``its time zone is lost``."""
    if pairs.differ:
        return pairs.first(_cut()) or _local(pairs) or _shifted(pairs)
    zones = [one.type.tz for one in (pairs.e, pairs.f)]
    units = [one.type.unit for one in (pairs.e, pairs.f)]
    if zones[0] and not zones[1]:
        return f"the time zone {zones[0]} is lost; the moments are those of UTC"
    if zones[1] and not zones[0]:
        return f"the moments, taken to be in UTC, got the time zone {zones[1]}"
    if zones[0] != zones[1]:
        return f"the same moments, shown in the time zone {zones[1]}"
    return f"the same moments in another unit, {units[1]}" if units[0] != units[1] else ""


def _cut() -> Iterator[tuple[str, str]]:
    for unit, name in (
        ("millisecond", "milliseconds"),
        ("second", "seconds"),
        ("minute", "minutes"),
        ("hour", "hours"),
        ("day", "days"),
    ):
        yield f"f = date_trunc('{unit}', e)", f"timestamps cut to {name}"
        half = f"INTERVAL 1 {unit} / 2"
        yield f"f = date_trunc('{unit}', e + {half})", f"timestamps rounded to {name}"
    yield "epoch_us(f) = epoch_us(e)", "timestamps cut to microseconds"


def _local(pairs: Pairs) -> str:
    """Local time that lost its zone, where the zone is known."""
    zone = pairs.e.type.tz
    if not zone or pairs.f.type.tz or zone in {"UTC", "Etc/UTC"}:
        return ""
    local = pc.local_timestamp(pairs.e).cast(pairs.f.type, safe=False)
    same = local.equals(pairs.f)
    return f"local times of {zone}, without their zone" if same else ""


def _shifted(pairs: Pairs) -> str:
    """All by the same time, or by two that are an hour apart, as summer time makes them."""
    if len(pairs.e) < _ENOUGH:
        return ""
    rows = pairs.asked("epoch_us(f) - epoch_us(e), count(*)", after="GROUP BY 1 LIMIT 3")
    shifts = sorted((int(str(by)), int(str(number))) for by, number in rows)
    if len(shifts) == 1:
        return f"each moment is {_length(shifts[0][0])}"
    hours = [by // _HOUR for by, _ in shifts if by % _HOUR == 0]
    if len(shifts) == len(hours) == 2 and abs(hours[0] - hours[1]) == 1:  # noqa: PLR2004 - a pair
        words = " and ".join(f"{_length(by)} in {counted(n, 'row')}" for by, n in shifts if by)
        return f"moments are {words}: local time of a zone with summer time, taken for another"
    return ""


def _length(micros: int) -> str:
    way = "later" if micros > 0 else "earlier"
    micros = abs(micros)
    for unit, ticks in (("day", 24 * _HOUR), ("hour", _HOUR), ("minute", _HOUR // 60)):
        if micros % ticks == 0:
            return f"{counted(micros // ticks, unit)} {way}"
    return f"{dt.timedelta(microseconds=micros)} {way}"


def shown_moment(scalar: pa.Scalar) -> str:
    """A moment or day as short as it can be: without a time of midnight."""
    return str(scalar.cast(pa.string()).as_py()).removesuffix(" 00:00:00")
