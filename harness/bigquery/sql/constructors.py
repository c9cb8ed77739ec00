"""ARRAY and STRUCT made of values. Source: "Array type", "Struct type"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.kinds import INT64, NULL, Kind, Value, array_of
from harness.bigquery.sql.paths import parts_of
from harness.bigquery.sql.places import at
from harness.bigquery.types import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope


def _array(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    if len(node.expressions) == 1 and isinstance(node.expressions[0], exp.Query):
        sql, columns = self.query.subquery(node.expressions[0], scope)
        if len(columns) != 1:
            raise ApiError(
                "invalidQuery",
                f"ARRAY subquery cannot have more than one column unless using SELECT AS STRUCT "
                f"to build STRUCT values{at(node)}",
            )
        element = columns[0][1]
        return Value(f"ARRAY({sql})", _element(element, node))
    if not node.expressions:
        return Value("CAST([] AS BIGINT[])", array_of(NULL), literal=True)
    cells, kind = self.alike(node.expressions, scope, what="array literal", place=node)
    sql = f"CAST([{', '.join(cells)}] AS {kind.duckdb}[])"
    return Value(sql, _element(kind, node), literal=True)


def _element(kind: Kind, node: exp.Expr) -> Kind:
    if kind.element is not None:
        raise ApiError(
            "invalidQuery",
            f"Cannot construct array with element type {kind} because nested arrays are not "
            f"supported{at(node)}",
        )
    return array_of(INT64 if kind.name == "NULL" else kind)


def _struct(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    pairs = []
    for number, one in enumerate(node.expressions, start=1):
        inner = one
        name = f"_field_{number}"
        if isinstance(one, exp.Alias | exp.PropertyEQ):
            name, inner = (one.alias or one.this.name), one.expression or one.this
            inner = one.this if isinstance(one, exp.Alias) else one.expression
        elif parts_of(one):
            name = (parts_of(one) or ("",))[-1]
        pairs.append((name, self.value(inner, scope)))
    if not pairs:
        raise UnsupportedError("a STRUCT without fields")
    if len({name.lower() for name, _ in pairs}) != len(pairs):
        raise UnsupportedError("a STRUCT with two fields of one name")
    inner_sql = ", ".join(f"{quoted(name)} := {value.sql}" for name, value in pairs)
    fields = tuple((name, value.kind) for name, value in pairs)
    return Value(
        f"struct_pack({inner_sql})",
        Kind("STRUCT", fields=fields),
        literal=all(value.literal for _, value in pairs),
    )


def _tuple(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    return _struct(self, node, scope)


ACTIONS: dict[type[exp.Expr], Callable[[Expressions, exp.Expr, Scope], Value]] = {
    exp.Array: _array,
    exp.Struct: _struct,
    exp.Tuple: _tuple,
}
