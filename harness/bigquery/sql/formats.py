"""FORMAT_ and PARSE_ of dates and times. Source: "Format elements" of the reference."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.arguments import constant_text
from harness.bigquery.sql.date_parts import KINDS
from harness.bigquery.sql.formats_shown import Shown, shown
from harness.bigquery.sql.kinds import DATE, DATETIME, STRING, TIME, TIMESTAMP, Value, coerced, cost
from harness.bigquery.sql.places import at, position
from harness.bigquery.sql.signatures import no_match
from harness.bigquery.sql.zones import civil, instant
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.kinds import Kind
    from harness.bigquery.sql.scope import Scope

# What a type does not have: an error where it is read.
_NOT_READ = {
    "DATE": "cHIklMPpRrSsTXZz",
    "DATETIME": "Zz",
    "TIME": "AaBbhCcDdeFGgjmQsUuVWwxYyZz",
    "TIMESTAMP": "",
}
# What DuckDB's strptime reads as BigQuery does; where it does not fit, the slow reader decides.
_FAST = re.compile(r"(?:%[YmdHMSFTRDxX]|[^%\s])*(?: (?:%[YmdHMSFTRDxX]|[^%\s])+)*")
_FAST_FORMS = (
    ("%F", "%Y-%m-%d"),
    ("%T", "%H:%M:%S"),
    ("%X", "%H:%M:%S"),
    ("%R", "%H:%M"),
    ("%D", "%m/%d/%y"),
    ("%x", "%m/%d/%y"),
)


def _format_of(call: exp.Expr, values: list[Value]) -> str:
    """The format, which must be constant here."""
    text = constant_text(call.expressions[0])
    if text is None:
        if values[0].kind.name not in ("STRING", "NULL"):
            raise no_match(f"function {call.name.upper()}", values, at=at(call))
        raise UnsupportedError(
            f"{call.name.upper()} with a format that is not a literal", position=position(call)
        )
    return text


def _values(self: Expressions, call: exp.Expr, scope: Scope, most: int) -> list[Value]:
    values = [self.value(one, scope) for one in call.expressions]
    if not 2 <= len(values) <= most:  # noqa: PLR2004
        raise no_match(f"function {call.name.upper()}", values, at=at(call))
    return values


def _shown(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    kind = KINDS[call.name.upper().removeprefix("FORMAT_")]
    values = _values(self, call, scope, 3 if kind == TIMESTAMP else 2)
    value = values[1]
    wanted = (DATE, DATETIME, TIMESTAMP) if kind in (DATE, DATETIME) else (kind,)
    if value.kind not in wanted:
        if cost(value, kind) is None:
            raise no_match(f"function {call.name.upper()}", values, at=at(call))
        value = Value(coerced(value, kind), kind)
    zone = call.expressions[2] if len(values) > 2 else None  # noqa: PLR2004
    moment = f"CAST({value.sql} AS TIMESTAMP)"
    if value.kind == TIME:
        moment = f"(DATE '1970-01-01' + {value.sql})"
    local = civil(value.sql, zone, self, scope) if value.kind == TIMESTAMP else moment
    made = Shown(kind=value.kind.name, civil=local, moment=moment)
    try:
        return Value(shown(_format_of(call, values), made), STRING)
    except KeyError as error:
        raise UnsupportedError(
            f"the format element {error.args[0]}", position=position(call)
        ) from error


def _parsed(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    kind = KINDS[call.name.upper().removeprefix("PARSE_")]
    values = _values(self, call, scope, 3 if kind == TIMESTAMP else 2)
    value = values[1]
    if value.kind.name not in ("STRING", "NULL"):
        raise no_match(f"function {call.name.upper()}", values, at=at(call))
    form = _format_of(call, values)
    for found in re.findall(r"%[EO]?[0-9*]?(.)", form):
        if found in _NOT_READ[kind.name]:
            raise ApiError(
                "invalidQuery",
                f"Invalid format: %{found} is not allowed for the {kind.name} type.",
            )
    zone = call.expressions[2] if len(values) > 2 else None  # noqa: PLR2004
    zone_sql = values[2].sql if len(values) > 2 else "'UTC'"  # noqa: PLR2004
    slow = f"vec_parse_moment({value.sql}, {literal(form)}, '{kind.name}', {zone_sql})"
    read = f"make_timestamp({slow})"
    fast = _fast(value.sql, form, kind)
    if kind == TIMESTAMP:
        read = f"CAST({read} AS TIMESTAMPTZ)"
        fast = instant(fast, zone, self, scope) if fast else ""
    whole = f"coalesce({fast}, {read})" if fast else read
    return Value(f"CAST({whole} AS {kind.duckdb})", kind)


def _fast(sql: str, form: str, kind: Kind) -> str:
    """SQL that reads the usual formats, NULL where it cannot; nothing for other formats."""
    if not _FAST.fullmatch(form) or (kind != TIME and "%Y" not in form and "%F" not in form):
        return ""
    text = form
    for short, long in _FAST_FORMS:
        text = text.replace(short, long)
    if kind == TIME:
        return f"try_strptime('1970 ' || {sql}, {literal('%Y ' + text)})"
    return f"try_strptime({sql}, {literal(text)})"


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    **{f"FORMAT_{name}": _shown for name in KINDS},
    **{f"PARSE_{name}": _parsed for name in KINDS},
}
