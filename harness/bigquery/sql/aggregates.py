"""Aggregate functions and OVER. Source: "Aggregate function calls", "Window function calls"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.arguments import constant_int
from harness.bigquery.sql.functions_aggregate import AGGREGATES, ORDERED, WINDOWS
from harness.bigquery.sql.kinds import INT64, Value, array_of
from harness.bigquery.sql.macros import steady
from harness.bigquery.sql.places import at
from harness.bigquery.sql.signatures import Signature, choose, filled, no_match, read
from harness.bigquery.sql.sort_keys import UNORDERED_TYPES, ordered
from harness.bigquery.types import quoted

if TYPE_CHECKING:
    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_KNOWS_NULLS = ("FIRST_VALUE", "LAST_VALUE", "NTH_VALUE", "PERCENTILE_CONT", "PERCENTILE_DISC")


@cache
def table_of_aggregates() -> dict[str, list[Signature]]:
    """Signatures of aggregate functions and of those that need OVER."""
    more = """
MAX_BY(T, ANY) T: arg_max({0}, {1})@
MIN_BY(T, ANY) T: arg_min({0}, {1})@
"""
    return read(AGGREGATES, WINDOWS, more)


@cache
def _needs_over() -> frozenset[str]:
    return frozenset(read(WINDOWS))


@dataclass
class _Clauses:
    """What may stand within the parentheses of an aggregate beside its arguments."""

    arguments: list[exp.Expr]
    distinct: bool = False
    ignore_nulls: bool = False
    respect_nulls: bool = False
    order: exp.Expr | None = None
    limit: exp.Expr | None = None
    extreme: exp.Expr | None = None


def _clauses(node: exp.Expr) -> _Clauses:
    clauses = _Clauses(arguments=[])
    for one in node.expressions:
        inner = one
        while True:
            if isinstance(inner, exp.Limit):
                clauses.limit = inner.expression
            elif isinstance(inner, exp.Order):
                clauses.order = inner
            elif isinstance(inner, exp.IgnoreNulls | exp.RespectNulls):
                clauses.ignore_nulls = isinstance(inner, exp.IgnoreNulls)
                clauses.respect_nulls = not clauses.ignore_nulls
            elif isinstance(inner, exp.HavingMax):
                clauses.extreme = inner
            else:
                break
            inner = inner.this
        if isinstance(inner, exp.Distinct):
            clauses.distinct = True
            for each in inner.expressions:
                # After DISTINCT f(x) the parser gives these words to f.
                to_f = isinstance(each, exp.IgnoreNulls | exp.RespectNulls)
                clauses.ignore_nulls |= isinstance(each, exp.IgnoreNulls)
                clauses.arguments.append(each.this if to_f else each)
        else:
            clauses.arguments.append(inner)
    return clauses


def aggregated(  # noqa: C901, PLR0912
    self: Expressions, node: exp.Expr, scope: Scope, *, over: str = "", ignore: bool = False
) -> Value:
    """A call of an aggregate or window function.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    name = str(node.name).upper()
    if name in _needs_over() and not over:
        raise ApiError(
            "invalidQuery",
            f"Analytic function {name} cannot be called without an OVER clause{at(node)}",
        )
    clauses = _clauses(node)
    if clauses.respect_nulls and name.startswith("PERCENTILE"):
        raise UnsupportedError(f"{name} with RESPECT NULLS{at(node)}")
    if (ignore or clauses.ignore_nulls) and name not in ("ARRAY_AGG", "ANY_VALUE"):
        if name not in _KNOWS_NULLS:
            raise ApiError(
                "invalidQuery",
                "IGNORE NULLS and RESPECT NULLS are not allowed for "
                f"{'analytic' if name in _needs_over() else 'aggregate'} function "
                f"{name.lower()}{at(node)}",
            )
        # They pass over NULL in any case.
        ignore = not name.startswith("PERCENTILE")
    if name == "COUNT" and len(clauses.arguments) == 1 and _is_star(clauses.arguments[0]):
        return Value(f"count(*){over}", INT64)
    _check_counts(name, clauses.arguments, node)
    values = [self.value(one, scope) for one in clauses.arguments]
    if name in ("MAX", "MIN") and any(one.kind.name in UNORDERED_TYPES for one in values):
        raise no_match(f"aggregate function {name}", values, at=at(node))
    if name == "STRING_AGG" and any(one.kind.name == "BYTES" for one in values):
        raise UnsupportedError(f"STRING_AGG of BYTES{at(node)}")
    signature, arguments, kind = choose(name, table_of_aggregates()[name], values, at=at(node))
    template, given = signature.template, list(arguments)
    if clauses.extreme is not None:
        return _any_value(self, clauses, given, scope, Value(over, kind), node)
    if name == "ARRAY_AGG" and values[0].kind.element is not None:
        raise ApiError(
            "invalidQuery",
            f"The argument to ARRAY_AGG must not be an array type but was {values[0].kind}"
            f"{at(node)}",
        )
    plain = given[0] if given else ""
    if name == "ANY_VALUE" and not over:
        template = "any_value({0})@" if clauses.ignore_nulls else template
    elif clauses.ignore_nulls and name == "ARRAY_AGG":
        template = template.replace("@", f" FILTER (WHERE {plain} IS NOT NULL)@")
    if clauses.limit is not None:
        template = _limited(template, name, clauses, node, plain)
    if name == "STRING_AGG" and len(given) == 2 and clauses.limit is not None:  # noqa: PLR2004
        template = template.replace("','", given.pop())
    if clauses.distinct:
        wrapped = re.search(r"\((?=(?:CAST\(|CASE WHEN )\{0\})", template)
        if wrapped:
            template = f"{template[: wrapped.end()]}DISTINCT {template[wrapped.end() :]}"
        else:
            given[0] = f"DISTINCT {given[0]}"
    if clauses.order is not None:
        given[-1] += f" ORDER BY {ordered(self, clauses.order, scope)}"
    if ignore:
        given[-1] += " IGNORE NULLS"
    return Value(filled(template, given).replace("@", over), kind)


