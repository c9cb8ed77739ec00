"""``=``, ``<`` and their kin, BETWEEN and IN. Source: "Comparison operators" of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.sql.hoisting import bound
from harness.bigquery.sql.kinds import BIGNUMERIC, BOOL, FLOAT64, Kind, Value, coerced, common
from harness.bigquery.sql.places import at
from harness.bigquery.sql.signatures import no_match
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_SIGNS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "!=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
}
_ORDERED = ("<", "<=", ">", ">=")
# In DuckDB NaN equals itself and is the greatest.
_NAN = {
    "=": "{a} = {b} AND NOT isnan({a})",
    "!=": "{a} != {b} OR isnan({a})",
    ">": "{a} > {b} AND NOT isnan({a})",
    ">=": "{a} >= {b} AND NOT isnan({a})",
    "<": "{a} < {b} AND NOT isnan({b})",
    "<=": "{a} <= {b} AND NOT isnan({b})",
}


def _comparison(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    left, right = self.value(node.this, scope), self.value(node.expression, scope)
    return Value(compared(left, right, _SIGNS[type(node)], node), BOOL)


def compared(left: Value, right: Value, sign: str, node: exp.Expr) -> str:
    """Two values compared.

    Raises:
        ApiError: They cannot be.
    """
    kind = common([left, right])
    if kind is None:
        raise no_match(f"operator {sign}", [left, right], at=at(node))
    _check(kind, sign, node)
    pair = [Value(coerced(one, kind), kind, one.literal) for one in (left, right)]
    if kind.name == "STRUCT" and sign in ("=", "!="):
        equal = bound(pair, lambda named: _fields_equal(named, kind, node), many=1)
        return equal if sign == "=" else f"(NOT {equal})"
    a, b = (one.sql for one in pair)
    if kind == FLOAT64 and sign in _NAN:
        return "(" + _NAN[sign].format(a=a, b=b) + ")"
    return f"({a} {sign} {b})"


def _fields_equal(pair: Sequence[Value], kind: Kind, node: exp.Expr) -> str:
    """STRUCTs field by field: that of NULLs is neither true nor false, which DuckDB's is."""
    tests = []
    for name, inner in kind.fields:
        cells = [Value(f"struct_extract({one.sql}, {literal(name)})", inner) for one in pair]
        tests.append(compared(cells[0], cells[1], "=", node))
    return f"({' AND '.join(tests)})"


def _check(kind: Kind, sign: str, node: exp.Expr) -> None:
    ordered = sign in _ORDERED
    if not _comparable(kind) or (ordered and kind.name == "STRUCT"):
        called = {"=": "Equality", "!=": "Inequality"}.get(sign, "Less than")
        raise ApiError(
            "invalidQuery",
            f"{called} is not defined for arguments of type {kind}{at(node)}",
            location="query",
        )


def _comparable(kind: Kind) -> bool:
    if kind.name == "JSON" or kind.element is not None:
        return False
    return all(_comparable(inner) for _, inner in kind.fields)


def _between(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    value, low, high = (
        self.value(one, scope) for one in (node.this, node.args["low"], node.args["high"])
    )
    kind = common([value, low, high])
    if kind is None:
        raise no_match("operator BETWEEN", [value, low, high], at=at(node))
    _check(kind, "<", node)
    if kind == FLOAT64:
        tests = (compared(value, low, ">=", node), compared(value, high, "<=", node))
        return Value(f"({' AND '.join(tests)})", BOOL)
    a, b, c = (coerced(one, kind) for one in (value, low, high))
    return Value(f"({a} BETWEEN {b} AND {c})", BOOL)


def _in(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    value = self.value(node.this, scope)
    if unnest := node.args.get("unnest"):
        array = self.value(unnest.expressions[0] if unnest.expressions else unnest.this, scope)
        return Value(_in_array(value, array, node), BOOL)
    if query := node.args.get("query"):
        inner = query.this if isinstance(query, exp.Subquery) else query
        return Value(_in_query(self, value, inner, scope, node), BOOL)
    tests = [compared(value, self.value(one, scope), "=", node) for one in node.expressions]
    return Value(f"({' OR '.join(tests)})", BOOL)


def _in_array(value: Value, array: Value, node: exp.Expr) -> str:
    element = array.kind.element or Kind("NULL")
    kind = common([value, Value("", element, array.literal)])
    if array.kind.element is None or kind is None:
        raise no_match("operator IN UNNEST", [value, array], at=at(node))
    _check(kind, "=", node)
    items = f"CAST({array.sql} AS {kind.duckdb}[])"
    if kind == BIGNUMERIC:
        items = f"list_transform({array.sql}, lambda e_ : {coerced(Value('e_', element), kind)})"
    return _found(value, kind, f"SELECT unnest({items})")


def _in_query(
    self: Expressions, value: Value, query: exp.Expr, scope: Scope, node: exp.Expr
) -> str:
    sql, columns = self.query.subquery(query, scope)
    if len(columns) != 1:
        raise ApiError(
            "invalidQuery", f"Subquery of type IN must have only one output column{at(node)}"
        )
    right = Value("c", columns[0][1])
    kind = common([value, right])
    if kind is None:
        raise ApiError(
            "invalidQuery",
            f"Cannot execute IN subquery with uncomparable types {value.kind} and "
            f"{right.kind}{at(node)}",
        )
    _check(kind, "=", node)
    if kind != right.kind:
        sql = f"SELECT {coerced(right, kind)} FROM ({sql}) AS q(c)"  # noqa: S608
    return _found(value, kind, sql)


def _found(value: Value, kind: Kind, query: str) -> str:
    wanted = coerced(value, kind)
    test = f"{wanted} IN ({query})"
    return f"(NOT isnan({wanted}) AND {test})" if kind == FLOAT64 else f"({test})"


ACTIONS: dict[type[exp.Expr], Callable[[Expressions, exp.Expr, Scope], Value]] = {
    **dict.fromkeys(_SIGNS, _comparison),
    exp.Between: _between,
    exp.In: _in,
}
