"""Whether the cells of a streamed row fit their columns, in the words of tabledata.insertAll.

Only what is surely wrong is told here; what else does not fit is refused when the rows are written.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.type_parameters import with_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.bigquery.types import Field

_INTEGER = re.compile(r"\s*[+-]?\d+(\.0*)?\s*")
_BOOLEANS = ("true", "false", "t", "f", "yes", "no", "y", "n", "1", "0")
_INT64 = 2**63


def row_errors(
    fields: Sequence[Field],
    row: Mapping[str, Any],
    *,
    ignore: bool,
    prefix: str = "",
) -> list[dict[str, str]]:
    """The ErrorProtos of a row.

    Args:
        fields: The columns.
        row: The row.
        ignore: Whether a value without a column is no error.
        prefix: Where the row stands, where it is a STRUCT.
    """
    known = {field.name.lower(): field for field in fields}
    errors = []
    given = {name.lower() for name, value in row.items() if value is not None}
    for name in row:
        if name.lower() not in known and not ignore:
            where = prefix + name
            errors.append(_error(where.lower(), f"no such field: {where.lower()}."))
    for field in fields:
        if field.mode == "REQUIRED" and field.name.lower() not in given:
            where = prefix + field.name
            errors.append(_error(where, f"Missing required field: {where}."))
    for name, value in row.items():
        column = known.get(name.lower())
        if column is not None and value is not None:
            errors += _cell_errors(column, value, ignore=ignore, where=prefix + column.name)
    return errors


def with_json(fields: Sequence[Field], row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with the text in JSON columns read: they are streamed as texts that hold JSON.

    "Streaming data using the legacy API" of the reference; a value that is no text stays.
    """
    known = {field.name.lower(): field for field in fields}
    return {name: _json_in(known.get(name.lower()), value) for name, value in row.items()}


def _json_in(field: Field | None, value: Any) -> Any:
    if field is None or (field.type not in ("JSON", "STRUCT")):
        return value
    if isinstance(value, list) and field.repeated:
        return [_json_in(replace(field, mode="NULLABLE"), one) for one in value]
    if field.type == "STRUCT":
        return with_json(field.fields, value) if isinstance(value, dict) else value
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _cell_errors(field: Field, value: Any, *, ignore: bool, where: str) -> list[dict[str, str]]:
    if field.repeated:
        items = value if isinstance(value, list) else [value]
    elif isinstance(value, list) and field.type != "JSON":
        return [_error(where, "Array specified for non-repeated field.")]
    else:
        items = [value]
    errors = []
    for item in items:
        if field.type == "STRUCT":
            if not isinstance(item, dict):
                errors.append(_error(where, "This field: " + where + " is not a record."))
            else:
                errors += row_errors(field.fields, item, ignore=ignore, prefix=f"{where}.")
        elif isinstance(item, dict) and field.type != "JSON":
            errors.append(_error(where, f"This field: {where} is not a record."))
        else:
            message = _scalar_error(field.type, item) or _length_error(field, item)
            if message:
                errors.append(_error(where, message))
    return errors


def _scalar_error(kind: str, value: Any) -> str:
    text = str(value)
    if kind == "JSON" and isinstance(value, str):
        try:
            json.loads(value)
        except ValueError as error:
            return f"Invalid JSON: {error}"
    if kind == "INT64":
        whole = isinstance(value, bool) is False and _INTEGER.fullmatch(text)
        if not whole or not -_INT64 <= int(text.partition(".")[0]) < _INT64:
            return f"Cannot convert value to integer (bad value): {text}"
    if kind == "BOOL" and text.lower() not in _BOOLEANS:
        return f"Cannot convert value to boolean (bad value): {text}"
    if kind == "FLOAT64":
        try:
            float(text)
        except ValueError:
            return f"Cannot convert value to floating point (bad value): {text}"
    return ""


def _length_error(field: Field, value: Any) -> str:
    """What is too long for a STRING(n); BYTES come as base64."""
    if not field.parameters or field.type not in ("STRING", "BYTES"):
        return ""
    text = value if isinstance(value, str) else str(value)
    size = len(text)
    if field.type == "BYTES":
        size = len(text.rstrip("=")) * 3 // 4
    if size <= field.parameters[0]:
        return ""
    return (
        f"Field {field.name}: {with_parameters(field.type, field.parameters)} has maximum length "
        f"{field.parameters[0]} but got a value with length {size}"
    )


def _error(location: str, message: str) -> dict[str, str]:
    return {"reason": "invalid", "location": location, "debugInfo": "", "message": message}