# Which argument is a number of rows, what it is called, and the least that it may be. The words on
# NTILE and NTH_VALUE are those of the public implementation of GoogleSQL.
_COUNTS = {
    "LAG": (1, "offset of the LAG function", 0),
    "LEAD": (1, "offset of the LEAD function", 0),
    "NTH_VALUE": (1, "N value for the NthValue function", 1),
    "NTILE": (0, "N value (number of buckets) for the NTILE function", 1),
}


def _check_counts(name: str, arguments: list[exp.Expr], node: exp.Expr) -> None:
    """Refuse a number of rows that is NULL or too small."""
    place, what, least = _COUNTS.get(name, (len(arguments), "", 0))
    if len(arguments) <= place:
        return
    given = arguments[place]
    bare = given.this if isinstance(given, exp.Cast | exp.Paren) else given
    number = constant_int(given)
    fault = "must not be NULL" if isinstance(bare, exp.Null) else ""
    if number is not None and number < least:
        fault = "must be positive" if least else "must not be negative"
    if fault:
        raise ApiError("invalidQuery", f"The {what} {fault}{at(node)}", location="query")


def _limited(template: str, name: str, clauses: _Clauses, node: exp.Expr, plain: str) -> str:
    count = clauses.limit.name if clauses.limit is not None else ""
    if not count.isdigit() or name not in ("ARRAY_AGG", "STRING_AGG"):
        raise UnsupportedError(f"LIMIT inside {name}{at(node)}")
    if name == "ARRAY_AGG":
        return f"({template})[1:{count}]"
    kept = f"array_agg({{0}}) FILTER (WHERE {plain} IS NOT NULL)@"
    return f"bq_array_to_string(({kept})[1:{count}], ',')"


def _any_value(
    self: Expressions,
    clauses: _Clauses,
    given: list[str],
    scope: Scope,
    over_kind: Value,
    node: exp.Expr,
) -> Value:
    """ANY_VALUE(x HAVING MAX y)."""
    extreme = clauses.extreme
    if node.name.upper() != "ANY_VALUE" or extreme is None:
        raise UnsupportedError(f"HAVING inside {node.name.upper()}{at(node)}")
    by = self.value(extreme.expression, scope)
    function = "arg_max_null" if extreme.args.get("max") else "arg_min_null"
    return Value(f"{function}({given[0]}, {by.sql}){over_kind.sql}", over_kind.kind)


def _is_star(node: exp.Expr) -> bool:
    return isinstance(node, exp.Star)


def windowed(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    """A function with OVER."""
    call, ignore = node.this, False
    if isinstance(call, exp.IgnoreNulls | exp.RespectNulls):
        ignore, call = isinstance(call, exp.IgnoreNulls), call.this
    name = call.name.upper()
    if not isinstance(call, exp.Anonymous) or name not in table_of_aggregates():
        raise ApiError("invalidQuery", f"Function {name} does not support an OVER clause{at(node)}")
    if name in ORDERED and not node.args.get("order") and not node.args.get("alias"):
        raise ApiError(
            "invalidQuery",
            f"Window ORDER BY is required for analytic function {name.lower()}{at(call)}",
        )
    if name == "ARRAY_CONCAT_AGG" or _clauses(call).limit is not None:
        raise UnsupportedError(f"{name} with OVER{at(node)}")
    return aggregated(self, call, scope, over=f" OVER {window(self, node, scope)}", ignore=ignore)


def window(self: Expressions, node: exp.Expr, scope: Scope) -> str:
    """What stands after OVER."""
    base = node.args.get("alias")
    parts = []
    if base is not None:
        if not any(node.args.get(one) for one in ("partition_by", "order", "spec")):
            return quoted(base.name)
        parts.append(quoted(base.name))
    if node.args.get("partition_by"):
        keys = [self.value(one, scope).sql for one in node.args["partition_by"]]
        parts.append(f"PARTITION BY {steady(', '.join(keys))}")
    if node.args.get("order"):
        parts.append(f"ORDER BY {steady(ordered(self, node.args['order'], scope))}")
    if spec := node.args.get("spec"):
        parts.append(_frame(self, spec, scope))
    return f"({' '.join(parts)})"


def _frame(self: Expressions, spec: exp.Expr, scope: Scope) -> str:
    sides = []
    for side in ("start", "end"):
        bound = spec.args.get(side)
        text = bound if isinstance(bound, str) else None
        if bound is not None and text is None:
            text = self.value(bound, scope).sql
        sides.append(f"{text or 'CURRENT ROW'} {spec.args.get(f'{side}_side') or ''}".strip())
    return f"{spec.args['kind']} BETWEEN {sides[0]} AND {sides[1]}"


__all__ = ["aggregated", "array_of", "table_of_aggregates", "window", "windowed"]
