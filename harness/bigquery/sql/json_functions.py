"""JSON functions. Source: "JSON functions" of the reference."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.sql.kinds import JSON, STRING, Kind, Value, array_of
from harness.bigquery.sql.places import at
from harness.bigquery.sql.signatures import no_match
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_PATH = re.compile(r"\$(\.[A-Za-z_][A-Za-z0-9_]*|\[\d+\]|\.\"[^\"\\.]+\")*")
_PLAIN = ("STRING", "INT64", "BOOL", "DATE", "NULL")


def _path(call: exp.Expr) -> str:
    if len(call.expressions) < 2:  # noqa: PLR2004
        return "'$'"
    node = call.expressions[1]
    if not (isinstance(node, exp.Literal) and node.is_string and _PATH.fullmatch(node.name)):
        raise UnsupportedError(f"this JSONPath{at(node)}")
    return literal(node.name)


def _document(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    values = [self.value(one, scope) for one in call.expressions]
    if not values or len(values) > 2 or values[0].kind.name not in ("STRING", "JSON", "NULL"):  # noqa: PLR2004
        raise no_match(f"function {call.name.upper()}", values, at=at(call))
    value = values[0]
    if value.kind.name == "STRING":
        return Value(f"CASE WHEN json_valid({value.sql}) THEN {value.sql} END", STRING)
    return Value(f"CAST({value.sql} AS JSON)", value.kind)


def _scalar(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    document, path = _document(self, call, scope), _path(call)
    return Value(f"bq_json_value({document.sql}, {path})", STRING)


def _part(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    document, path = _document(self, call, scope), _path(call)
    part = f"json_extract({document.sql}, {path})"
    if document.kind.name == "JSON":
        return Value(part, JSON)
    return Value(f"nullif(CAST({part} AS VARCHAR), 'null')", STRING)


def _parts(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    document, path = _document(self, call, scope), _path(call)
    parts = f"CAST(bq_json_array({document.sql}, {path}) AS JSON[])"
    if document.kind.name == "JSON":
        return Value(parts, array_of(JSON))
    return Value(f"CAST({parts} AS VARCHAR[])", array_of(STRING))


def _scalars(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    document, path = _document(self, call, scope), _path(call)
    parts = f"CAST(bq_json_array({document.sql}, {path}) AS JSON[])"
    return Value(f"list_transform({parts}, lambda j_ : bq_json_value(j_, '$'))", array_of(STRING))


def _plain(kind: Kind) -> bool:
    if kind.element is not None:
        return _plain(kind.element)
    return kind.name in _PLAIN or (
        kind.name == "STRUCT" and all(_plain(one) for _, one in kind.fields)
    )


def _to_text(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    values = [self.value(one, scope) for one in call.expressions]
    if len(values) != 1:
        raise UnsupportedError(f"TO_JSON_STRING with pretty_print{at(call)}")
    value = values[0]
    if value.kind.name == "JSON":
        return Value(f"CAST(json({value.sql}) AS VARCHAR)", STRING)
    if not _plain(value.kind):
        raise UnsupportedError(f"{call.name.upper()} of {value.kind}{at(call)}")
    text = f"coalesce(CAST(to_json({value.sql}) AS VARCHAR), 'null')"
    if value.kind.name == "INT64":
        # Whole numbers that a float cannot hold are quoted.
        text = (
            f"CASE WHEN abs({value.sql}) > 9007199254740992 "
            f"THEN '\"' || CAST({value.sql} AS VARCHAR) || '\"' ELSE {text} END"
        )
    return Value(text, STRING)


def _to_json(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    text = _to_text(self, call, scope)
    return Value(f"CAST({text.sql} AS JSON)", JSON)


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    "JSON_VALUE": _scalar,
    "JSON_EXTRACT_SCALAR": _scalar,
    "JSON_QUERY": _part,
    "JSON_EXTRACT": _part,
    "JSON_QUERY_ARRAY": _parts,
    "JSON_EXTRACT_ARRAY": _parts,
    "JSON_VALUE_ARRAY": _scalars,
    "JSON_EXTRACT_STRING_ARRAY": _scalars,
    "TO_JSON_STRING": _to_text,
    "TO_JSON": _to_json,
}
SIGNATURES = """
PARSE_JSON(STRING) JSON: bq_parse_json({0})
JSON_TYPE(JSON) STRING: bq_json_type({0})
BOOL(JSON) BOOL: bq_json_bool({0})
INT64(JSON) INT64: bq_json_int({0})
FLOAT64(JSON) FLOAT64: bq_json_float({0})
"""
