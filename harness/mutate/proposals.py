"""Expectations that hold for the data of the unchanged pipeline, and not for a mutant's."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from harness.expect.layout import plain
from harness.services.catalogue import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.rerun.world import Content
    from harness.services.protocol import Sink

_FEW = 12
_MOST = 3
_ROUNDED = 6
_SLACK = 1e-9


def proposals(expected: Content, found: Content) -> list[str]:
    """Lines of a test that notice a difference, the plainest first; none for what is no table.

    Args:
        expected: A sink as the unchanged pipeline leaves it.
        found: The same as the mutant leaves it.
    """
    if expected.table is None or found.table is None:
        return []
    target = _target(expected.sink)
    if expected.table.num_rows != found.table.num_rows:
        return [f"{target}.rows({expected.table.num_rows:_})"]
    columns = _of_columns(expected.sink, expected.table, found.table)
    lines = [f"{target}{line}" for line in columns]
    return lines[:_MOST] or [f"{target}.equals('expected.parquet', key=...)"]


def _target(sink: Sink) -> str:
    kind = BY_NAME[sink.service]
    return f"expect.{kind.call}({', '.join(map(_text, kind.parts(sink.name)))})"


def _of_columns(sink: Sink, expected: pa.Table, found: pa.Table) -> Iterator[str]:
    if _types(expected) != _types(found):
        types = ", ".join(f"{_text(one.name)}: {_text(one.type)}" for one in sink.columns)
        yield f".schema({{{types}}})"
    for name in expected.column_names:
        # Objects may have several columns of one name.
        if expected.column_names.count(name) == found.column_names.count(name) == 1:
            line = _of_column(plain(expected.column(name)), plain(found.column(name)))
            if line:
                yield f".column({_text(name)}){line}"


def _types(table: pa.Table) -> dict[str, str]:
    return {field.name: str(field.type) for field in table.schema}


def _of_column(expected: pa.ChunkedArray, found: pa.ChunkedArray) -> str:
    """The first rule that the one column holds and the other does not."""
    if expected.null_count == 0 < found.null_count:
        return ".no_nulls()"
    if expected.type != found.type:
        return ""
    line = ""
    if _is_number(expected.type):
        line = _outside(expected, found, as_text=False)
        total, other = pc.sum(expected).as_py(), pc.sum(found).as_py()
        if not line and None not in (total, other) and not _is_close(total, other):
            line = f".sums_to({_short(total)})"
    elif pa.types.is_date(expected.type) or pa.types.is_timestamp(expected.type):
        line = _outside(expected, found, as_text=True)
    elif pa.types.is_string(expected.type) or pa.types.is_large_string(expected.type):
        values = set(pc.unique(expected).to_pylist()) - {None}
        if len(values) <= _FEW and not set(pc.unique(found).to_pylist()) <= {*values, None}:
            line = f".isin({sorted(values)!r})"
    return line


def _outside(expected: pa.ChunkedArray, found: pa.ChunkedArray, *, as_text: bool) -> str:
    """The limits of the one column, where values of the other are outside of them."""
    low, high = _limits(expected)
    least, most = _limits(found)
    if low is None or least is None or (low <= least and most <= high):
        return ""
    return f'.between("{low}", "{high}")' if as_text else f".between({low!r}, {high!r})"


def _limits(values: pa.ChunkedArray) -> tuple[Any, Any]:
    found = pc.min_max(values)
    return found["min"].as_py(), found["max"].as_py()


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _text(value: str) -> str:
    """A text as Python writes it, in the quotes of the handbook."""
    return json.dumps(value, ensure_ascii=False)


def _is_close(total: Any, other: Any) -> bool:
    """Whether a sum is the same to ``.sums_to``, which floats have a little slack for."""
    if isinstance(total, float):
        return math.isnan(total) or math.isclose(total, other, rel_tol=_SLACK)
    return bool(total == other)


def _short(total: Any) -> str:
    return repr(round(total, _ROUNDED)) if isinstance(total, float) else repr(total)
