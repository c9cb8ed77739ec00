"""Expressions of GoogleSQL as DuckDB's SQL, with the type of each."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql import casts, functions, intervals, operators
from harness.bigquery.sql.json_literals import json_literal
from harness.bigquery.sql.kinds import (
    BOOL,
    BYTES,
    FLOAT64,
    INT64,
    INTERVAL,
    NULL,
    STRING,
    Kind,
    Value,
    array_of,
    coerced,
    common,
)
from harness.bigquery.sql.places import at, said
from harness.bigquery.sql.scope import Scope, field_of
from harness.bigquery.sql.signatures import no_match
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.bigquery.sql.query import Query


# Of functions that have a dot in their own names.
_PREFIXES = ("AEAD", "AI", "HLL_COUNT", "KEYS", "KLL_QUANTILES", "ML", "NET", "OBJ", "SAFE")


class Expressions:
    """Translates the expressions of one statement.

    Args:
        query: Translates the subqueries.
    """

    def __init__(self, query: Query) -> None:
        self.query = query
        self._kept: dict[int, tuple[Scope, Value]] = {}

    def value(self, node: exp.Expr, scope: Scope) -> Value:
        """Translate one expression.

        Raises:
            ApiError: BigQuery would refuse it, or the stub does.
        """
        if (kept := self._kept.get(id(node))) and kept[0] is scope:
            return kept[1]
        if node.args.get("negate") and not isinstance(node, exp.Like):
            raise UnsupportedError(f"NOT {said(node)}{at(node)}")
        for kind, action in _ACTIONS.items():
            if isinstance(node, kind):
                return action(self, node, scope)
        raise UnsupportedError(said(node) + at(node))

    @contextmanager
    def remembered(
        self, nodes: Sequence[exp.Expr], values: Sequence[Value], scope: Scope
    ) -> Iterator[None]:
        """Meanwhile these expressions have these values, and are not translated again."""
        self._kept.update(
            (id(node), (scope, value)) for node, value in zip(nodes, values, strict=True)
        )
        try:
            yield
        finally:
            for node in nodes:
                self._kept.pop(id(node), None)

    def boolean(self, node: exp.Expr, scope: Scope, *, clause: str) -> str:
        """A condition.

        Raises:
            ApiError: It is no BOOL.
        """
        value = self.value(node, scope)
        if value.kind.name not in ("BOOL", "NULL"):
            raise ApiError(
                "invalidQuery",
                f"{clause} should return type BOOL, but returns {value.kind}{at(node)}",
                location="query",
            )
        return value.sql

    def alike(
        self, nodes: Sequence[exp.Expr], scope: Scope, *, what: str, place: exp.Expr
    ) -> tuple[list[str], Kind]:
        """Expressions made one type.

        Raises:
            ApiError: There is none that all become.
        """
        values = [self.value(node, scope) for node in nodes]
        kind = common(values)
        if kind is None:
            raise no_match(what, values, at=at(place))
        return [coerced(one, kind) for one in values], kind


def parts_of(node: exp.Expr) -> tuple[str, ...] | None:
    """The names of a path such as ``t.column.field``, or None where it is none."""
    if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
        # Backquotes may hold several names together, and what is behind the fourth hangs on it.
        deep = [
            one
            for part in node.parts
            for one in (part.flatten() if isinstance(part, exp.Dot) else (part,))
        ]
        return tuple(name for one in deep for name in one.name.split("."))
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        head = parts_of(node.this)
        return (*head, node.expression.name) if head else None
    return None


def system_name(node: exp.Expr) -> str:
    """The name of ``@@name`` in lower case, or nothing where it is no system variable."""
    if isinstance(node, exp.Dot):
        head = system_name(node.this)
        return f"{head}.{node.expression.name.lower()}" if head else ""
    if isinstance(node, exp.Parameter) and isinstance(node.this, exp.Parameter):
        return str(node.this.this.name).lower()
    return ""


def _path(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    parts = parts_of(node)
    if parts:
        return scope.find(parts, at=at(node))
    if system_name(node):
        return _system_variable(self, node, scope)
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        return field_of(self.value(node.this, scope), node.expression.name, at=at(node))
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Anonymous):
        return _routine(self, node, scope)
    if isinstance(node, exp.Dot):
        raise UnsupportedError(f"{said(node)}{at(node)}")
    raise ApiError("invalidQuery", f"Syntax error: Unexpected *{at(node)}")


def _routine(self: Expressions, node: exp.Dot, scope: Scope) -> Value:
    """A call of a dataset's function, or of a function whose name has a prefix."""
    call = node.expression
    parts = [
        *".".join(one.name for one in node.this.find_all(exp.Identifier)).split("."),
        call.name,
    ]
    if parts[0].upper() in _PREFIXES or self.query.routine is None:
        raise UnsupportedError(f"function {'.'.join(parts)}{at(node)}")
    made: Value = self.query.routine(parts, at=at(node))(self, call, scope)
    return made


