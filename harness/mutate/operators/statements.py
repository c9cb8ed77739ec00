"""Statements that change a frame, left out."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from harness.mutate.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.mutate.columns import Columns
    from harness.mutate.pysource import PySource


def statements(node: ast.AST, source: PySource, _columns: Columns) -> Iterator[Change]:
    """``df['fare'] = ...`` becomes ``pass``."""
    match node:
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute() as target]):
            what = f"{source.segment(target)} is not set"
        case ast.AugAssign(target=ast.Subscript() | ast.Attribute() as target):
            what = f"{source.segment(target)} is not changed"
        case ast.Delete(targets=[ast.Subscript() as target]):
            what = f"{source.segment(target)} is not deleted"
        case ast.Expr(value=ast.Call(keywords=keywords)) if any(
            one.arg == "inplace" for one in keywords
        ):
            what = "the change in place is not made"
        case _:
            return
    start, end = source.span(node)
    yield Change(start=start, end=end, new="pass", operator="statement", what=what)
