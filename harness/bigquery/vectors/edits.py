"""JSON values changed at a path: JSON_SET, JSON_REMOVE, JSON_ARRAY_APPEND and their kin.

Source: "Mutators" of "JSON functions" of the reference. A path is a JSON list of names and places.
"""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from harness.bigquery.vectors.arrays import each_distinct
from harness.bigquery.vectors.json_values import dump

Path = list[Any]


def assign(texts: Any, paths: Any, values: Any, creates: Any) -> pa.Array:
    """JSON_SET of one path."""

    def work(text: str, path: str, value: str, create: bool) -> str:  # noqa: FBT001
        new = json.loads(value)
        return dump(_set(json.loads(text), json.loads(path), new, create=create))

    return each_distinct(work, pa.string(), texts, paths, values, creates)


def _set(value: Any, path: Path, new: Any, *, create: bool) -> Any:
    if not path:
        return new
    head, rest = path[0], path[1:]
    if value is None and create:
        value = [] if isinstance(head, int) else {}
    if isinstance(head, str) and isinstance(value, dict):
        if head in value or create:
            return {**value, head: _set(value.get(head), rest, new, create=create)}
    elif isinstance(head, int) and isinstance(value, list) and (head < len(value) or create):
        padded = value + [None] * (head + 1 - len(value))
        padded[head] = _set(padded[head], rest, new, create=create)
        return padded
    return value


def remove(texts: Any, paths: Any) -> pa.Array:
    """JSON_REMOVE of one path."""

    def work(text: str, path: str) -> str:
        value, steps = json.loads(text), json.loads(path)
        owner = _at(value, steps[:-1])
        last = steps[-1]
        if isinstance(last, str) and isinstance(owner, dict):
            owner.pop(last, None)
        elif isinstance(last, int) and isinstance(owner, list) and last < len(owner):
            del owner[last]
        return dump(value)

    return each_distinct(work, pa.string(), texts, paths)


def _at(value: Any, path: Path) -> Any:
    """What stands at a path, or None."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _exists(value: Any, path: Path) -> bool:
    if not path:
        return True
    owner, last = _at(value, path[:-1]), path[-1]
    if isinstance(last, str):
        return isinstance(owner, dict) and last in owner
    return isinstance(owner, list) and last < len(owner)


def append(texts: Any, paths: Any, values: Any) -> pa.Array:
    """JSON_ARRAY_APPEND of one path; the values are a JSON list."""

    def work(text: str, path: str, value: str) -> str:
        document, steps = json.loads(text), json.loads(path)
        target = _at(document, steps)
        if _exists(document, steps) and (target is None or isinstance(target, list)):
            document = _set(document, steps, (target or []) + json.loads(value), create=False)
        return dump(document)

    return each_distinct(work, pa.string(), texts, paths, values)


def insert(texts: Any, paths: Any, values: Any) -> pa.Array:
    """JSON_ARRAY_INSERT of one path; the values are a JSON list."""

    def work(text: str, path: str, value: str) -> str:
        document, steps = json.loads(text), json.loads(path)
        if not steps or not isinstance(steps[-1], int) or not _exists(document, steps[:-1]):
            return dump(document)
        target, place = _at(document, steps[:-1]), steps[-1]
        if target is None or isinstance(target, list):
            old = target or []
            padded = old + [None] * (place - len(old))
            new = padded[:place] + json.loads(value) + padded[place:]
            document = _set(document, steps[:-1], new, create=False)
        return dump(document)

    return each_distinct(work, pa.string(), texts, paths, values)


def strip_nulls(texts: Any, paths: Any, arrays: Any, empties: Any) -> pa.Array:
    """JSON_STRIP_NULLS."""

    def work(text: str, path: str, in_arrays: bool, empty: bool) -> str:  # noqa: FBT001
        document, steps = json.loads(text), json.loads(path)
        if _exists(document, steps):
            new = _stripped(_at(document, steps), arrays=in_arrays, empty=empty)
            document = _set(document, steps, new, create=False)
        return dump(document)

    return each_distinct(work, pa.string(), texts, paths, arrays, empties)


def _stripped(value: Any, *, arrays: bool, empty: bool) -> Any:
    """The value without nulls; None where nothing is left of it."""
    if isinstance(value, dict):
        inner = {name: _stripped(one, arrays=arrays, empty=empty) for name, one in value.items()}
        kept = {name: one for name, one in inner.items() if one is not None}
        return kept if kept or not empty else None
    if isinstance(value, list):
        items = [_stripped(one, arrays=arrays, empty=empty) for one in value]
        if not arrays:
            return items
        items = [one for one in items if one is not None]
        return items if items or not empty else None
    return value
