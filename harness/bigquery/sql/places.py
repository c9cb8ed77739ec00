"""Where a part of a statement stands, and what it is called."""

from __future__ import annotations

import re

from sqlglot import exp


def position(node: exp.Expr) -> tuple[int, int] | None:
    """Line and column, counted from 1, of the first token of an expression."""
    found = [
        (inner.meta["start"], inner.meta["line"], inner.meta["col"], inner.meta["end"])
        for inner in node.walk()
        if inner.meta.get("line") and "start" in inner.meta
    ]
    if not found:
        return None
    start, line, column, end = min(found)
    # sqlglot tells the column of the token's end.
    return int(line), max(int(column) - (int(end) - int(start)), 1)


def at(node: exp.Expr) -> str:
    """`` at [line:column]``, or nothing where it is not known."""
    found = position(node)
    return f" at [{found[0]}:{found[1]}]" if found else ""


def said(node: exp.Expr) -> str:
    """What a part is called in a refusal."""
    if isinstance(node, exp.Anonymous):
        name = str(node.name).upper()
        return f"geography function {name}" if name.startswith("ST_") else f"function {name}"
    if isinstance(node, exp.Command):
        return f"statement {node.this}"
    if isinstance(node, exp.Func):
        return f"function {node.sql_name()}"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__)
