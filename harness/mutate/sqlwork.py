"""The changes that words of SQL give rise to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import TokenType

from harness.mutate.change import Change
from harness.mutate.operators.aggregates import AGGREGATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.mutate.columns import Columns
    from harness.mutate.sqlwords import Word

_CONDITIONS = frozenset({TokenType.WHERE, TokenType.HAVING, TokenType.ON, TokenType.WHEN})
_COMPARED = _CONDITIONS | {TokenType.SELECT, TokenType.QUALIFY}
_FILTERS = frozenset({TokenType.WHERE, TokenType.HAVING, TokenType.QUALIFY})
_BOUNDARIES = {">": ">=", ">=": ">", "<": "<=", "<=": "<"}
_OPPOSITES = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "=": "<>", "<>": "=", "!=": "="}
_SIGNS = {TokenType.PLUS: "-", TokenType.DASH: "+", TokenType.SLASH: "*"}
_SIDES = frozenset({TokenType.LEFT, TokenType.RIGHT, TokenType.FULL})
_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})
_COUNTED = _COMPARED | {TokenType.LIMIT, TokenType.OFFSET, TokenType.THEN, TokenType.SET}


def changes_of_words(words: Sequence[Word], columns: Columns) -> Iterator[Change]:
    """All small changes of a SQL text, whether or not it is SQL with them.

    Args:
        words: The words of the text.
        columns: The columns that its tables may have.
    """
    for at, word in enumerate(words):
        before = words[at - 1] if at else None
        after = words[at + 1] if at + 1 < len(words) else None
        yield from _filter(words, at)
        yield from _compared(word)
        yield from _logic(words, at)
        yield from _value(word)
        yield from _join(word, before, after)
        yield from _other(word, before, after, columns)


def _filter(words: Sequence[Word], at: int) -> Iterator[Change]:
    word = words[at]
    if word.kind in _FILTERS:
        last = word
        for one in words[at + 1 :]:
            if one.depth < word.depth or (one.depth == word.depth and one.clause != word.kind):
                break
            last = one
        yield _change(word.start, last.end, "", "filter", f"{word.text} is left out")
    elif word.kind == TokenType.DISTINCT and word.clause == TokenType.SELECT:
        end = words[at + 1].start if at + 1 < len(words) else word.end
        yield _change(word.start, end, "", "filter", "DISTINCT is left out")


def _compared(word: Word) -> Iterator[Change]:
    if word.clause not in _COMPARED:
        return
    if word.text in _BOUNDARIES:
        yield _word(word, _BOUNDARIES[word.text], "boundary")
    if word.text in _OPPOSITES and word.kind != TokenType.STRING:
        yield _word(word, _OPPOSITES[word.text], "negation")
    if word.kind in _SIGNS:
        yield _word(word, _SIGNS[word.kind], "arithmetic")


def _logic(words: Sequence[Word], at: int) -> Iterator[Change]:
    word = words[at]
    if word.kind == TokenType.OR:
        yield _word(word, "AND", "logic")
    if word.kind == TokenType.AND:
        same = [one.kind for one in words[:at] if one.depth == word.depth]
        joined = [kind for kind in same if kind in {TokenType.BETWEEN, TokenType.AND}]
        if joined[-1:] != [TokenType.BETWEEN]:
            yield _word(word, "OR", "logic")


def _value(word: Word) -> Iterator[Change]:
    if word.kind == TokenType.NUMBER and word.clause in _COUNTED and word.text.isdigit():
        yield _word(word, str(int(word.text) + 1), "number")
    if word.kind in {TokenType.ASC, TokenType.DESC}:
        yield _word(word, "ASC" if word.kind == TokenType.DESC else "DESC", "order")


def _join(word: Word, before: Word | None, after: Word | None) -> Iterator[Change]:
    if word.kind == TokenType.JOIN:
        if before is None or before.kind not in {*_SIDES, TokenType.OUTER, TokenType.CROSS}:
            start = before.start if before and before.kind == TokenType.INNER else word.start
            yield _change(start, word.end, "LEFT JOIN", "join", "JOIN becomes LEFT JOIN")
    elif word.kind in _SIDES and after and after.kind in {TokenType.JOIN, TokenType.OUTER}:
        end = after.end if after.kind == TokenType.OUTER else word.end
        yield _change(word.start, end, "INNER", "join", f"{word.text} JOIN becomes INNER JOIN")


def _other(
    word: Word, before: Word | None, after: Word | None, columns: Columns
) -> Iterator[Change]:
    called = after is not None and after.kind == TokenType.L_PAREN
    if word.kind == TokenType.UNION and after is not None:
        if after.kind == TokenType.ALL:
            yield _change(word.start, after.end, "UNION", "option", "UNION ALL becomes UNION")
        else:
            end = after.end if after.kind == TokenType.DISTINCT else word.end
            yield _change(word.start, end, "UNION ALL", "option", "UNION becomes UNION ALL")
    elif called and word.text.lower() in AGGREGATES:
        other = {"avg": "sum", "sum": "avg", "min": "max", "max": "min"}.get(word.text.lower())
        if other is not None:
            new = other.upper() if word.text.isupper() else other
            yield _word(word, new, "aggregate")
    elif word.kind in _NAMES and not called and (before is None or before.kind != TokenType.ALIAS):
        found = columns.other(word.text, identifier=True)
        if found is not None and (after is None or after.kind != TokenType.DOT):
            quoted = word.end - word.start > len(word.text)
            start, end = (word.start + 1, word.end - 1) if quoted else (word.start, word.end)
            what = f"column {word.text} becomes {found}"
            yield _change(start, end, found, "column", what)


def _word(word: Word, new: str, operator: str) -> Change:
    return _change(word.start, word.end, new, operator, f"{word.text} becomes {new}")


def _change(start: int, end: int, new: str, operator: str, what: str) -> Change:
    return Change(start=start, end=end, new=new, operator=operator, what=what)
