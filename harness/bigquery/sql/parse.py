"""Parse a statement, and refuse what is not known to come out right."""

from __future__ import annotations

import logging
import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.allowed import ALLOWED
from harness.bigquery.sql.failures import place

# sqlglot warns of what it does not know; here that is refused instead.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())

# sqlglot reads these as something else.
_BY_WORD = {
    "ASSERT": "ASSERT",
    "BEGIN": "scripting (BEGIN)",
    "CALL": "CALL",
    "DECLARE": "scripting (DECLARE)",
    "EXECUTE": "EXECUTE IMMEDIATE",
    "EXPORT": "EXPORT DATA",
    "FOR": "scripting (FOR)",
    "GRANT": "GRANT",
    "IF": "scripting (IF)",
    "LOAD": "LOAD DATA",
    "LOOP": "scripting (LOOP)",
    "RAISE": "scripting (RAISE)",
    "REPEAT": "scripting (REPEAT)",
    "REVOKE": "REVOKE",
    "SET": "scripting (SET)",
    "WHILE": "scripting (WHILE)",
}
_COMMENT = re.compile(r"\s*(?:--[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|/\*.*?\*/)", re.DOTALL)
_ML = re.compile(r"\b(ML|AI)\.[A-Z_]+\s*\(", re.IGNORECASE)


def parse(statement: str) -> exp.Expr:
    """The syntax tree of one statement.

    Raises:
        ApiError: It is not GoogleSQL, or holds what the stub does not do.
    """
    bare = statement
    while found := _COMMENT.match(bare):
        bare = bare[found.end() :]
    word = re.match(r"\s*([A-Za-z]+)", bare)
    if word and word[1].upper() in _BY_WORD:
        raise UnsupportedError(_BY_WORD[word[1].upper()], position=_place(statement, word[1]))
    if ml := _ML.search(re.sub(r"'[^'\n]*'", "''", statement)):
        raise UnsupportedError(ml[0].rstrip("( "), position=_place(statement, ml[0][:5]))
    try:
        trees = [tree for tree in sqlglot.parse(statement, read="bigquery") if tree is not None]
    except SqlglotError as error:
        raise ApiError("invalidQuery", _syntax_error(error), location="query") from error
    except Exception as error:
        # sqlglot answers some nonsense with an IndexError or a RecursionError.
        raise ApiError(
            "invalidQuery", "Syntax error: Unexpected input", location="query"
        ) from error
    if not trees:
        raise ApiError("invalidQuery", "Syntax error: Unexpected end of statement at [1:1]")
    if len(trees) > 1:
        raise UnsupportedError("scripting (more than one statement)")
    tree = trees[0]
    _refuse(tree, statement)
    return tree


def _refuse(tree: exp.Expr, statement: str) -> None:
    for node in tree.walk():
        name = type(node).__name__
        # What follows PARTITION BY is looked at by layout.py.
        if name not in ALLOWED and not isinstance(node.parent, exp.PartitionedByProperty):
            raise UnsupportedError(_said(node), position=_position(node, statement))
        if isinstance(node, exp.Unnest) and node.args.get("offset"):
            # sqlglot makes it WITH ORDINALITY, which counts from 1.
            raise UnsupportedError("UNNEST ... WITH OFFSET", position=_position(node, statement))
        if isinstance(node, exp.Select) and node.args.get("kind"):
            raise UnsupportedError(f"SELECT AS {node.args['kind']}")


def _said(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        name = str(node.this).upper()
        return f"geography function {name}" if name.startswith("ST_") else f"function {name}"
    if type(node).__name__ == "SafeFunc":
        return "the SAFE. prefix"
    if isinstance(node, exp.Command):
        return f"statement {node.this}"
    if isinstance(node, exp.Func):
        return f"function {node.sql_name()}"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__)


def _position(node: exp.Expr, statement: str) -> tuple[int, int] | None:
    for inner in node.walk():
        line, column = inner.meta.get("line"), inner.meta.get("col")
        if line and column:
            # sqlglot tells the end of the token.
            width = len(str(inner.this)) if isinstance(inner.this, str) else 1
            return int(line), max(int(column) - width + 1, 1)
    return _place(statement, str(node.this)) if isinstance(node.this, str) else None


def _place(statement: str, name: str) -> tuple[int, int] | None:
    found = re.search(r"\[(\d+):(\d+)\]", place(statement, name))
    return (int(found[1]), int(found[2])) if found else None


def _syntax_error(error: SqlglotError) -> str:
    details = getattr(error, "errors", None)
    if not details:
        return f"Syntax error: {str(error).splitlines()[0]}"
    first = details[0]
    text = str(first.get("highlight") or "")
    shown = f'"{text}"' if text else "end of script"
    column = max(int(first.get("col") or 1) - max(len(text) - 1, 0), 1)
    return f"Syntax error: Unexpected {shown} at [{first.get('line') or 1}:{column}]"
