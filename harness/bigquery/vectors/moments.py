"""PARSE_DATE and its kin over vectors, element by element as the real service reads them.

Source: "Format elements for date and time parts" of the reference.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa

from harness.bigquery.vectors.arrays import each_distinct

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ELEMENT = re.compile(r"E(?:\d|\*)S|E4Y|Ez|.", re.DOTALL)
_WRITTEN_OUT = {
    "D": "%m/%d/%y",
    "x": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "T": "%H:%M:%S",
    "X": "%H:%M:%S",
    "R": "%H:%M",
    "c": "%a %b %e %H:%M:%S %Y",
}
# Digits, least, most, and the part.
_NUMBERS = {
    "m": (2, 1, 12, "month"),
    "d": (2, 1, 31, "day"),
    "e": (2, 1, 31, "day"),
    "H": (2, 0, 23, "hour"),
    "k": (2, 0, 23, "hour"),
    "I": (2, 1, 12, "hour"),
    "l": (2, 1, 12, "hour"),
    "M": (2, 0, 59, "minute"),
    "S": (2, 0, 60, "second"),
    "j": (3, 1, 366, "yearday"),
}
_NIGHT = 12
_PIVOT = 69


class _MismatchError(Exception):
    """An element does not fit; nothing more is known of it."""


@dataclass
class _Reading:
    """A text on its way, and the parts that were read of it."""

    text: str
    place: int = 0
    parts: dict[str, int] = field(default_factory=dict)
    zone: dt.tzinfo | None = None

    def blanks(self) -> None:
        while self.place < len(self.text) and self.text[self.place].isspace():
            self.place += 1

    def matched(self, pattern: str) -> str:
        found = re.compile(pattern, re.IGNORECASE).match(self.text, self.place)
        if found is None:
            raise _MismatchError
        self.place = found.end()
        return found[0]

    def number(self, digits: int, least: int, most: int) -> int:
        value = int(self.matched(rf"[+-]?\d{{1,{digits}}}"))
        if not least <= value <= most:
            raise _MismatchError
        return value


def parse_moment(texts: Any, forms: Any, kinds: Any, zones: Any) -> pa.Array:
    """Microseconds since 1970: of the civil time, or of the instant where a TIMESTAMP is read."""
    return each_distinct(_moment, pa.int64(), texts, forms, kinds, zones)


def _moment(text: str, form: str, kind: str, zone: str) -> int:
    reading = _Reading(text)
    try:
        reading.blanks()
        _read(reading, form)
        reading.blanks()
        if reading.place < len(text):
            rest = text[reading.place]
            message = f"bq:Illegal non-space trailing data '{rest}' in string {text}"
            raise ValueError(message)
        micros = _micros(reading.parts)
    except _MismatchError:
        message = f'bq:Failed to parse input string "{text}"'
        raise ValueError(message) from None
    if kind != "TIMESTAMP" or "epoch" in reading.parts:
        return micros
    civil = _EPOCH + dt.timedelta(microseconds=micros)
    place = reading.zone or _zone(zone)
    offset = civil.replace(tzinfo=place).utcoffset() or dt.timedelta()
    return micros - offset // dt.timedelta(microseconds=1)


def _read(reading: _Reading, form: str) -> None:
    """Read the text by the format."""
    end = 0
    while end < len(form):
        mark = form[end]
        if mark.isspace():
            reading.blanks()
            end += 1
        elif mark != "%":
            _literally(reading, mark)
            end += 1
        else:
            found = _ELEMENT.match(form, end + 1)
            if found is None:
                message = "bq:Format string cannot end with a single '%'"
                raise ValueError(message)
            end = found.end()
            _element(reading, found[0], more=form[end : end + 1] == "%")


def _literally(reading: _Reading, mark: str) -> None:
    if reading.place >= len(reading.text):
        raise _MismatchError
    found = reading.text[reading.place]
    if found != mark:
        message = f"bq:Mismatch between format character '{mark}' and string character '{found}'"
        raise ValueError(message)
    reading.place += 1


def _element(reading: _Reading, element: str, *, more: bool) -> None:  # noqa: C901, PLR0912
    parts = reading.parts
    if element in _WRITTEN_OUT:
        _read(reading, _WRITTEN_OUT[element])
    elif element in _NUMBERS:
        digits, least, most, part = _NUMBERS[element]
        if element in "ekl":
            reading.blanks()
        parts[part] = reading.number(digits, least, most)
        if part == "hour":
            parts["twelve"] = int(element in "Il")
    elif element == "Y":
        parts["year"] = reading.number(4, 0, 9999) if more else reading.number(5, 0, 10000)
        parts.pop("century", None)
        parts.pop("short", None)
    elif element == "E4Y":
        parts["year"] = int(reading.matched(r"\d{4}"))
    elif element == "y":
        parts["short"] = reading.number(2, 0, 99)
    elif element == "C":
        parts["century"] = reading.number(2, 0, 99)
    elif element in "Bbh":
        name = reading.matched("|".join(f"{one}|{one[:3]}" for one in _MONTHS)).lower()
        parts["month"] = next(n for n, one in enumerate(_MONTHS, 1) if one.startswith(name))
    elif element in "Aa":
        reading.matched("|".join(f"{one}|{one[:3]}" for one in _WEEKDAYS))
    elif element in "pP":
        parts["afternoon"] = int(reading.matched("am|pm").lower() == "pm")
    elif element == "Q":
        parts["month"] = 3 * reading.number(1, 1, 4) - 2
        parts["day"] = 1
    elif element == "s":
        parts["epoch"] = reading.number(12, -62135596800, 253402300799)
    elif element in ("z", "Ez"):
        reading.zone = _offset(reading.matched(r"z|[+-]\d{1,2}(?::?\d{2})?"))
    elif element == "Z":
        reading.zone = _zone(reading.matched(r"[^\s]+"))
    elif element.startswith("E"):
        parts["second"] = reading.number(2, 0, 60)
        digits_wanted = r"\d*" if element[1] == "*" else rf"\d{{0,{element[1]}}}"
        shown = reading.matched(rf"(?:\.{digits_wanted})?") if element[1] != "0" else ""
        parts["micro"] = int(shown[1:7].ljust(6, "0")) if shown else 0
    elif element in "nt":
        reading.blanks()
    elif element == "%":
        _literally(reading, "%")
    else:
        message = f"stub:the format element %{element} in a PARSE function"
        raise ValueError(message)


def _micros(parts: dict[str, int]) -> int:
    if "epoch" in parts:
        return parts["epoch"] * 1_000_000
    year = parts.get("year", 1970)
    if "short" in parts or "century" in parts:
        short = parts.get("short", 0)
        year = parts.get("century", 20 if short < _PIVOT else 19) * 100 + short
    hour = parts.get("hour", 0)
    if parts.get("twelve"):
        hour = hour % _NIGHT + _NIGHT * parts.get("afternoon", 0)
    try:
        day = dt.datetime(year, parts.get("month", 1), parts.get("day", 1))  # noqa: DTZ001
        if "yearday" in parts:
            first = dt.datetime(year, 1, 1)  # noqa: DTZ001
            day = first + dt.timedelta(days=parts["yearday"] - 1)
            if day.year != year:
                raise _MismatchError
    except ValueError:
        message = (
            f"bq:Out-of-range datetime field in parsing function; year: {year}, month: "
            f"{parts.get('month', 1)}, day: {parts.get('day', 1)}, hour: {hour}, minute: "
            f"{parts.get('minute', 0)}, second: {parts.get('second', 0)}"
        )
        raise ValueError(message) from None
    since = day - _EPOCH
    seconds = (hour * 60 + parts.get("minute", 0)) * 60 + parts.get("second", 0)
    return (since.days * 86400 + seconds) * 1_000_000 + parts.get("micro", 0)


def _offset(text: str) -> dt.tzinfo:
    if text in "zZ":
        return dt.UTC
    digits = text[1:].replace(":", "")
    hours = int(digits[:-2] if len(digits) > 2 else digits)  # noqa: PLR2004
    minutes = int(digits[-2:]) if len(digits) > 2 else 0  # noqa: PLR2004
    whole = dt.timedelta(hours=hours, minutes=minutes)
    if whole > dt.timedelta(hours=14):
        message = f"bq:Timezone offset out of valid range -14:00 to +14:00: {text}"
        raise ValueError(message)
    return dt.timezone(-whole if text[0] == "-" else whole)


def _zone(name: str) -> dt.tzinfo:
    if re.fullmatch(r"[+-]\d{1,2}(?::?\d{2})?", name):
        return _offset(name)
    if found := re.fullmatch(r"UTC([+-].*)", name):
        return _zone(found[1])
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        message = f"bq:Invalid time zone: {name}"
        raise ValueError(message) from error
