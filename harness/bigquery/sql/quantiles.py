"""Approximate aggregates, which are exact here. Source: "Approximate aggregate functions"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.arguments import constant_int
from harness.bigquery.sql.kinds import FLOAT64, INT64, Kind, Value, array_of, coerced
from harness.bigquery.sql.places import at, position
from harness.bigquery.sql.signatures import no_match

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_SUMS = ("INT64", "FLOAT64", "NUMERIC", "NULL")


def _number(call: exp.Expr, node: exp.Expr) -> int:
    """The number that the last argument must be."""
    number = constant_int(node)
    if number is None:
        raise ApiError(
            "invalidQuery",
            f"Argument {len(call.expressions)} to {call.name.upper()} must be a literal or query "
            f"parameter{at(node)}",
            location="query",
        )
    if number <= 0:
        raise ApiError(
            "invalidQuery",
            f"Argument {len(call.expressions)} to {call.name.upper()} must be a positive "
            f"value{at(node)}",
            location="query",
        )
    return number


def _quantiles(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """APPROX_QUANTILES."""
    nodes: list[exp.Expr] = []
    distinct = ""
    for one in call.expressions:
        if isinstance(one, exp.RespectNulls):
            raise UnsupportedError("APPROX_QUANTILES with RESPECT NULLS", position=position(call))
        bare = one.this if isinstance(one, exp.IgnoreNulls) else one
        if isinstance(bare, exp.Distinct):
            distinct, inner = "DISTINCT ", bare.expressions
            nodes += inner
        else:
            nodes.append(bare)
    if len(nodes) != 2:  # noqa: PLR2004
        raise no_match("function APPROX_QUANTILES", [], at=at(call))
    value, count = self.value(nodes[0], scope), _number(call, nodes[1])
    if value.kind.name in ("ARRAY", "STRUCT", "JSON"):
        raise no_match("function APPROX_QUANTILES", [value, Value("", INT64)], at=at(call))
    steps = ", ".join(str(step / count) for step in range(count + 1))
    return Value(f"quantile_disc({distinct}{value.sql}, [{steps}])", array_of(value.kind))


def _top_count(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """APPROX_TOP_COUNT; NULL is counted as a value."""
    if len(call.expressions) != 2:  # noqa: PLR2004
        raise no_match("function APPROX_TOP_COUNT", [], at=at(call))
    value = self.value(call.expressions[0], scope)
    number = _number(call, call.expressions[1])
    found = f"map_entries(histogram({value.sql}))"
    nulls = f"count(*) - count({value.sql})"
    sql = f"bq_top({found}, {nulls}, CAST(NULL AS {value.kind.duckdb}), {number})"
    kind = Kind("STRUCT", fields=(("value", value.kind), ("count", INT64)))
    return Value(f"CAST({sql} AS {array_of(kind).duckdb})", array_of(kind))


def _top_sum(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """APPROX_TOP_SUM; a weight of NULL counts as none."""
    if len(call.expressions) != 3:  # noqa: PLR2004
        raise no_match("function APPROX_TOP_SUM", [], at=at(call))
    value, weight = (self.value(one, scope) for one in call.expressions[:2])
    number = _number(call, call.expressions[2])
    if weight.kind.name not in _SUMS:
        raise no_match("function APPROX_TOP_SUM", [value, weight], at=at(call))
    kind = FLOAT64 if weight.kind.name == "FLOAT64" else weight.kind
    kind = INT64 if kind.name == "NULL" else kind
    pairs = f"list(struct_pack(v := {value.sql}, w := {coerced(weight, kind)}))"
    result = Kind("STRUCT", fields=(("value", value.kind), ("sum", kind)))
    return Value(
        f"CAST(bq_top_sum({pairs}, {number}) AS {array_of(result).duckdb})", array_of(result)
    )


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    "APPROX_QUANTILES": _quantiles,
    "APPROX_TOP_COUNT": _top_count,
    "APPROX_TOP_SUM": _top_sum,
}
