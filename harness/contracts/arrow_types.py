"""From the text of Arrow's types to BigQuery's, as BigQuery itself reads parquet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.contracts.bigquery_types import TEXT, decimal, repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIMPLE = {
    **dict.fromkeys(("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"), "INTEGER"),
    **dict.fromkeys(("halffloat", "float", "double"), "FLOAT"),
    **dict.fromkeys(("binary", "large_binary", "binary_view"), "BYTES"),
    **dict.fromkeys(("string", "large_string", "string_view", "null"), "STRING"),
    **dict.fromkeys(("date32[day]", "date64[ms]"), "DATE"),
    "bool": "BOOLEAN",
    "uint64": "NUMERIC",
}
_PATTERNS = {
    r"timestamp\[\w+\]": "DATETIME",
    r"timestamp\[\w+, tz=.*\]": "TIMESTAMP",
    r"time(32|64)\[\w+\]": "TIME",
    r"duration\[\w+\]": "INTEGER",
    r"fixed_size_binary\[\d+\]": "BYTES",
}


def from_arrow(text: str) -> dict[str, Any]:
    """The field without its name.

    Args:
        text: The type as Arrow writes it: ``int64``, ``list<item: struct<a: string>>``.

    Raises:
        ValueError: BigQuery has no counterpart.
    """
    text = text.strip().removesuffix(" not null")
    name = next((name for like, name in _PATTERNS.items() if re.fullmatch(like, text)), "")
    if name or text in _SIMPLE:
        return {"type": name or _SIMPLE[text]}
    digits = re.fullmatch(r"decimal\d+\((\d+), ?(-?\d+)\)", text)
    return decimal(int(digits[1]), int(digits[2])) if digits else _nested(text)


def _nested(text: str) -> dict[str, Any]:
    word, _, inner = re.sub(r">(\[\d+\])?$", "", text).partition("<")
    if word == "dictionary":
        return from_arrow(inner.removeprefix("values=").rpartition(", indices=")[0])
    if word in ("list", "large_list", "list_view", "large_list_view", "fixed_size_list"):
        ((_, element),) = _parts(inner)
        return repeated(from_arrow(element))
    if word == "struct":
        return {"type": "RECORD", "fields": [_named(*part) for part in _parts(inner)]}
    if word == "map":
        kinds = [part for _, part in _parts(re.sub(r"(^|, )", r"\1x: ", inner, count=2))]
        pair = [_named(name, kind) for name, kind in zip(("key", "value"), kinds, strict=True)]
        return repeated({"type": "RECORD", "fields": pair})
    if word == "extension":
        return dict(TEXT)
    raise ValueError(f"{text} has no counterpart")


def _named(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, **from_arrow(kind)}


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """The names and types between the commas that no bracket encloses."""
    depth = 0
    start = 0
    for at, sign in enumerate(f"{text},"):
        depth += (sign in "<([") - (sign in ">)]")
        if sign == "," and not depth:
            name, _, kind = text[start:at].strip().partition(": ")
            yield name, kind
            start = at + 1
