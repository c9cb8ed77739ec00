"""FORMAT_ and PARSE_ of dates and times, with the elements that mean the same in DuckDB.

Source: "Format elements" of the reference.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.sql.kinds import DATE, DATETIME, STRING, TIME, TIMESTAMP, Value, coerced, cost
from harness.bigquery.sql.places import at
from harness.bigquery.sql.signatures import no_match
from harness.bigquery.sql.zones import civil, instant
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_KINDS = {"DATE": DATE, "DATETIME": DATETIME, "TIMESTAMP": TIMESTAMP, "TIME": TIME}
_WRITTEN_OUT = {
    "%F": "%Y-%m-%d",
    "%T": "%H:%M:%S",
    "%R": "%H:%M",
    "%D": "%m/%d/%y",
    "%x": "%m/%d/%y",
    "%X": "%H:%M:%S",
    "%E4Y": "%Y",
    "%h": "%b",
}
_BOTH = "YmdHMSjbBaAIpy"
_SHOWN = "UWVGu%"
_ELEMENT = re.compile(r"%(?:E\dY|E[\d*]S|.)", re.DOTALL)


def _format_of(node: exp.Expr, *, shown: bool) -> str:
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise UnsupportedError(f"a format that is not a literal{at(node)}")

    def one(found: re.Match[str]) -> str:
        element = found[0]
        if element in _WRITTEN_OUT:
            return _WRITTEN_OUT[element]
        if element == "%e" and shown:
            return "%e"
        if element in ("%E6S", "%E3S") and shown:
            return "%S.%f" if element == "%E6S" else "%S.%g"
        if element[1] in _BOTH + (_SHOWN if shown else ""):
            return element
        raise UnsupportedError(f"the format element {element}{at(node)}")

    return _ELEMENT.sub(one, node.name)


def _shown(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    name = call.name.upper()
    kind = _KINDS[name.removeprefix("FORMAT_")]
    if len(call.expressions) < 2:  # noqa: PLR2004
        raise no_match(f"function {name}", [], at=at(call))
    form, node, *rest = call.expressions
    value = self.value(node, scope)
    wanted = (DATE, DATETIME, TIMESTAMP) if kind in (DATE, DATETIME) else (kind,)
    if value.kind not in wanted:
        if cost(value, kind) is None:
            raise no_match(f"function {name}", [self.value(form, scope), value], at=at(call))
        value = Value(coerced(value, kind), kind)
    zone = rest[0] if rest else None
    if value.kind == TIMESTAMP:
        sql = civil(value.sql, zone, self, scope)
    elif value.kind == TIME:
        sql = f"(DATE '1970-01-01' + {value.sql})"
    else:
        sql = f"CAST({value.sql} AS TIMESTAMP)"
    text = _format_of(form, shown=True)
    pieces = text.split("%e")
    # %e pads a day with a blank, which DuckDB does not know.
    shown = " || ".join(
        [f"{_piece(sql, piece)}" for piece in pieces[:1]]
        + [
            f"lpad(CAST(day({sql}) AS VARCHAR), 2, ' ') || {_piece(sql, piece)}"
            for piece in pieces[1:]
        ]
    )
    return Value(f"({shown})", STRING)


def _piece(sql: str, form: str) -> str:
    """strftime, which takes no empty format."""
    return f"strftime({sql}, {literal(form)})" if form else f"left(CAST({sql} AS VARCHAR), 0)"


def _parsed(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    name = call.name.upper()
    kind = _KINDS[name.removeprefix("PARSE_")]
    if len(call.expressions) < 2:  # noqa: PLR2004
        raise no_match(f"function {name}", [], at=at(call))
    form, node, *rest = call.expressions
    value = self.value(node, scope)
    if value.kind.name not in ("STRING", "NULL"):
        raise no_match(f"function {name}", [self.value(form, scope), value], at=at(call))
    text = _format_of(form, shown=False)
    if kind != TIME and "%Y" not in text and "%y" not in text:
        raise UnsupportedError(f"parsing {text!r}, which has no year{at(call)}")
    if kind == TIME:
        text, sql = f"%Y {text}", f"'1970 ' || {value.sql}"
    else:
        sql = value.sql
    parsed = f"bq_parse({sql}, {literal(text)})"
    if kind == TIMESTAMP:
        return Value(instant(parsed, rest[0] if rest else None, self, scope), kind)
    return Value(f"CAST({parsed} AS {kind.duckdb})", kind)


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    **{f"FORMAT_{name}": _shown for name in _KINDS},
    **{f"PARSE_{name}": _parsed for name in _KINDS},
}
