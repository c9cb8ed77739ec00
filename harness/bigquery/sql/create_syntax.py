"""What of CREATE and DROP sqlglot does not read, or reads otherwise than GoogleSQL."""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.calls import Calls
from harness.bigquery.sql.places import place_of, said_by_parser, syntax_error


def without_kinds(tokens: list[Any]) -> tuple[list[Any], dict[str, bool]]:
    """The tokens without the words that sqlglot does not know, and what these tell."""
    words = [str(token.text).upper() for token in tokens[:5]]
    for number in (1, 3):
        head, pair = words[:number], words[number : number + 2]
        if head not in (["CREATE"], ["DROP"], ["CREATE", "OR", "REPLACE"]):
            continue
        if pair == ["SNAPSHOT", "TABLE"]:
            return tokens[:number] + tokens[number + 1 :], {"snapshot": True}
        if pair == ["TABLE", "FUNCTION"]:
            drop = tokens[:number] + tokens[number + 1 :]
            return drop if head == ["DROP"] else tokens, {"table_function": True}
    return tokens, {}


def without_options(tokens: list[Any]) -> tuple[list[Any], list[Any]]:
    """The tokens without the OPTIONS at the end of CREATE, where sqlglot expects none."""
    words = [str(token.text).upper() for token in tokens]
    if words[0] != "CREATE" or words[-1] != ")":
        return tokens, []
    behind = "FUNCTION" in words[:5] or "CLONE" in words or "COPY" in words
    depth = 0
    for place in range(len(tokens) - 1, 0, -1):
        depth += {")": 1, "(": -1}.get(words[place], 0)
        if depth == 0:
            if behind and words[place - 1] == "OPTIONS":
                return tokens[: place - 1], tokens[place - 1 :]
            break
    return tokens, []


def add_options(tree: exp.Create, options: list[Any], text: str) -> None:
    """Put OPTIONS that were taken out into the tree.

    Raises:
        ApiError: They are not well formed.
    """
    if not options:
        return
    head = Calls().tokenize("CREATE SCHEMA d")
    try:
        found = Calls().parser().parse([*head, *options], text)[0]
    except SqlglotError as error:
        raise ApiError("invalidQuery", said_by_parser(error), location="query") from error
    given = found.args.get("properties") if found is not None else None
    if given is None:
        raise UnsupportedError("these OPTIONS", position=place_of(text, options[0].start))
    mine = tree.args.get("properties")
    before = mine.expressions if mine is not None else []
    tree.set("properties", exp.Properties(expressions=[*before, *given.expressions]))


def refuse_unfinished(tree: exp.Create, tokens: list[Any], text: str) -> None:
    """Refuse CREATE that ends behind AS, and a function without what it does or of what.

    Raises:
        ApiError: It is so.
    """
    bare = tree.kind == "FUNCTION" and (
        tree.expression is None or any(not one.args.get("kind") for one in tree.this.expressions)
    )
    if bare or tokens[-1].token_type.name == "ALIAS":
        raise syntax_error(text, tokens[-1].end + 1, "Unexpected end of statement")


def body_of(text: str, tokens: list[Any]) -> str:
    """What CREATE puts behind AS, as the client wrote it: of a function within the parentheses.

    Raises:
        ApiError: A function's does not stand in parentheses.
    """
    depth, start = 0, None
    for number, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token.text, 0) if token.token_type.name != "STRING" else 0
        if start is None and depth == 0 and token.token_type.name == "ALIAS":
            start = number + 1
            found = tokens[start]
            # A function in another language has a text, and is refused by name.
            wrapped = found.text == "(" or "STRING" in found.token_type.name
            if _of_function(tokens) and not wrapped:
                raise syntax_error(text, found.start, f'Expected "(" but got "{found.text}"')
        elif start is not None and depth == 0 and token.text == ")" and _of_function(tokens):
            return text[tokens[start].end + 1 : token.start].strip()
    return text[tokens[start].start : tokens[-1].end + 1] if start else ""


def _of_function(tokens: list[Any]) -> bool:
    words = [str(token.text).upper() for token in tokens[:5]]
    return "FUNCTION" in words and "TABLE" not in words
