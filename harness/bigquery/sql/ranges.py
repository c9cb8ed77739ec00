"""RANGE<DATE>, RANGE<DATETIME> and RANGE<TIMESTAMP>. Source: "Range functions" of the reference.

A range is a STRUCT of its two ends, of which UNBOUNDED is an infinite one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.sql.kinds import (
    BOOL,
    DATE,
    DATETIME,
    TIMESTAMP,
    Kind,
    Value,
    coerced,
    common,
)
from harness.bigquery.sql.places import at
from harness.bigquery.sql.signatures import no_match

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_ELEMENTS = {one.name: one for one in (DATE, DATETIME, TIMESTAMP)}
_PAIR = 2


def element_of(kind: Kind) -> Kind | None:
    """The type of a range's ends, or None where it is no range."""
    return _ELEMENTS.get(kind.name[6:-1]) if kind.name.startswith("RANGE<") else None


def range_of(kind: Kind) -> Kind:
    """The range whose ends are of a type."""
    return Kind(f"RANGE<{kind.name}>")


def end(value: Value, name: str) -> str:
    """SQL of an end: ``from`` or ``to``."""
    return f"struct_extract({value.sql}, '{name}~')"


def range_of_text(text: str, kind: Kind, *, safe: bool) -> str:
    """SQL of a text such as ``[2020-01-01, UNBOUNDED)`` as a range."""
    element = element_of(kind) or DATE
    prefix = "bqs" if safe else "bq"
    ends = [
        f"{prefix}_to_{element.name.lower()}({prefix}_range_end({text}, {number}))"
        for number in (1, 2)
    ]
    return f"{prefix}_range({ends[0]}, {ends[1]}, {text} IS NOT NULL)"


def range_text(value: Value) -> str:
    """SQL of a range as its text."""
    ends = [
        f"CASE WHEN isfinite({one}) THEN bq_to_string({one}) ELSE 'UNBOUNDED' END"
        for one in (end(value, name) for name in ("from", "to"))
    ]
    return (
        f"CASE WHEN {value.sql} IS NOT NULL THEN '[' || {ends[0]} || ', ' || {ends[1]} || ')' END"
    )


def _range(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    values = [self.value(one, scope) for one in call.expressions]
    kind = common(values) if len(values) == _PAIR else None
    if kind is None or kind.name not in _ELEMENTS:
        raise no_match("function RANGE", values, at=at(call))
    first, last = (coerced(one, kind) for one in values)
    cells = ", ".join(f"CAST({one} AS {kind.duckdb})" for one in (first, last))
    return Value(f"bq_range({cells}, true)", range_of(kind))


def _one(self: Expressions, call: exp.Expr, scope: Scope) -> tuple[Value, Kind]:
    values = [self.value(one, scope) for one in call.expressions]
    element = element_of(values[0].kind) if len(values) == 1 else None
    if element is None:
        raise no_match(f"function {call.name.upper()}", values, at=at(call))
    return values[0], element


def _end(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    value, element = _one(self, call, scope)
    name = "from" if call.name.upper() == "RANGE_START" else "to"
    sql = end(value, name)
    return Value(f"CASE WHEN isfinite({sql}) THEN {sql} END", element)


def _pair(self: Expressions, call: exp.Expr, scope: Scope) -> tuple[Value, Value]:
    values = [self.value(one, scope) for one in call.expressions]
    if len(values) == _PAIR and values[0].kind == values[1].kind and element_of(values[0].kind):
        return values[0], values[1]
    raise no_match(f"function {call.name.upper()}", values, at=at(call))


def _contains(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    values = [self.value(one, scope) for one in call.expressions]
    element = element_of(values[0].kind) if len(values) == _PAIR else None
    if element is None or common([values[1], Value("", element)]) != element:
        if len(values) != _PAIR or values[0].kind != values[1].kind or element is None:
            raise no_match("function RANGE_CONTAINS", values, at=at(call))
        a, b = (f"struct_pack(f := {end(one, 'from')}, t := {end(one, 'to')})" for one in values)
        return Value(_known(values, f"bq_range_within({a}, {b})"), BOOL)
    point = coerced(values[1], element)
    sql = f"bq_range_has({end(values[0], 'from')}, {end(values[0], 'to')}, {point})"
    return Value(f"CASE WHEN {values[0].sql} IS NOT NULL THEN {sql} END", BOOL)


def _known(values: list[Value], sql: str) -> str:
    both = " AND ".join(f"{one.sql} IS NOT NULL" for one in values)
    return f"CASE WHEN {both} THEN {sql} END"


def _overlaps(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    a, b = _pair(self, call, scope)
    sql = f"bq_range_meet({end(a, 'from')}, {end(a, 'to')}, {end(b, 'from')}, {end(b, 'to')})"
    return Value(_known([a, b], sql), BOOL)


def _intersect(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    a, b = _pair(self, call, scope)
    ends = f"{end(a, 'from')}, {end(a, 'to')}, {end(b, 'from')}, {end(b, 'to')}"
    return Value(_known([a, b], f"bq_range_shared({ends})"), a.kind)


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    "RANGE": _range,
    "RANGE_START": _end,
    "RANGE_END": _end,
    "RANGE_CONTAINS": _contains,
    "RANGE_OVERLAPS": _overlaps,
    "RANGE_INTERSECT": _intersect,
}
