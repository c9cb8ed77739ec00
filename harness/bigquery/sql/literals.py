"""Literals: numbers, texts, bytes, JSON. Source: "Lexical structure", "Literals"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.json_literals import json_literal
from harness.bigquery.sql.kinds import BOOL, BYTES, FLOAT64, INT64, NULL, STRING, Value
from harness.bigquery.sql.places import at
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope


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


ACTIONS: dict[type[exp.Expr], Callable[[Expressions, exp.Expr, Scope], Value]] = {
    exp.Literal: _literal,
    exp.HexString: _hex,
    exp.ByteString: _bytes,
    exp.RawString: _raw,
    exp.Null: lambda *_: Value("NULL", NULL, literal=True),
    exp.Boolean: lambda _, node, __: Value("true" if node.this else "false", BOOL, literal=True),
    exp.ParseJSON: _json,
}
