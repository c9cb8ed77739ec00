"""``+``, ``-``, ``*`` and ``/``. Source: "Arithmetic operators", "Date arithmetics operators"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.sql import interval_arithmetic
from harness.bigquery.sql.hoisting import bound
from harness.bigquery.sql.kinds import (
    BIGNUMERIC,
    DATE,
    FLOAT64,
    INT64,
    NUMERIC,
    Kind,
    Value,
    coerced,
    common,
)
from harness.bigquery.sql.places import at
from harness.bigquery.sql.signatures import no_match

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_SIGNS: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_NUMERIC = {
    "+": "CAST(({a} + {b}) AS DECIMAL(38,9))",
    "-": "CAST(({a} - {b}) AS DECIMAL(38,9))",
    "*": "bq_numeric_mul({a}, {b})",
    "/": "bq_numeric_div({a}, {b})",
}
_BIGNUMERIC = {
    "+": "bq_big_add({a}, {b})",
    "-": "bq_big_add({a}, bq_big_neg({b}))",
    "*": "bq_big_mul({a}, {b})",
    "/": "bq_big_div({a}, {b})",
}


def _arithmetic(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    left, right = self.value(node.this, scope), self.value(node.expression, scope)
    sign = _SIGNS[type(node)]
    names = (left.kind.name, right.kind.name)
    found = interval_arithmetic.combined(left, right, sign)
    if found is not None:
        return found
    if sign in "+-" and "DATE" in names:
        return _days(left, right, sign, node)
    kind = common([left, right])
    if kind is not None and kind.name == "NULL":
        kind = INT64
    if sign == "/" and kind == INT64:
        kind = FLOAT64
    if kind not in (INT64, NUMERIC, BIGNUMERIC, FLOAT64) or "STRING" in names:
        raise no_match(f"operator {sign}", [left, right], at=at(node))
    if "NULL" in names:
        return Value(f"CAST(NULL AS {kind.duckdb})", kind)
    if kind == FLOAT64:
        return _floats(left, right, sign)
    a, b = coerced(left, kind), coerced(right, kind)
    if kind == INT64:
        return Value(f"({a} {sign} {b})", kind)
    templates = _NUMERIC if kind == NUMERIC else _BIGNUMERIC
    return Value(
        _once(templates[sign], [Value(a, kind, left.literal), Value(b, kind, right.literal)]), kind
    )


def _once(template: str, values: list[Value]) -> str:
    """A macro of two values, of which heavy ones are counted once."""
    return bound(values, lambda named: template.format(a=named[0].sql, b=named[1].sql), many=1)


def _floats(left: Value, right: Value, sign: str) -> Value:
    """A FLOAT64 that overflows is an error; a chain of operators is looked at once."""
    if sign == "/":
        values = [Value(coerced(one, FLOAT64), FLOAT64, one.literal) for one in (left, right)]
        return Value(_once("bq_div({a}, {b})", values), FLOAT64)
    sides: list[str] = []
    operands: list[str] = []
    for one in (left, right):
        sql = coerced(one, FLOAT64)
        inner = one.chain if one.kind == FLOAT64 else ()
        sides.append(inner[0] if inner else sql)
        operands += inner[1:] if inner else ([] if one.literal else [sql])
    plain = f"({sides[0]} {sign} {sides[1]})"
    told = " || ' ' || ".join(
        [f"CAST({sides[0]} AS VARCHAR)", f"'{sign}'", f"CAST({sides[1]} AS VARCHAR)"]
    )
    finite = "".join(f" AND isfinite({one})" for one in dict.fromkeys(operands))
    # What fails to be cast may stand in TRY, which error() may not.
    checked = (
        f"CASE WHEN NOT isfinite({plain}){finite} "
        f"THEN CAST('bq:double overflow: ' || {told} AS DOUBLE) ELSE {plain} END"
    )
    return Value(checked, FLOAT64, chain=(plain, *operands))


def _days(left: Value, right: Value, sign: str, node: exp.Expr) -> Value:
    """A DATE and a number of days."""
    kinds = (left.kind.name, right.kind.name)
    if kinds == ("DATE", "INT64") or (kinds == ("INT64", "DATE") and sign == "+"):
        day, count = (left, right) if kinds[0] == "DATE" else (right, left)
        return Value(f"({day.sql} {sign} CAST({count.sql} AS INTEGER))", DATE)
    raise no_match(f"operator {sign}", [left, right], at=at(node))


def _negative(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    if isinstance(node.this, exp.Literal) and str(node.this.this) == str(2**63):
        return Value("CAST('-9223372036854775808' AS BIGINT)", INT64, literal=True)
    value = self.value(node.this, scope)
    kind: Kind = value.kind
    if kind == BIGNUMERIC:
        return Value(f"bq_big_neg({value.sql})", kind)
    if kind.name == "INTERVAL":
        return Value(f"bq_iv_times({value.sql}, -1)", kind)
    if kind.name not in ("INT64", "NUMERIC", "FLOAT64", "NULL"):
        raise no_match("operator -", [value], at=at(node))
    if kind == INT64 and not isinstance(node.this, exp.Literal):
        # DuckDB makes a wider integer of the negated least one.
        return Value(f"(CAST(0 AS BIGINT) - CAST({value.sql} AS BIGINT))", INT64, value.literal)
    return Value(f"(-{value.sql})", kind, value.literal)


ACTIONS: dict[type[exp.Expr], Callable[[Expressions, exp.Expr, Scope], Value]] = {
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Div), _arithmetic),
    exp.Neg: _negative,
}
