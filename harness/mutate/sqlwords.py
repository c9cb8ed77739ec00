"""The words of a SQL text, each with its place and the clause that it stands in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import TokenType
from sqlglot.dialects.dialect import Dialect

_CLAUSES = frozenset(
    {TokenType.SELECT, TokenType.FROM, TokenType.WHERE, TokenType.HAVING, TokenType.ON}
    | {TokenType.GROUP_BY, TokenType.ORDER_BY, TokenType.LIMIT, TokenType.OFFSET, TokenType.SET}
    | {TokenType.QUALIFY, TokenType.WINDOW, TokenType.RETURNING, TokenType.VALUES, TokenType.WHEN}
    | {TokenType.UNION, TokenType.EXCEPT, TokenType.INTERSECT, TokenType.SEMICOLON}
    | {TokenType.JOIN, TokenType.INSERT, TokenType.UPDATE, TokenType.DELETE, TokenType.THEN}
    | {TokenType.CREATE, TokenType.FETCH}
)


@dataclass(frozen=True)
class Word:
    """A word or sign.

    Attributes:
        kind: What it is to SQL.
        text: As it is written; a text or a quoted name without its quotes.
        start: Where it starts, in characters.
        end: Where it ends.
        depth: How many parentheses are open around it.
        clause: The last word before it, or itself, that opens a clause at its depth.
    """

    kind: TokenType
    text: str
    start: int
    end: int
    depth: int
    clause: TokenType


def read_words(text: str, *, dialect: str) -> list[Word]:
    """The words of a SQL text; comments are none.

    Args:
        text: The text.
        dialect: As sqlglot calls it; empty for what most understand.

    Raises:
        SqlglotError: It cannot be taken apart.
    """
    words = []
    clauses = [TokenType.SEMICOLON]
    for token in Dialect.get_or_raise(dialect or None).tokenize(text):
        if token.token_type == TokenType.R_PAREN and len(clauses) > 1:
            clauses.pop()
        if token.token_type in _CLAUSES:
            clauses[-1] = token.token_type
        words.append(
            Word(
                kind=token.token_type,
                text=token.text,
                start=token.start,
                end=token.end + 1,
                depth=len(clauses) - 1,
                clause=clauses[-1],
            )
        )
        if token.token_type == TokenType.L_PAREN:
            # A subquery opens its own clauses; what is only in parentheses stays in this one.
            clauses.append(clauses[-1])
    return words
