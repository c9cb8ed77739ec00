"""Steps of a chain that are left out."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from harness.mutate.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.mutate.columns import Columns
    from harness.mutate.pysource import PySource

# Methods of frames, columns and texts that give one of the same kind.
_FILTERS = frozenset(
    {"query", "filter", "where", "distinct", "dropDuplicates", "unique", "limit", "head", "tail"}
    | {"drop_duplicates", "dropna", "nlargest", "nsmallest", "sample", "drop_nulls", "mask"}
)
_STEPS = frozenset(
    {"fillna", "fill_null", "astype", "strip", "lstrip", "rstrip", "lower", "upper", "title"}
    | {"round", "abs", "clip", "replace", "rename", "drop", "reset_index", "set_index", "ffill"}
    | {"bfill", "interpolate", "shift", "diff", "cumsum", "casefold", "capitalize", "zfill"}
    | {"normalize", "tz_localize", "tz_convert", "floor", "ceil", "removeprefix", "removesuffix"}
    | {"explode", "fill_nan", "cast", "withColumnRenamed", "convert_dtypes", "infer_objects"}
    | {"sort_values", "sort_index", "sort", "orderBy"}
)


def steps(node: ast.AST, source: PySource, _columns: Columns) -> Iterator[Change]:
    """``x.fillna(0)`` becomes ``x``."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    name, on = node.func.attr, node.func.value
    if isinstance(on, ast.Name) and on.id in source.modules:
        return
    if name not in _FILTERS | _STEPS:
        return
    start = source.dot_of(node.func)
    # A vectorised method of texts stands behind an accessor: .str.strip().
    if isinstance(on, ast.Attribute) and on.attr in {"str", "dt"}:
        start = source.dot_of(on)
    yield Change(
        start=start,
        end=source.span(node)[1],
        new="",
        operator="filter" if name in _FILTERS else "call",
        what=f".{name}() is left out",
    )
