"""One aggregate for another."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from harness.mutate.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.mutate.columns import Columns
    from harness.mutate.pysource import PySource

AGGREGATES = {
    "sum": "mean",
    "mean": "sum",
    "avg": "sum",
    "min": "max",
    "max": "min",
    "count": "nunique",
    "nunique": "count",
    "median": "mean",
}
_TAKE_NAMES = frozenset({"agg", "aggregate", "transform", "pivot_table"})


def aggregates(node: ast.AST, source: PySource, _columns: Columns) -> Iterator[Change]:
    """``.sum()`` becomes ``.mean()``, and ``.agg('sum')`` becomes ``.agg('mean')``."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    name, on = node.func.attr, node.func.value
    if name in AGGREGATES and not (isinstance(on, ast.Name) and on.id in source.modules):
        end = source.span(node.func)[1]
        yield _changed(name, start=end - len(name), end=end)
    if name not in _TAKE_NAMES:
        return
    for given in (*node.args, *(keyword.value for keyword in node.keywords)):
        for one in ast.walk(given):
            if isinstance(one, ast.Constant) and one.value in AGGREGATES:
                start, end = source.span(one)
                if end - start == len(one.value) + 2:
                    yield _changed(one.value, start=start + 1, end=end - 1)


def _changed(name: str, *, start: int, end: int) -> Change:
    other = AGGREGATES[name]
    return Change(
        start=start, end=end, new=other, operator="aggregate", what=f"{name} becomes {other}"
    )
