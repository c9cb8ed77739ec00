"""The shape of what a call may send: which parts are texts, numbers, lists and objects.

The real service reads a body by its protocol buffer before it looks at what it means, and refuses
what does not fit with "Invalid value at ..." or "Invalid JSON payload received" (``invalid``, 400).
Parts are those of the REST reference; those that nobody reads here are passed over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.rest.body_shapes import BODIES
from harness.bigquery.rest.shape_parts import JSON, MAP, VALUE, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.rest.api import Call

_DEEPEST = 100
_WHOLE = re.compile(r"-?[0-9]{1,19}")


def check_call(operation: str, call: Call) -> None:
    """Refuse a call whose body has not the shape of its operation; uploads see to their own.

    Raises:
        ApiError: A part is of another kind than it must be.
    """
    if operation in BODIES and "/upload/" not in call.url:
        check_body(operation, call.json())


def check_body(operation: str, body: Mapping[str, Any]) -> None:
    """Refuse a body that has not the shape of its operation.

    Raises:
        ApiError: A part is of another kind than it must be.
    """
    _check(body, BODIES[operation], "", 0)


def _check(value: object, shape: Shape, path: str, depth: int) -> None:
    if value is None or shape == JSON:
        return
    if depth > _DEEPEST:
        raise ApiError("invalid", "Invalid JSON payload received. Message too deep.")
    if isinstance(shape, str):
        _check_scalar(value, shape, path)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            raise _wrong(path, "repeated field")
        for number, one in enumerate(value):
            if one is None:
                raise _wrong(f"{path}[{number}]", "null in a repeated field")
            _check(one, shape[0], f"{path}[{number}]", depth + 1)
    else:
        _check_object(value, shape(), path, depth)


def _check_object(value: object, parts: Mapping[str, Shape], path: str, depth: int) -> None:
    if not isinstance(value, dict):
        raise _wrong(path, "object")
    for name, one in value.items():
        shape = parts.get(name, parts.get(MAP))
        if shape is not None:
            _check(one, shape, f"{path}.{name}" if path else name, depth + 1)


def _check_scalar(value: object, kind: str, path: str) -> None:
    if kind == VALUE and isinstance(value, int | float):
        return
    if kind in ("TYPE_STRING", VALUE):
        if not isinstance(value, str):
            raise _wrong(path, kind)
        if re.search("[\ud800-\udfff]", value):
            raise ApiError("invalid", f"Invalid JSON payload received. {path} is not valid UTF-8.")
    elif kind == "TYPE_BOOL":
        if not isinstance(value, bool) and value not in ("true", "false"):
            raise _wrong(path, kind)
    elif kind == "TYPE_INT64" and not _is_whole(value):
        raise _wrong(path, kind)


def _is_whole(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return isinstance(value, float) and value.is_integer() and abs(value) < 1 << 63
    text = str(value) if isinstance(value, str) or abs(value) < 1 << 64 else ""
    return bool(_WHOLE.fullmatch(text)) and -(1 << 63) <= int(text) < 1 << 63


def _wrong(path: str, kind: str) -> ApiError:
    return ApiError("invalid", f"Invalid value at '{path or 'body'}' ({kind})")
