"""Comparisons and masks that are a little or wholly wrong."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING

from harness.mutate.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.mutate.columns import Columns
    from harness.mutate.pysource import PySource

_BOUNDARIES = {">": ">=", ">=": ">", "<": "<=", "<=": "<"}
_OPPOSITES = {
    ">": "<=",
    ">=": "<",
    "<": ">=",
    "<=": ">",
    "==": "!=",
    "!=": "==",
    "in": "not in",
    "not in": "in",
    "is": "is not",
    "is not": "is",
}
_WORDS = frozenset({">", ">=", "<", "<=", "==", "!=", "in", "not", "is"})
_LOGIC = {"&": "|", "|": "&", "and": "or", "or": "and"}


def boundaries(node: ast.AST, source: PySource, _columns: Columns) -> Iterator[Change]:
    """``>`` becomes ``>=``."""
    for start, end, word in _compared(node, source):
        if word in _BOUNDARIES:
            new = _BOUNDARIES[word]
            yield Change(
                start=start, end=end, new=new, operator="boundary", what=f"{word} becomes {new}"
            )


def negations(node: ast.AST, source: PySource, _columns: Columns) -> Iterator[Change]:
    """``==`` becomes ``!=``, and ``~mask`` becomes ``mask``."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert | ast.Not):
        start = source.span(node)[0]
        sign = source.tokens(start, start + 1)[0]
        # The space that a word is followed by goes with it.
        end = source.tokens(sign.end, len(source.text))[0].start
        yield Change(
            start=start, end=end, new="", operator="negation", what=f"{sign.text} is left out"
        )
    for start, end, word in _compared(node, source):
        new = _OPPOSITES[word]
        yield Change(
            start=start, end=end, new=new, operator="negation", what=f"{word} becomes {new}"
        )


def logic(node: ast.AST, source: PySource, _columns: Columns) -> Iterator[Change]:
    """``&`` becomes ``|``, and ``and`` becomes ``or``."""
    if isinstance(node, ast.BoolOp):
        pairs = list(pairwise(node.values))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr):
        pairs = [(node.left, node.right)]
    else:
        return
    for left, right in pairs:
        place = source.between(left, right, _LOGIC)
        if place is not None:
            word = source.text[slice(*place)]
            yield Change(
                start=place[0],
                end=place[1],
                new=_LOGIC[word],
                operator="logic",
                what=f"{word} becomes {_LOGIC[word]}",
            )


def _compared(node: ast.AST, source: PySource) -> Iterator[tuple[int, int, str]]:
    """Each comparison's sign, with its place."""
    if not isinstance(node, ast.Compare):
        return
    for left, right in pairwise([node.left, *node.comparators]):
        place = source.between(left, right, _WORDS)
        if place is not None:
            yield *place, " ".join(source.text[slice(*place)].split())
