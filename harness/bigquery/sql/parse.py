"""Parse a statement, and refuse what is not known to come out right."""

from __future__ import annotations

import logging
import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.calls import Calls, known
from harness.bigquery.sql.failures import place
from harness.bigquery.sql.places import at, position, said
from harness.bigquery.sql.udfs import function_of, is_temporary_function

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
_KNOWN = (
    exp.Query,
    exp.Insert,
    exp.Update,
    exp.Delete,
    exp.Merge,
    exp.Create,
    exp.Drop,
    exp.Alter,
    exp.TruncateTable,
)
_COMMENT = re.compile(r"\s*(?:--[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|/\*.*?\*/)", re.DOTALL)
_ML = re.compile(r"\b(ML|AI)\.[A-Z_]+\s*\(", re.IGNORECASE)


def parse(statement: str) -> exp.Expr:  # noqa: C901
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
        trees = [tree for tree in sqlglot.parse(statement, read=Calls) if tree is not None]
    except SqlglotError as error:
        raise ApiError("invalidQuery", _syntax_error(error), location="query") from error
    except Exception as error:
        # sqlglot answers some nonsense with an IndexError or a RecursionError.
        raise ApiError(
            "invalidQuery", "Syntax error: Unexpected input", location="query"
        ) from error
    if not trees:
        raise ApiError("invalidQuery", "Syntax error: Unexpected end of statement at [1:1]")
    functions = [one for one in trees[:-1] if is_temporary_function(one)]
    if len(functions) < len(trees) - 1:
        raise UnsupportedError("scripting (more than one statement)")
    tree = trees[-1]
    tree.meta["functions"] = dict(
        function_of(one) for one in functions if isinstance(one, exp.Create)
    )
    if not isinstance(tree, _KNOWN):
        raise UnsupportedError(said(tree), position=position(tree) or (1, 1))
    for command in tree.find_all(exp.Command):
        raise UnsupportedError(said(command) + at(command))
    for node in list(tree.find_all(exp.PartitionedByProperty)):
        # What a table is partitioned by is read from sqlglot's own nodes.
        node.set("this", known(node.this))
    return tree


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
