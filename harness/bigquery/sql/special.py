"""Calls that signatures alone do not tell: patterns, subscripts, GREATEST, quantiles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.kinds import INT64, NULL, STRING, Value, array_of
from harness.bigquery.sql.places import at
from harness.bigquery.sql.signatures import no_match

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_MANY = 2


def _extreme(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """GREATEST and LEAST: NULL if any argument is."""
    name = call.name.upper()
    if not call.expressions:
        raise no_match(f"function {name}", [], at=at(call))
    cells, kind = self.alike(call.expressions, scope, what=f"function {name}", place=call)
    nulls = " OR ".join(f"{one} IS NULL" for one in cells)
    return Value(f"CASE WHEN {nulls} THEN NULL ELSE {name}({', '.join(cells)}) END", kind)


def _texts(self: Expressions, call: exp.Expr, scope: Scope, few: int, many: int) -> list[Value]:
    values = [self.value(one, scope) for one in call.expressions]
    if not few <= len(values) <= many or any(
        one.kind.name not in ("STRING", "NULL") for one in values[:_MANY]
    ):
        raise no_match(f"function {call.name.upper()}", values, at=at(call))
    return values


def _groups(call: exp.Expr) -> int:
    pattern = call.expressions[1]
    if not (isinstance(pattern, exp.Literal | exp.RawString)):
        raise UnsupportedError(
            f"{call.name.upper()} with a pattern that is not a literal{at(call)}"
        )
    try:
        return re.compile(re.sub(r"\(\?P?<", "(?P<", str(pattern.this))).groups
    except re.error:
        bare = re.sub(r"\\.|\[[^\]]*\]", "", str(pattern.this))
        return len(re.findall(r"\((?!\?)", bare))


def _first_match(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    values = _texts(self, call, scope, 2, 4)
    if len(values) > _MANY:
        raise UnsupportedError(f"{call.name.upper()} with a position{at(call)}")
    groups = _groups(call)
    if groups > 1:
        raise ApiError(
            "invalidQuery",
            f"Regular expressions passed into extraction functions must not have more than 1 "
            f"capturing group{at(call)}",
        )
    text, pattern = values[0].sql, values[1].sql
    found = f"regexp_extract({text}, {pattern}, {groups})"
    if groups and re.search(r"\)[?*{]|\|", str(call.expressions[1].this)):
        # DuckDB tells an empty text of a group that is not in the match, BigQuery NULL.
        found = f"coalesce(nullif({found}, ''), error('stub:a group that may be absent'))"
    return Value(
        f"CASE WHEN regexp_matches({text}, {pattern}) THEN {found} END",
        STRING,
    )


def _all_matches(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    values = _texts(self, call, scope, 2, 2)
    return Value(
        f"regexp_extract_all({values[0].sql}, {values[1].sql}, {min(_groups(call), 1)})",
        array_of(STRING),
    )


def _replaced(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    values = _texts(self, call, scope, 3, 3)
    text, pattern, new = (one.sql for one in values)
    return Value(f"regexp_replace({text}, {pattern}, {new}, 'g')", STRING)


def _struct(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    return self.value(exp.Struct(expressions=[one.copy() for one in call.expressions]), scope)


def _quantiles(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    if len(call.expressions) != _MANY or not call.expressions[1].name.isdigit():
        raise UnsupportedError(f"APPROX_QUANTILES so{at(call)}")
    inner = call.expressions[0]
    distinct = ""
    if isinstance(inner, exp.Distinct):
        distinct, inner = "DISTINCT ", inner.expressions[0]
    value, count = self.value(inner, scope), int(call.expressions[1].name)
    steps = ", ".join(str(step / count) for step in range(count + 1))
    return Value(f"quantile_disc({distinct}{value.sql}, [{steps}])", array_of(value.kind))


def _error(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    values = _texts(self, call, scope, 1, 1)
    return Value(f"error('bq:' || {values[0].sql})", NULL)


def _subscript(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    """``array[OFFSET(n)]``, ``array[n]``, ``json['name']``."""
    value = self.value(node.this, scope)
    index = node.expressions[0]
    inner = self.value(index, scope)
    if value.kind.name == "JSON":
        if inner.kind == STRING and isinstance(index, exp.Literal):
            path = "$." + '"' + index.name.replace('"', "") + '"'
            return Value(f"json_extract({value.sql}, '{path}')", value.kind)
        return Value(f"json_extract({value.sql}, '$[' || {inner.sql} || ']')", value.kind)
    if value.kind.element is None:
        raise ApiError(
            "invalidQuery",
            f"Element access using [INT64] is not supported on values of type {value.kind}"
            f"{at(node)}",
        )
    if inner.kind.name not in ("INT64", "NULL"):
        raise ApiError(
            "invalidQuery",
            f"Array position in [] must be coercible to INT64 type, but has type {inner.kind}"
            f"{at(node)}",
        )
    offset = node.args.get("offset")
    base = 1 - int(offset or 0)
    macro = "bq_safe_at" if node.args.get("safe") else "bq_at"
    return Value(
        f"{macro}({value.sql}, CAST({inner.sql} + {base} AS BIGINT))", value.kind.element or INT64
    )


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    "APPROX_QUANTILES": _quantiles,
    "ERROR": _error,
    "GREATEST": _extreme,
    "LEAST": _extreme,
    "REGEXP_EXTRACT": _first_match,
    "REGEXP_SUBSTR": _first_match,
    "REGEXP_EXTRACT_ALL": _all_matches,
    "REGEXP_REPLACE": _replaced,
    "STRUCT": _struct,
}
ACTIONS: dict[type[exp.Expr], Callable[[Expressions, exp.Expr, Scope], Value]] = {
    exp.Bracket: _subscript,
}