def _literal(_: Expressions, node: exp.Expr, _scope: Scope) -> Value:
    text = str(node.this)
    if node.is_string:
        return Value(literal(text), STRING, literal=True)
    if text.isdigit():
        if int(text) >= 2**63:
            raise ApiError("invalidQuery", f"Invalid integer literal: {text}{at(node)}")
        return Value(f"CAST({text} AS BIGINT)", INT64, literal=True)
    return Value(f"CAST({literal(text)} AS DOUBLE)", FLOAT64, literal=True)


def _hex(_: Expressions, node: exp.Expr, _scope: Scope) -> Value:
    return Value(f"CAST({int(str(node.this), 16)} AS BIGINT)", INT64, literal=True)


def _bytes(_: Expressions, node: exp.Expr, _scope: Scope) -> Value:
    if (digits := node.meta.get("bytes")) is not None:
        # A query parameter.
        return Value(f"unhex('{digits}')", BYTES, literal=True)
    text = str(node.this)
    if not text.isascii():
        # Its escapes are gone by now: an escaped byte and a letter look the same.
        raise UnsupportedError("a BYTES literal beyond ASCII")
    return Value(f"encode({literal(text)})", BYTES, literal=True)


def _raw(_: Expressions, node: exp.Expr, _scope: Scope) -> Value:
    return Value(literal(str(node.this)), STRING, literal=True)


def _json(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    return json_literal(self.value(node.this, scope), node.this)


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


def _case(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    results = [one.args["true"] for one in node.args["ifs"]]
    default = node.args.get("default")
    cells, kind = self.alike(
        [*results, default if default is not None else exp.Null()],
        scope,
        what="operator CASE",
        place=node,
    )
    conditions = []
    for one in node.args["ifs"]:
        test = one.this
        if node.this is not None:
            test = exp.EQ(this=node.this.copy(), expression=test.copy())
        conditions.append(self.boolean(test, scope, clause="CASE WHEN"))
    whens = " ".join(f"WHEN {a} THEN {b}" for a, b in zip(conditions, cells, strict=False))
    return Value(f"CASE {whens} ELSE {cells[-1]} END", kind)


def _if(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    condition = self.value(node.this, scope)
    branches = [node.args.get("true"), node.args.get("false")]
    if None in branches:
        raise no_match("function IF", [condition], at=at(node))
    cells, kind = self.alike(
        [one for one in branches if one is not None], scope, what="function IF", place=node
    )
    if condition.kind.name not in ("BOOL", "NULL"):
        raise no_match("function IF", [condition, Value("", kind), Value("", kind)], at=at(node))
    return Value(f"CASE WHEN {condition.sql} THEN {cells[0]} ELSE {cells[1]} END", kind)


def _exists(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    sql, _ = self.query.subquery(node.this, scope)
    return Value(f"EXISTS ({sql})", BOOL)


def _scalar_query(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    query = node.this if isinstance(node, exp.Subquery) else node
    if not isinstance(query, exp.Query):
        return self.value(query, scope)
    sql, columns = self.query.subquery(query, scope)
    if len(columns) != 1:
        raise ApiError(
            "invalidQuery",
            "Scalar subquery cannot have more than one column unless using SELECT AS STRUCT to "
            f"build STRUCT values{at(node)}",
        )
    return Value(f"({sql})", columns[0][1])


def _paren(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    inner = self.value(node.this, scope)
    return replace(inner, sql=f"({inner.sql})")


def _system_variable(self: Expressions, node: exp.Expr, _scope: Scope) -> Value:
    name = system_name(node)
    if not name or self.query.system is None:
        raise UnsupportedError(said(node) + at(node))
    return self.query.system(name, at=at(node))


_ACTIONS: dict[type[exp.Expr], Callable[[Expressions, exp.Expr, Scope], Value]] = {
    exp.Column: _path,
    exp.Dot: _path,
    exp.Literal: _literal,
    exp.HexString: _hex,
    exp.ByteString: _bytes,
    exp.RawString: _raw,
    exp.Null: lambda *_: Value("NULL", NULL, literal=True),
    exp.Boolean: lambda _, node, __: Value("true" if node.this else "false", BOOL, literal=True),
    exp.ParseJSON: _json,
    exp.Array: _array,
    exp.Struct: _struct,
    exp.Tuple: _tuple,
    exp.Case: _case,
    exp.If: _if,
    exp.Exists: _exists,
    exp.Subquery: _scalar_query,
    exp.Query: _scalar_query,
    exp.Paren: _paren,
    **intervals.ACTIONS,
    exp.Parameter: _system_variable,
    **casts.ACTIONS,
    **operators.ACTIONS,
    **functions.ACTIONS,
}
__all__ = ["INTERVAL", "Expressions", "parts_of", "system_name"]
