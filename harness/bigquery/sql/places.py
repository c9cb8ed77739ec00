"""Where a part of a statement stands, and what it is called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError

if TYPE_CHECKING:
    from sqlglot.errors import SqlglotError


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


def place_of(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a character, counted from 1."""
    before = text[:offset]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def syntax_error(text: str, offset: int, what: str) -> ApiError:
    """A refusal of what stands at a character."""
    line, column = place_of(text, offset)
    return ApiError("invalidQuery", f"Syntax error: {what} at [{line}:{column}]", location="query")


def said_by_parser(error: SqlglotError) -> str:
    """What the parser says, in BigQuery's words."""
    details = getattr(error, "errors", None)
    if not details:
        return f"Syntax error: {str(error).splitlines()[0]}"
    first = details[0]
    text = str(first.get("highlight") or "")
    shown = f'"{text}"' if text else "end of script"
    column = max(int(first.get("col") or 1) - max(len(text) - 1, 0), 1)
    return f"Syntax error: Unexpected {shown} at [{first.get('line') or 1}:{column}]"
