"""A column for another one, and dictionaries that mix up two of their values."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING

from harness.mutate.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.mutate.columns import Columns
    from harness.mutate.pysource import PySource


def columns(node: ast.AST, source: PySource, columns: Columns) -> Iterator[Change]:
    """``df['fare']`` becomes ``df['tip']``, and ``df.fare`` becomes ``df.tip``."""
    match node:
        case ast.Constant(value=str(name)):
            other = columns.other(name)
            start, end = source.span(node)
            quote = source.text[start]
            if other is None or source.text[start:end] != f"{quote}{name}{quote}":
                return
            new = f"{quote}{other}{quote}" if quote not in other else repr(other)
        case ast.Attribute(value=ast.Name(id=frame), attr=name, ctx=ast.Load()):
            found = columns.other(name, identifier=True)
            if found is None or frame in source.modules:
                return
            other = new = found
            start, end = source.dot_of(node) + 1, source.span(node)[1]
        case _:
            return
    yield Change(
        start=start, end=end, new=new, operator="column", what=f"column {name} becomes {other}"
    )


def mappings(node: ast.AST, source: PySource, _columns: Columns) -> Iterator[Change]:
    """``{'a': 'x', 'b': 'y'}`` becomes ``{'a': 'y', 'b': 'x'}``, for the first two that differ."""
    if not isinstance(node, ast.Dict):
        return
    pairs = [
        (key, value)
        for key, value in zip(node.keys, node.values, strict=True)
        if key is not None and isinstance(value, ast.Constant)
    ]
    for (first_key, first), (second_key, second) in pairwise(pairs):
        if first.value == second.value:
            continue
        start, end = source.span(first)[0], source.span(second)[1]
        between = source.text[source.span(first)[1] : source.span(second)[0]]
        yield Change(
            start=start,
            end=end,
            new=f"{source.segment(second)}{between}{source.segment(first)}",
            operator="mapping",
            what=f"the values of {source.segment(first_key)} and {source.segment(second_key)}"
            " have changed places",
        )
        return
