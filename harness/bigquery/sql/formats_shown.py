"""The elements of a format that shows dates and times, each as DuckDB's SQL.

Source: "Format elements for date and time parts" of the reference. An element that a type does not
have stands for itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

_ELEMENT = re.compile(r"%(?:E(?:\d|\*)S|E4Y|Ez|O?.)", re.DOTALL)
_WRITTEN_OUT = {
    "%D": "%m/%d/%y",
    "%x": "%m/%d/%y",
    "%F": "%Y-%m-%d",
    "%T": "%H:%M:%S",
    "%X": "%H:%M:%S",
    "%R": "%H:%M",
    "%c": "%a %b %e %H:%M:%S %Y",
    "%h": "%b",
    "%n": "\n",
    "%t": "\t",
}
# They mean the same to DuckDB's strftime.
_SAME = "AaBbdHIjMmpSUuVWwy"
_OWN = {
    "%C": "lpad(CAST({t_year} // 100 AS VARCHAR), 2, '0')",
    "%e": "lpad(CAST(day({t}) AS VARCHAR), 2, ' ')",
    "%G": "CAST(isoyear({t}) AS VARCHAR)",
    "%g": "lpad(CAST(isoyear({t}) % 100 AS VARCHAR), 2, '0')",
    "%J": "lpad(CAST(weekofyear({t}) * 7 - 7 + isodow({t}) AS VARCHAR), 3, '0')",
    "%k": "lpad(CAST(hour({t}) AS VARCHAR), 2, ' ')",
    "%l": "lpad(CAST((hour({t}) + 11) % 12 + 1 AS VARCHAR), 2, ' ')",
    "%P": "CASE WHEN hour({t}) < 12 THEN 'am' ELSE 'pm' END",
    "%Q": "CAST(quarter({t}) AS VARCHAR)",
    "%s": "CAST(bq_floor_div(epoch_us({i}), 1000000) AS VARCHAR)",
    "%Y": "CAST({t_year} AS VARCHAR)",
    "%Z": "bq_zone_name({m})",
    "%z": "bq_zone_offset({m}, '')",
    "%E4Y": "lpad(CAST({t_year} AS VARCHAR), 4, '0')",
    "%Ez": "bq_zone_offset({m}, ':')",
    "%E*S": "bq_seconds_text({t})",
}
_NOT_OF = {
    "DATE": "cHIklMPpRSsTXZz",
    "DATETIME": "Zz",
    "TIME": "AaBbhCcDdeFGgJjmQsUuVWwxYyZz",
    "TIMESTAMP": "",
}


@dataclass(frozen=True)
class Shown:
    """What is shown.

    Attributes:
        kind: The name of its type.
        civil: SQL of its civil time, a TIMESTAMP.
        moment: SQL of its instant as a TIMESTAMP in UTC; the civil time where it has no zone.
    """

    kind: str
    civil: str
    moment: str


def shown(form: str, value: Shown) -> str:
    """SQL of the text that a format makes of a value.

    Raises:
        KeyError: The element of this name is not known here.
    """
    pieces: list[str] = []
    plain = ""
    for text, known in _elements(form, value.kind):
        if known and text[1] in _SAME and len(text) == 2:  # noqa: PLR2004
            plain += text
            continue
        if not known:
            plain += text.replace("%", "%%")
            continue
        pieces += [*_strftime(plain, value), _piece(text, value)]
        plain = ""
    pieces += _strftime(plain, value)
    # An empty format shows nothing, of NULL is NULL.
    return f"({' || '.join(pieces)})" if pieces else f"left(CAST({value.civil} AS VARCHAR), 0)"


def _elements(form: str, kind: str) -> Iterator[tuple[str, bool]]:
    """The pieces of a format, and whether each is an element."""
    end = 0
    for found in _ELEMENT.finditer(form):
        yield form[end : found.start()], False
        end = found.end()
        element = found[0]
        if element == "%%":
            yield "%", False
        elif element[-1] in _NOT_OF[kind]:
            yield element, False
        elif element in _WRITTEN_OUT:
            yield from _elements(_WRITTEN_OUT[element], kind)
        else:
            yield element, True
    yield form[end:], False


def _strftime(plain: str, value: Shown) -> list[str]:
    if not plain:
        return []
    if "%" not in plain.replace("%%", ""):
        kept = literal(plain.replace("%%", "%"))
        return [f"CASE WHEN {value.civil} IS NOT NULL THEN {kept} END"]
    return [f"strftime({value.civil}, {literal(plain)})"]


def _piece(element: str, value: Shown) -> str:
    if found := re.fullmatch(r"%E(\d)S", element):
        return f"bq_seconds_digits({value.civil}, {found[1]})"
    return _OWN[element].format(
        t=value.civil,
        t_year=f"year({value.civil})",
        i=value.moment,
        m=f"CAST((epoch_us({value.civil}) - epoch_us({value.moment})) // 60000000 AS BIGINT)",
    )
