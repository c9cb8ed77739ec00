"""Nulls that became values, and values that became nulls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from harness.expect.layout import kind_of
from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Iterator


def of_nulls(e: pa.ChunkedArray, f: pa.ChunkedArray) -> str:
    """``3 nulls became NaN``, ``2 empty texts became null``; empty where that explains nothing."""
    filled = f.filter(pc.and_(pc.is_null(e), pc.is_valid(f)))
    emptied = e.filter(pc.and_(pc.is_valid(e), pc.is_null(f)))
    words = []
    if len(filled):
        became = _all_are(filled)
        words += [f"{counted(len(filled), 'null')} became {became}"] if became else []
    if len(emptied):
        were = _all_are(emptied)
        words += [f"{were} became null in {counted(len(emptied), 'row')}"] if were else []
    return "; ".join(words)


def _all_are(values: pa.ChunkedArray) -> str:
    """What all values are, where they are one of those that stand for nothing."""
    return next((name for mask, name in _empty_values(values) if pc.all(mask).as_py()), "")


def _empty_values(values: pa.ChunkedArray) -> Iterator[tuple[pa.ChunkedArray, str]]:
    if pa.types.is_floating(values.type):
        yield pc.is_nan(values), "NaN"
    kind = kind_of(values.type)
    if kind == "number":
        yield pc.equal(pc.cast(values, pa.float64(), safe=False), 0.0), "0"
    if kind == "boolean":
        yield pc.invert(values), "false"
    if kind == "text":
        for text in ("", "None", "nan", "NaN", "null", "NULL", "NaT", "<NA>"):
            yield pc.equal(values, text), f"the text '{text}'" if text else "the empty text"
    if kind in {"timestamp", "date"}:
        yield pc.equal(pc.cast(values, pa.date32(), safe=False).cast(pa.int32()), 0), "1970-01-01"
