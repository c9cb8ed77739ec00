"""Operators: logic, bits, patterns. Source: "Operators" of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql import arithmetic, comparisons
from harness.bigquery.sql.kinds import (
    BOOL,
    INT64,
    STRING,
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

_SIGNS: dict[type[exp.Expr], str] = {
    exp.BitwiseAnd: "&",
    exp.BitwiseOr: "|",
    exp.BitwiseXor: "^",
    exp.And: "AND",
    exp.Or: "OR",
}


def _pair(self: Expressions, node: exp.Expr, scope: Scope) -> tuple[Value, Value, str]:
    return (
        self.value(node.this, scope),
        self.value(node.expression, scope),
        _SIGNS[type(node)],
    )


def _logic(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    """AND and OR: a chain of thousands is one list, for neither Python nor DuckDB goes so deep."""
    sign, links = _SIGNS[type(node)], []
    while type(node) is type(node.this):
        links.append(node.expression)
        node = node.this
    values = [self.value(one, scope) for one in (node.this, node.expression, *reversed(links))]
    if not all(one.kind.name in ("BOOL", "NULL") for one in values):
        raise no_match(f"operator {sign}", values, at=at(node))
    return Value(f"({f' {sign} '.join(one.sql for one in values)})", BOOL)


def _not(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    value = self.value(node.this, scope)
    if value.kind.name not in ("BOOL", "NULL"):
        raise no_match("operator NOT", [value], at=at(node))
    return Value(f"(NOT {value.sql})", BOOL)


def _bits(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    left, right, sign = _pair(self, node, scope)
    if not all(one.kind.name in ("INT64", "NULL") for one in (left, right)):
        if {left.kind.name, right.kind.name} == {"BYTES"}:
            raise UnsupportedError(f"operator {sign} of BYTES{at(node)}")
        raise no_match(f"operator {sign}", [left, right], at=at(node))
    if sign == "^":
        return Value(f"xor({left.sql}, {right.sql})", INT64)
    return Value(f"({left.sql} {sign} {right.sql})", INT64)


def _shift(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    left, right = self.value(node.this, scope), self.value(node.expression, scope)
    name, sign = ("left", "<<") if isinstance(node, exp.BitwiseLeftShift) else ("right", ">>")
    if not all(one.kind.name in ("INT64", "NULL") for one in (left, right)):
        raise no_match(f"operator {sign}", [left, right], at=at(node))
    return Value(f"bq_shift_{name}({left.sql}, {right.sql})", INT64)


def _invert(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    value = self.value(node.this, scope)
    if value.kind.name not in ("INT64", "NULL"):
        raise no_match("operator ~", [value], at=at(node))
    return Value(f"(~ {value.sql})", INT64)


def _joined(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    left, right = self.value(node.this, scope), self.value(node.expression, scope)
    kind = common([left, right])
    if kind is None or (kind.name not in ("STRING", "BYTES", "NULL") and kind.element is None):
        raise no_match("operator ||", [left, right], at=at(node))
    if kind.element is not None:
        return Value(f"bq_array_concat([{left.sql}, {right.sql}])", kind)
    kind = STRING if kind.name == "NULL" else kind
    return Value(f"({coerced(left, kind)} || {coerced(right, kind)})", kind)


def _is(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    value = self.value(node.this, scope)
    wanted = node.expression
    if isinstance(wanted, exp.Boolean):
        if value.kind.name not in ("BOOL", "NULL"):
            raise no_match(f"operator IS {wanted.sql()}", [value], at=at(node))
        return Value(f"({value.sql} IS NOT DISTINCT FROM {wanted.sql()})", BOOL)
    if not isinstance(wanted, exp.Null):
        raise UnsupportedError(f"IS {wanted.sql('bigquery')}{at(node)}")
    return Value(f"({value.sql} IS NULL)", BOOL)


def _quantified(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    """``x LIKE ANY (...)``, SOME and ALL. Source: "Quantified LIKE operator"."""
    if node.args.get("negate"):
        raise UnsupportedError(f"NOT LIKE with ANY, SOME or ALL{at(node)}")
    text, patterns = self.value(node.this, scope), node.expression.this
    every = isinstance(node.expression, exp.All)
    if isinstance(patterns, exp.Anonymous) and patterns.name.upper() == "UNNEST":
        array = self.value(patterns.expressions[0], scope)
        if array.kind.element not in (STRING, Kind("NULL")) or text.kind.name != "STRING":
            raise no_match("operator LIKE", [text, array], at=at(node))
        test = f"list_transform({array.sql}, lambda p_ : {text.sql} LIKE p_ ESCAPE '\\')"
        if every:
            opposite = f"list_transform({test}, lambda t_ : NOT t_)"
            return Value(f"(NOT bq_any({opposite}))", BOOL)
        return Value(f"bq_any({test})", BOOL)
    if isinstance(patterns, exp.Query | exp.Subquery):
        raise UnsupportedError(f"LIKE with a subquery{at(node)}")
    if not isinstance(patterns, exp.Tuple | exp.Paren):
        raise ApiError("invalidQuery", f'Syntax error: Expected "("{at(node)}', location="query")
    listed = patterns.expressions if isinstance(patterns, exp.Tuple) else [patterns.this]
    tests = [
        self.value(exp.Like(this=node.this.copy(), expression=one.copy()), scope).sql
        for one in listed
    ]
    return Value(f"({(' AND ' if every else ' OR ').join(tests)})", BOOL)


def _like(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    if isinstance(node.expression, exp.Any | exp.All):
        value = _quantified(self, node, scope)
        self.query.know(value.sql)
        return value
    left, right = self.value(node.this, scope), self.value(node.expression, scope)
    if not all(one.kind.name in ("STRING", "NULL") for one in (left, right)):
        if {left.kind.name, right.kind.name} == {"BYTES"}:
            raise UnsupportedError(f"LIKE of BYTES{at(node)}")
        raise no_match("operator LIKE", [left, right], at=at(node))
    word = "NOT LIKE" if node.args.get("negate") else "LIKE"
    return Value(f"({left.sql} {word} {right.sql} ESCAPE '\\')", BOOL)


ACTIONS: dict[type[exp.Expr], Callable[[Expressions, exp.Expr, Scope], Value]] = {
    **arithmetic.ACTIONS,
    **comparisons.ACTIONS,
    **dict.fromkeys((exp.And, exp.Or), _logic),
    **dict.fromkeys((exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor), _bits),
    **dict.fromkeys((exp.BitwiseLeftShift, exp.BitwiseRightShift), _shift),
    exp.Not: _not,
    exp.BitwiseNot: _invert,
    exp.DPipe: _joined,
    exp.Is: _is,
    exp.Like: _like,
}
