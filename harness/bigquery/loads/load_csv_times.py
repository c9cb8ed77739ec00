"""Dates and times of a CSV file that are written as the job says.

Source: ``dateFormat`` and its kin in "JobConfigurationLoad" of the REST reference; the elements are
those of "Format clause for CAST".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.loads.parsing import parsed
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPTIONS = {
    "DATE": "dateFormat",
    "DATETIME": "datetimeFormat",
    "TIME": "timeFormat",
    "TIMESTAMP": "timestampFormat",
}
_ELEMENTS = {
    "YYYY": "%Y",
    "YY": "%y",
    "MONTH": "%B",
    "MON": "%b",
    "MM": "%m",
    "DD": "%d",
    "DAY": "%A",
    "DY": "%a",
    "HH24": "%H",
    "HH12": "%I",
    "HH": "%I",
    "MI": "%M",
    "SS": "%S",
    "AM": "%p",
    "PM": "%p",
    "FF6": "%f",
    "FF3": "%g",
    "TZH:TZM": "%z",
    "TZH": "%z",
}
_PARTS = re.compile("|".join(sorted(_ELEMENTS, key=len, reverse=True)), re.IGNORECASE)
_LETTERS = re.compile(r"[A-Za-z]")


def formats_of(configuration: Mapping[str, Any]) -> dict[str, str]:
    """By type how its values are written, in the words of ``strptime``; and ``zone``.

    Raises:
        UnsupportedError: An element of a format is not known here.
    """
    told = {kind: configuration.get(option) for kind, option in _OPTIONS.items()}
    formats = {kind: _translated(str(text)) for kind, text in told.items() if text}
    zone = str(configuration.get("timeZone") or "")
    if zone and not re.fullmatch(r"[A-Za-z0-9_+:/-]+", zone):
        raise ApiError("invalid", f"Invalid time zone: {zone}")
    return {**formats, "zone": zone} if zone else formats


def read_text(kind: str, text: str, formats: Mapping[str, str]) -> str:
    """SQL that reads a text as a type, NULL where it is not one.

    Args:
        kind: GoogleSQL's scalar type.
        text: SQL of the text.
        formats: What ``formats_of`` has told.
    """
    zone = formats.get("zone", "")
    if kind not in formats:
        if kind != "TIMESTAMP" or not zone:
            return parsed(kind, text)
        # What reads as a DATETIME has no zone of its own.
        civil = parsed("DATETIME", f"replace({text}, '/', '-')")
        return (
            f"CASE WHEN ({civil}) IS NOT NULL THEN timezone({literal(zone)}, {civil}) "
            f"ELSE {parsed(kind, text)} END"
        )
    moment = f"try_strptime({text}, {literal(formats[kind])})"
    if kind == "TIMESTAMP" and "%z" not in formats[kind]:
        return f"timezone({literal(zone or 'UTC')}, {moment})"
    kinds = {"TIMESTAMP": "TIMESTAMPTZ", "DATETIME": "TIMESTAMP"}
    return f"CAST({moment} AS {kinds.get(kind, kind)})"


def _translated(text: str) -> str:
    pieces, place = [], 0
    for found in _PARTS.finditer(text):
        pieces += [_plain(text[place : found.start()], text), _ELEMENTS[found[0].upper()]]
        place = found.end()
    return "".join([*pieces, _plain(text[place:], text)])


def _plain(piece: str, text: str) -> str:
    # "T" between date and time is the one letter that stands for itself without quotes.
    bare = piece.replace('"', "")
    if piece == bare and _LETTERS.search(piece) and piece not in ("T", "Z"):
        raise UnsupportedError(f"the format {text}")
    return bare.replace("%", "%%")
