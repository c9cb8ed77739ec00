"""Query parameters, put into the statement as typed literals.

Shapes: QueryParameter of the REST reference; a value is always a text, that of BYTES in base64.
"""

from __future__ import annotations

from base64 import b64decode
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.sql.places import at
from harness.bigquery.types import type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


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
                raise ApiError(
                    "invalidQuery",
                    f"Query parameter '{node.name}' not found{at(node)}",
                    location="query",
                )
            tree = _put(tree, node, _value(named[name]))
        elif isinstance(node, exp.Placeholder):
            # The parser has counted them in the order of the text.
            number = int(node.meta["number"])
            if number >= len(positional):
                raise ApiError(
                    "invalidQuery",
                    f"Query parameter number {number + 1} is not defined "
                    f"({len(positional)} provided){at(node)}",
                    location="query",
                )
            tree = _put(tree, node, _value(positional[number]))
    return tree


def _put(tree: exp.Expr, node: exp.Expr, value: exp.Expr) -> exp.Expr:
    if node is tree:
        return value
    node.replace(value)
    return tree


def _value(parameter: Mapping[str, Any]) -> exp.Expr:
    kind, value = parameter.get("parameterType") or {}, parameter.get("parameterValue") or {}
    return _typed(kind, value, str(parameter.get("name") or ""))


def _typed(kind: Mapping[str, Any], value: Mapping[str, Any], where: str) -> exp.Expr:
    name = str(kind.get("type") or "").upper()
    if name == "ARRAY":
        element = kind.get("arrayType") or {}
        items = [_typed(element, item or {}, where) for item in value.get("arrayValues") or ()]
        return exp.Cast(this=exp.Array(expressions=items), to=_type(kind))
    if name == "STRUCT":
        return _struct(kind, value, where)
    if name == "RANGE":
        return _range(kind, value, where)
    text = value.get("value")
    if text is None:
        return exp.Cast(this=exp.Null(), to=_type(kind))
    text = _checked(type_name(name), str(text), where)
    if type_name(name) == "DATETIME":
        # The client writes years before 1000 without zeros, where C's strftime does.
        year, dash, rest = text.partition("-")
        text = f"{year:0>4}{dash}{rest}" if year.isdecimal() else text
    if type_name(name) == "BYTES":
        held = exp.ByteString(this="")
        held.meta["bytes"] = b64decode(text).hex()
        return held
    return exp.Cast(this=exp.Literal.string(text), to=_type(kind))


def _struct(kind: Mapping[str, Any], value: Mapping[str, Any], where: str) -> exp.Expr:
    given = value.get("structValues")
    if given is None:
        return exp.Cast(this=exp.Null(), to=_type(kind))
    fields = []
    for number, one in enumerate(kind.get("structTypes") or ()):
        name = one.get("name")
        inner = _typed(one.get("type") or {}, given.get(name or str(number)) or {}, where)
        if name:
            inner = exp.PropertyEQ(this=exp.to_identifier(str(name)), expression=inner)
        fields.append(inner)
    return exp.Struct(expressions=fields)


def _range(kind: Mapping[str, Any], value: Mapping[str, Any], where: str) -> exp.Expr:
    ends = value.get("rangeValue")
    if ends is None:
        return exp.Cast(this=exp.Null(), to=_type(kind))
    element = kind.get("rangeElementType") or {}
    # UNBOUNDED and NULL are the same in a range.
    cells = [
        {} if str((ends.get(end) or {}).get("value")).upper() in _UNBOUNDED else ends[end]
        for end in ("start", "end")
    ]
    given = [_typed(element, one, where) for one in cells]
    return exp.Anonymous(this="RANGE", expressions=given)


def _checked(kind: str, text: str, where: str) -> str:
    """A parameter's text, if it can be read as its type."""
    if kind not in _READ:
        return text
    reader, told = _READ[kind]
    try:
        reader(text)
    except (ValueError, ArithmeticError, KeyError):
        raise ApiError(
            "invalidQuery",
            f"Unparseable query parameter `{where}` in type `TYPE_{kind}`, "
            f"{told.format(text)} value: '{text}'",
            location="query",
        ) from None
    return text


def _int64(text: str) -> int:
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError(text)
    return number


_UNBOUNDED = ("NONE", "NULL", "UNBOUNDED")
# How a text is read, and what the service says where that fails.
_READ: dict[str, tuple[Callable[[str], object], str]] = {
    "INT64": (_int64, "Bad int64 value: {}"),
    "FLOAT64": (float, "Bad double value: {}"),
    "NUMERIC": (Decimal, "Invalid NUMERIC value: {}"),
    "BIGNUMERIC": (Decimal, "Invalid BIGNUMERIC value: {}"),
    "BOOL": (lambda text: {"true": 1, "false": 0}[text.lower()], "Bad bool value: {}"),
    "BYTES": (partial(b64decode, validate=True), "Invalid base64 text: {}"),
    "DATE": (date.fromisoformat, "Invalid date: '{}'"),
}


def _type(kind: Mapping[str, Any]) -> exp.DataType:
    name = str(kind.get("type") or "").upper()
    if name == "ARRAY":
        inner = [_type(kind.get("arrayType") or {})]
        return exp.DataType(this=exp.DType.ARRAY, expressions=inner, nested=True)
    if name == "STRUCT":
        fields = [
            exp.ColumnDef(
                this=exp.to_identifier(one.get("name")), kind=_type(one.get("type") or {})
            )
            if one.get("name")
            else _type(one.get("type") or {})
            for one in kind.get("structTypes") or ()
        ]
        return exp.DataType(this=exp.DType.STRUCT, expressions=fields, nested=True)
    if name == "RANGE":
        inner = [_type(kind.get("rangeElementType") or {})]
        return exp.DataType(this=exp.DType.RANGE, expressions=inner, nested=True)
    return exp.DataType.build(type_name(name), dialect="bigquery")
