"""Parse a request, and refuse what is not known to come out right."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlglot import exp
from sqlglot.errors import SqlglotError

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.calls import Calls, known
from harness.bigquery.sql.create_syntax import (
    add_options,
    body_of,
    refuse_unfinished,
    without_kinds,
    without_options,
)
from harness.bigquery.sql.depth import deeply
from harness.bigquery.sql.external_syntax import external_words
from harness.bigquery.sql.places import (
    at,
    place_of,
    position,
    said,
    said_by_parser,
    syntax_error,
)
from harness.bigquery.sql.udfs import function_of, is_temporary_function
from harness.bigquery.sql.words import refuse_by_word

if TYPE_CHECKING:
    from collections.abc import Callable

# sqlglot warns of what it does not know; here that is refused instead.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())

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
    exp.Declare,
    exp.Set,
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One statement of a request.

    Attributes:
        tree: Its syntax tree.
        text: As the client wrote it.
        start: Line and column of its first character.
        end: Line and column behind its last character.
        functions: The functions that the request has made before it.
    """

    tree: exp.Expr
    text: str
    start: tuple[int, int]
    end: tuple[int, int]
    functions: dict[str, Callable[..., Any]] = field(default_factory=dict)


def parse(statement: str) -> exp.Expr:
    """The syntax tree of one statement, with the functions that are made before it.

    Raises:
        ApiError: It is not GoogleSQL, is more than one, or holds what the stub does not do.
    """
    parts = parse_all(statement)
    if len(parts) > 1:
        raise ApiError(
            "invalidQuery",
            f"Syntax error: Expected end of input at [{parts[1].start[0]}:{parts[1].start[1]}]",
            location="query",
        )
    return parts[0].tree


def parse_all(text: str) -> list[Part]:
    """The statements of a request; functions for the only one after them are none of their own.

    Source: "Work with multi-statement queries": several statements are a script, unless they are
    CREATE TEMP FUNCTION and one query.

    Raises:
        ApiError: It is not GoogleSQL, or holds what the stub does not do; nothing has run then.
    """
    parts = [_part(text, tokens) for tokens in _statements(text)]
    if not parts:
        raise ApiError("invalidQuery", "Syntax error: Unexpected end of statement at [1:1]")
    placeholders = [one for part in parts for one in part.tree.find_all(exp.Placeholder)]
    for number, one in enumerate(sorted(placeholders, key=lambda one: int(one.meta["start"]))):
        one.meta["number"] = number
    functions: dict[str, Callable[..., Any]] = {}
    for part in parts:
        part.functions.update(functions)
        part.tree.meta["functions"] = part.functions
        if isinstance(part.tree, exp.Create) and is_temporary_function(part.tree):
            functions |= dict([function_of(part.tree)])
    made = [is_temporary_function(part.tree) for part in parts]
    if all(made):
        raise ApiError(
            "invalidQuery",
            "Syntax error: CREATE TEMPORARY FUNCTION statements must be followed by an actual "
            f"query at [{parts[-1].start[0]}:{parts[-1].start[1]}]",
            location="query",
        )
    return parts[-1:] if all(made[:-1]) else parts


def _statements(text: str) -> list[list[Any]]:
    try:
        tokens = Calls().tokenize(text)
    except SqlglotError as error:
        raise ApiError("invalidQuery", said_by_parser(error), location="query") from error
    statements: list[list[Any]] = [[]]
    for token in tokens:
        if token.token_type.name == "SEMICOLON":
            statements.append([])
        else:
            statements[-1].append(token)
    return [one for one in statements if one]


def _part(text: str, tokens: list[Any]) -> Part:
    refuse_by_word(tokens)
    given = tokens
    tokens, left_out = without_kinds(tokens)
    tokens, external = external_words(tokens, text)
    tokens, options = without_options(tokens)
    tree = _tree_of(tokens, text)
    start = place_of(text, given[0].start)
    if tree is not None:
        tree.meta.update({**left_out, **external})
    if tree is None or not isinstance(tree, _KNOWN):
        where = position(tree) if tree is not None else None
        raise UnsupportedError(said(tree) if tree is not None else "this", position=where or start)
    if tree.find(exp.Returning):
        word = next(one for one in tokens if one.text.upper() == "RETURNING")
        what = f'Expected end of input but got identifier "{word.text}"'
        raise syntax_error(text, word.start, what)
    for command in tree.find_all(exp.Command):
        raise UnsupportedError(said(command) + at(command))
    if isinstance(tree, exp.Create):
        refuse_unfinished(tree, tokens, text)
        tree.meta["body"] = body_of(text, tokens)
        add_options(tree, options, text)
    return Part(
        tree=tree,
        text=text[given[0].start : given[-1].end + 1],
        start=start,
        end=place_of(text, given[-1].end + 1),
    )


def _tree_of(tokens: list[Any], text: str) -> exp.Expr | None:
    """The syntax tree; None for a comment alone."""
    try:
        trees = deeply(lambda: Calls().parser().parse(tokens, text))
        for node in list(trees[0].find_all(exp.PartitionedByProperty) if trees[0] else ()):
            # What a table is partitioned by is read from sqlglot's own nodes.
            node.set("this", known(node.this))
    except SqlglotError as error:
        raise ApiError("invalidQuery", said_by_parser(error), location="query") from error
    except ApiError:
        raise
    except Exception as error:
        # sqlglot answers some nonsense with an IndexError, and ELSE with no tree at all.
        raise ApiError(
            "invalidQuery", "Syntax error: Unexpected input", location="query"
        ) from error
    return trees[0]


__all__ = ["Part", "parse", "parse_all"]
