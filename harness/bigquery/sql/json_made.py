"""JSON values and texts that are made: PARSE_JSON, TO_JSON, JSON_OBJECT, JSON_ARRAY, FLOAT64.

Source: "JSON functions" of the reference. A type tells at once how its values are written, so that
a call becomes the pieces of a text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.arguments import constant_bool, constant_text, given, lambda_name
from harness.bigquery.sql.casts import converted
from harness.bigquery.sql.kinds import FLOAT64, JSON, STRING, Kind, Value
from harness.bigquery.sql.places import at, position
from harness.bigquery.sql.signatures import no_match
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

# Beyond it a FLOAT64 does not hold every whole number.
_SAFE_INT = 9007199254740992


def json_text(value: Value, call: exp.Expr, *, kept: bool, wide: bool = False) -> str:  # noqa: PLR0911
    """SQL of a value as JSON text, ``null`` where it is NULL.

    Args:
        value: The value.
        call: What asks for it, for the message.
        kept: Whether it becomes a JSON value, whose keys are in order and whose numbers are
            numbers; otherwise a text.
        wide: Whether numbers that a FLOAT64 cannot hold become texts also then.

    Raises:
        UnsupportedError: The type has no JSON here.
    """
    sql, kind = value.sql, value.kind
    if kind.name == "STRUCT":
        return _object(value, call, kept=kept, wide=wide)
    if kind.element is not None:
        one = lambda_name(sql)
        inner = json_text(Value(one, kind.element), call, kept=kept, wide=wide)
        items = f"array_to_string(list_transform({sql}, lambda {one} : {inner}), ',')"
        return f"coalesce('[' || {items} || ']', 'null')"
    if kind.name == "INT64":
        return f"coalesce({_whole(sql, sql, kept=kept, wide=wide)}, 'null')"
    if kind.name == "NUMERIC":
        text = f"bq_to_string({sql})"
        if not kept:
            whole = f"{sql} = trunc({sql}) AND abs({sql}) <= {_SAFE_INT}"
            text = f"CASE WHEN {whole} THEN {text} ELSE '\"' || {text} || '\"' END"
        elif wide:
            raise UnsupportedError("stringify_wide_numbers of NUMERIC", position=position(call))
        return f"coalesce({text}, 'null')"
    if kind.name == "FLOAT64":
        text = f"bq_json_float_text({sql})"
        return f"coalesce({text if kept else _short(text)}, 'null')"
    if kind.name in ("JSON", "NULL", "BOOL"):
        return f"coalesce(CAST({sql} AS VARCHAR), 'null')"
    return f"coalesce({_text(value, call)}, 'null')"


def _short(text: str) -> str:
    return f"regexp_replace({text}, '\\.0$', '')"


def _whole(sql: str, number: str, *, kept: bool, wide: bool) -> str:
    text = f"CAST({sql} AS VARCHAR)"
    if kept and not wide:
        return text
    narrow = f"{number} BETWEEN -{_SAFE_INT} AND {_SAFE_INT}"
    return f"CASE WHEN {narrow} THEN {text} ELSE '\"' || {text} || '\"' END"


def _text(value: Value, call: exp.Expr) -> str:
    name = value.kind.name
    if name == "STRING":
        return f"CAST(to_json({value.sql}) AS VARCHAR)"
    if name == "BYTES":
        return f"'\"' || to_base64({value.sql}) || '\"'"
    if name not in ("DATE", "DATETIME", "TIME", "TIMESTAMP"):
        raise UnsupportedError(f"{call.name.upper()} of {value.kind}", position=position(call))
    text = converted(value, STRING, safe=False)
    if name in ("DATETIME", "TIMESTAMP"):
        text = f"replace({text}, ' ', 'T')"
    if name == "TIMESTAMP":
        text = f"regexp_replace({text}, '\\+00$', 'Z')"
    return f"'\"' || {text} || '\"'"


def _object(value: Value, call: exp.Expr, *, kept: bool, wide: bool) -> str:
    fields = [
        ("" if name.startswith("_field_") else name, name, kind) for name, kind in value.kind.fields
    ]
    if kept:
        first: dict[str, tuple[str, str, Kind]] = {}
        for one in fields:
            first.setdefault(one[0], one)
        fields = sorted(first.values(), key=lambda one: one[0].encode())
    cells = []
    for shown, name, kind in fields:
        inner = Value(f"struct_extract({value.sql}, {literal(name)})", kind)
        key = literal(json.dumps(shown, ensure_ascii=False) + ":")
        cells.append(f"{key} || {json_text(inner, call, kept=kept, wide=wide)}")
    text = " || ',' || ".join(cells)
    return f"CASE WHEN {value.sql} IS NULL THEN 'null' ELSE '{{' || {text} || '}}' END"


def kept_json(value: Value, call: exp.Expr, *, wide: bool = False) -> str:
    """SQL of the JSON value that TO_JSON makes."""
    if value.kind.name == "JSON":
        return f"coalesce(CAST({value.sql} AS JSON), CAST('null' AS JSON))"
    return f"CAST({json_text(value, call, kept=True, wide=wide)} AS JSON)"


def _to_json(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    nodes, named = given(call, names=("stringify_wide_numbers",))
    values = [self.value(one, scope) for one in nodes]
    if len(values) != 1:
        raise no_match("function TO_JSON", values, at=at(call))
    wide = named.get("stringify_wide_numbers")
    stringify = False if wide is None else constant_bool(wide)
    if stringify is None:
        raise UnsupportedError(
            "stringify_wide_numbers that is not a literal", position=position(call)
        )
    return Value(kept_json(values[0], call, wide=stringify), JSON)


def _to_json_string(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    nodes, named = given(call, names=("pretty_print",))
    values = [self.value(one, scope) for one in nodes]
    if not 1 <= len(values) <= 2:  # noqa: PLR2004
        raise no_match("function TO_JSON_STRING", values, at=at(call))
    text = json_text(values[0], call, kept=False)
    pretty = named.get("pretty_print") or (nodes[1] if len(nodes) > 1 else None)
    if pretty is not None:
        test = self.boolean(pretty, scope, clause="pretty_print")
        text = f"CASE WHEN {test} THEN vec_pretty({text}) ELSE {text} END"
    return Value(text, STRING)


def _parse_json(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    nodes, named = given(call, names=("wide_number_mode",))
    values = [self.value(one, scope) for one in nodes]
    if len(values) != 1 or values[0].kind.name not in ("STRING", "NULL"):
        raise no_match("function PARSE_JSON", values, at=at(call))
    mode = _mode(named.get("wide_number_mode"), default="exact")
    return Value(f"CAST(vec_parse({values[0].sql}, '{mode}') AS JSON)", JSON)


def _mode(node: exp.Expr | None, *, default: str) -> str:
    if node is None:
        return default
    text = constant_text(node)
    if text not in ("exact", "round"):
        raise ApiError("invalidQuery", f"Invalid wide_number_mode specified: {text}{at(node)}")
    return text


def _float(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """FLOAT64 of a JSON."""
    nodes, named = given(call, names=("wide_number_mode",))
    values = [self.value(one, scope) for one in nodes]
    if len(values) != 1 or values[0].kind.name not in ("JSON", "NULL"):
        raise no_match("function FLOAT64", values, at=at(call))
    exact = _mode(named.get("wide_number_mode"), default="round") == "exact"
    return Value(f"bq_json_float({values[0].sql}, {str(exact).lower()})", FLOAT64)


def _array(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    texts = [json_text(self.value(one, scope), call, kept=True) for one in call.expressions]
    return Value(
        f"CAST('[' || {' || chr(44) || '.join(texts) or chr(39) * 2} || ']' AS JSON)", JSON
    )


def _object_of(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """JSON_OBJECT of keys and values, or of two arrays."""
    values = [self.value(one, scope) for one in call.expressions]
    kinds = [one.kind for one in values]
    if len(values) == 2 and kinds[0].element is not None:  # noqa: PLR2004
        if kinds[1].element is None or kinds[0].element.name not in ("STRING", "NULL"):
            raise no_match("function JSON_OBJECT", values, at=at(call))
        one = lambda_name(values[1].sql)
        inner = json_text(Value(one, kinds[1].element), call, kept=True)
        names = f"bq_given({values[0].sql}, 'keys')"
        texts = f"list_transform(bq_given({values[1].sql}, 'values'), lambda {one} : {inner})"
    else:
        if len(values) % 2 or any(one.name not in ("STRING", "NULL") for one in kinds[::2]):
            raise no_match("function JSON_OBJECT", values, at=at(call))
        names = f"CAST([{', '.join(one.sql for one in values[::2])}] AS VARCHAR[])"
        listed = ", ".join(json_text(one, call, kept=True) for one in values[1::2])
        texts = f"CAST([{listed}] AS VARCHAR[])"
    return Value(f"CAST(vec_merged({names}, {texts}) AS JSON)", JSON)


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    "FLOAT64": _float,
    "JSON_ARRAY": _array,
    "JSON_OBJECT": _object_of,
    "PARSE_JSON": _parse_json,
    "TO_JSON": _to_json,
    "TO_JSON_STRING": _to_json_string,
}
