"""Query parameters, put into the statement as typed literals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.types import type_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def bind(tree: exp.Expr, parameters: Sequence[Mapping[str, Any]]) -> exp.Expr:
    """Put the values in the place of ``@name`` and ``?``.

    Raises:
        ApiError: A parameter is missing, or has a type that the stub does not take.
    """
    named = {str(one["name"]).lower(): one for one in parameters if one.get("name")}
    positional = [one for one in parameters if not one.get("name")]
    for node in list(tree.dfs()):
        if isinstance(node, exp.Parameter):
            if isinstance(node.this, exp.Parameter) or isinstance(node.parent, exp.Parameter):
                # @@name is a system variable.
                continue
            name = node.name.lower()
            if name not in named:
                raise ApiError("invalidQuery", f"Query parameter '{node.name}' not found")
            tree = _put(tree, node, _value(named[name]))
        elif isinstance(node, exp.Placeholder):
            # The parser has counted them in the order of the text.
            number = int(node.meta["number"])
            if number >= len(positional):
                raise ApiError("invalidQuery", f"Query parameter number {number + 1} not found")
            tree = _put(tree, node, _value(positional[number]))
    return tree


def _put(tree: exp.Expr, node: exp.Expr, value: exp.Expr) -> exp.Expr:
    if node is tree:
        return value
    node.replace(value)
    return tree


def _value(parameter: Mapping[str, Any]) -> exp.Expr:
    kind, value = parameter.get("parameterType") or {}, parameter.get("parameterValue") or {}
    return _typed(kind, value)


def _typed(kind: Mapping[str, Any], value: Mapping[str, Any]) -> exp.Expr:
    name = str(kind.get("type") or "")
    if name == "ARRAY":
        element = kind.get("arrayType") or {}
        items = [_typed(element, item) for item in value.get("arrayValues") or ()]
        return exp.Cast(this=exp.Array(expressions=items), to=_type(kind))
    if name == "STRUCT":
        given = value.get("structValues") or {}
        pairs = [
            exp.PropertyEQ(
                this=exp.to_identifier(str(one.get("name"))),
                expression=_typed(one.get("type") or {}, given.get(one.get("name")) or {}),
            )
            for one in kind.get("structTypes") or ()
        ]
        return exp.Struct(expressions=pairs)
    target = exp.DataType.build(type_name(name), dialect="bigquery")
    text = value.get("value")
    inner = exp.Null() if text is None else exp.Literal.string(str(text))
    return exp.Cast(this=inner, to=target)


def _type(kind: Mapping[str, Any]) -> exp.DataType:
    name = str(kind.get("type") or "")
    if name == "ARRAY":
        inner = [_type(kind.get("arrayType") or {})]
        return exp.DataType(this=exp.DType.ARRAY, expressions=inner, nested=True)
    if name == "STRUCT":
        fields = [
            exp.ColumnDef(
                this=exp.to_identifier(one.get("name")), kind=_type(one.get("type") or {})
            )
            for one in kind.get("structTypes") or ()
        ]
        return exp.DataType(this=exp.DType.STRUCT, expressions=fields, nested=True)
    return exp.DataType.build(type_name(name), dialect="bigquery")
