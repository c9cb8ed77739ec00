"""Filters that are not applied."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from harness.mutate.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.mutate.columns import Columns
    from harness.mutate.pysource import PySource

_MASKING = frozenset(
    {"isin", "between", "notna", "notnull", "isna", "isnull", "duplicated", "eq", "ne"}
    | {"gt", "ge", "lt", "le", "contains", "startswith", "endswith", "match", "fullmatch"}
)


def masks(node: ast.AST, source: PySource, _columns: Columns) -> Iterator[Change]:
    """``df[mask]`` becomes ``df``, and so does ``df.loc[mask]``."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    end = source.span(node)[1]
    found = node.slice
    located = isinstance(node.value, ast.Attribute) and node.value.attr == "loc"
    if isinstance(found, ast.Tuple) and located and found.elts and _is_mask(found.elts[0], source):
        start, stop = source.span(found.elts[0])
        yield Change(
            start=start, end=stop, new=":", operator="filter", what="the filter is not applied"
        )
    elif _is_mask(found, source):
        frame = node.value
        if isinstance(frame, ast.Attribute) and located:
            start = source.dot_of(frame)
        else:
            tokens = source.tokens(source.span(frame)[1], end)
            start = next(token.start for token in tokens if token.text == "[")
        yield Change(
            start=start, end=end, new="", operator="filter", what="the filter is not applied"
        )


def conditions(node: ast.AST, source: PySource, _columns: Columns) -> Iterator[Change]:
    """``[x for x in all if x.good]`` becomes ``[x for x in all]``."""
    if not isinstance(node, ast.comprehension):
        return
    before = source.span(node.iter)[1]
    for condition in node.ifs:
        start, end = source.span(condition)
        word = [token for token in source.tokens(before, start) if token.text == "if"][-1]
        opened = sum(token.text == "(" for token in source.tokens(word.end, start))
        closing = [token.end for token in source.tokens(end, len(source.text))[:opened]]
        before = end
        yield Change(
            start=word.start,
            end=closing[-1] if closing else end,
            new="",
            operator="filter",
            what="the filter is not applied",
        )


def _is_mask(node: ast.expr, source: PySource, *, followed: frozenset[str] = frozenset()) -> bool:
    """Whether it says which rows are taken; names are followed to what they stand for."""
    match node:
        case ast.Compare() | ast.UnaryOp(op=ast.Invert()):
            return True
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
            return True
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _MASKING
        case ast.Name(id=name) if name not in followed:
            values = source.assigned.get(name, ())
            return any(_is_mask(value, source, followed=followed | {name}) for value in values)
        case _:
            return False
