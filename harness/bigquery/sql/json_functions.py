"""Parts of JSON texts and values. Source: "JSON functions" of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.sql.arguments import lambda_name
from harness.bigquery.sql.json_paths import duckdb_path, steps_of
from harness.bigquery.sql.kinds import JSON, STRING, Value, array_of
from harness.bigquery.sql.places import at
from harness.bigquery.sql.signatures import no_match
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope


def _document(self: Expressions, call: exp.Expr, scope: Scope) -> tuple[Value, str]:
    """The document, and SQL of the path."""
    name = call.name.upper()
    nodes = call.expressions
    values = [self.value(one, scope) for one in nodes]
    kinds = [one.kind.name for one in values]
    if (
        not 1 <= len(values) <= 2  # noqa: PLR2004
        or kinds[0] not in ("STRING", "JSON", "NULL")
        or kinds[1:] not in ([], ["STRING"], ["NULL"])
    ):
        raise no_match(f"function {name}", values, at=at(call))
    path = "'$'"
    if len(nodes) > 1:
        steps = steps_of(nodes[1], function=name, old="EXTRACT" in name)
        path = "NULL" if steps is None else literal(duckdb_path(steps, node=nodes[1]))
    value = values[0]
    if value.kind.name == "STRING":
        return Value(f"CASE WHEN json_valid({value.sql}) THEN {value.sql} END", STRING), path
    return Value(f"CAST({value.sql} AS JSON)", value.kind), path


def _scalar(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    document, path = _document(self, call, scope)
    return Value(f"bq_json_value({document.sql}, {path})", STRING)


def _part(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    document, path = _document(self, call, scope)
    part = f"json_extract({document.sql}, {path})"
    if document.kind.name == "JSON":
        return Value(part, JSON)
    return Value(f"nullif(CAST({part} AS VARCHAR), 'null')", STRING)


def _parts(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    document, path = _document(self, call, scope)
    parts = f"CAST(bq_json_array({document.sql}, {path}) AS JSON[])"
    if document.kind.name == "JSON":
        return Value(parts, array_of(JSON))
    return Value(f"CAST({parts} AS VARCHAR[])", array_of(STRING))


def _scalars(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """NULL of an array that holds more than scalars."""
    document, path = _document(self, call, scope)
    parts = f"CAST(bq_json_array({document.sql}, {path}) AS JSON[])"
    one = other = lambda_name(parts)
    kinds = f"list_transform({parts}, lambda {other} : json_type({other}))"
    texts = f"list_transform({parts}, lambda {one} : bq_json_value({one}, '$'))"
    return Value(
        f"CASE WHEN NOT list_has_any({kinds}, ['OBJECT', 'ARRAY']) THEN {texts} END",
        array_of(STRING),
    )


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    "JSON_EXTRACT": _part,
    "JSON_EXTRACT_ARRAY": _parts,
    "JSON_EXTRACT_SCALAR": _scalar,
    "JSON_EXTRACT_STRING_ARRAY": _scalars,
    "JSON_QUERY": _part,
    "JSON_QUERY_ARRAY": _parts,
    "JSON_VALUE": _scalar,
    "JSON_VALUE_ARRAY": _scalars,
}
SIGNATURES = """
BOOL(JSON) BOOL: bq_json_bool({0})
INT64(JSON) INT64: bq_json_int({0})
JSON_TYPE(JSON) STRING: bq_json_type({0})
LAX_BOOL(JSON) BOOL: bq_lax_bool({0})
LAX_FLOAT64(JSON) FLOAT64: bq_lax_float({0})
LAX_INT64(JSON) INT64: bq_lax_int({0})
LAX_STRING(JSON) STRING: bq_json_value({0}, '$')
"""
