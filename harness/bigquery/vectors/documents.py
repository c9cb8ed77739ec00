"""JSON functions over vectors: PARSE_JSON, JSON_OBJECT, JSON_KEYS, TO_JSON_STRING on many lines.

Source: "JSON functions" of the reference.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pyarrow as pa

from harness.bigquery.vectors.arrays import each_distinct
from harness.bigquery.vectors.json_values import dump, first_of_each, listed, load

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def parse(texts: Any, modes: Any) -> pa.Array:
    """PARSE_JSON: a JSON text as it is kept."""
    return each_distinct(lambda text, mode: dump(load(text, mode)), pa.string(), texts, modes)


class _AsWritten(float):
    """A number whose digits stay as they were written."""

    digits = ""

    def __repr__(self) -> str:
        return self.digits


def _as_written(digits: str) -> _AsWritten:
    made = _AsWritten(digits)
    made.digits = digits
    return made


def pretty(texts: Any) -> pa.Array:
    """TO_JSON_STRING with pretty_print; the order of the keys is that of the text."""
    return each_distinct(
        lambda text: _indented(json.loads(text, parse_float=_as_written), 0), pa.string(), texts
    )


def _indented(value: Any, depth: int) -> str:
    if isinstance(value, dict):
        items = [
            f"{json.dumps(name, ensure_ascii=False)}: {_indented(one, depth + 1)}"
            for name, one in value.items()
        ]
        return listed(items, "{}", step=2, depth=depth)
    if isinstance(value, list):
        items = [_indented(one, depth + 1) for one in value]
        return listed(items, "[]", step=2, depth=depth)
    return repr(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def merged(names: Any, values: Any) -> pa.Array:
    """JSON_OBJECT of names and JSON texts, a row a pair of lists."""
    made = []
    for given, texts in zip(names.to_pylist(), values.to_pylist(), strict=True):
        if len(given) != len(texts):
            message = "bq:The number of keys and values must match"
            raise ValueError(message)
        if None in given:
            message = "bq:A key cannot be NULL"
            raise ValueError(message)
        pairs = [(name, json.loads(text)) for name, text in zip(given, texts, strict=True)]
        made.append(dump(first_of_each(pairs)))
    return pa.array(made, pa.string())


def keys(texts: Any, depths: Any, modes: Any) -> pa.Array:
    """JSON_KEYS."""
    return each_distinct(_keys_of, pa.list_(pa.string()), texts, depths, modes)


def _keys_of(text: str, depth: int, mode: str) -> list[str]:
    if depth <= 0:
        message = "bq:max_depth must be positive."
        raise ValueError(message)
    if mode not in ("strict", "lax", "lax recursive"):
        message = f"bq:Invalid JSON mode specified: {mode}"
        raise ValueError(message)
    found: set[str] = set()

    def visit(value: Any, path: str, left: int, arrays: int) -> None:
        if isinstance(value, list):
            allowed = {"strict": 0, "lax": 1, "lax recursive": math.inf}[mode]
            if arrays < allowed:
                for one in value:
                    visit(one, path, left, arrays + 1)
        elif isinstance(value, dict) and left > 0:
            for name, one in value.items():
                shown = name if _NAME.fullmatch(name) else json.dumps(name, ensure_ascii=False)
                inner = f"{path}.{shown}" if path else shown
                found.add(inner)
                visit(one, inner, left - 1, 0)

    visit(json.loads(text), "", depth, 0)
    return sorted(found)
