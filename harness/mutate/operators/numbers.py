"""Numbers that are one too great, and sums that are wrong."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from harness.mutate.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.mutate.columns import Columns
    from harness.mutate.pysource import PySource

_SIGNS = {"+": "-", "-": "+", "*": "/", "/": "*", "//": "/", "**": "*", "%": "//"}
_ASSIGNED = {f"{sign}=": f"{other}=" for sign, other in _SIGNS.items()}
_TEXTS = (ast.JoinedStr, ast.List, ast.Tuple, ast.ListComp)


def numbers(node: ast.AST, source: PySource, _columns: Columns) -> Iterator[Change]:
    """``7`` becomes ``8``, also in slices and ranges."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        start, end = source.span(node)
        new = str(node.value + 1)
        yield Change(
            start=start, end=end, new=new, operator="number", what=f"{node.value} becomes {new}"
        )


def arithmetic(node: ast.AST, source: PySource, _columns: Columns) -> Iterator[Change]:
    """``+`` becomes ``-``; texts and lists that are joined stay."""
    if isinstance(node, ast.BinOp):
        left, right, signs = node.left, node.right, _SIGNS
    elif isinstance(node, ast.AugAssign):
        left, right, signs = node.target, node.value, _ASSIGNED
    else:
        return
    if _is_text(left) or _is_text(right):
        return
    place = source.between(left, right, signs)
    if place is not None:
        sign = source.text[slice(*place)]
        yield Change(
            start=place[0],
            end=place[1],
            new=signs[sign],
            operator="arithmetic",
            what=f"{sign} becomes {signs[sign]}",
        )


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_text(node.left) or _is_text(node.right)
    return isinstance(node, _TEXTS) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )
