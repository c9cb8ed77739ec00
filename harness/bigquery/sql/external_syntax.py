"""The words of CREATE EXTERNAL TABLE and DROP EXTERNAL TABLE that sqlglot does not read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.calls import Calls
from harness.bigquery.sql.places import place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_PARTITION_COLUMNS = ("WITH", "PARTITION", "COLUMNS")
_CONNECTION = ("WITH", "CONNECTION")


def external_words(tokens: Sequence[Any], text: str) -> tuple[list[Any], dict[str, Any]]:
    """Take the words out of a statement's tokens.

    Source: "CREATE EXTERNAL TABLE statement" and "DROP EXTERNAL TABLE statement" of the reference.

    Args:
        tokens: The statement's tokens.
        text: The request that they stand in.

    Returns:
        The other tokens, and what the words said: ``external``, and of CREATE
        ``partition_columns``, a syntax tree with columns or None where they are to be detected.

    Raises:
        ApiError: The columns are not well formed.
    """
    left = list(tokens)
    words = [str(token.text).upper() for token in left]
    head = words.index("EXTERNAL") if "EXTERNAL" in words[:4] else 0
    if not head or words[0] not in ("CREATE", "DROP") or words[head + 1 : head + 2] != ["TABLE"]:
        return left, {}
    if words[0] == "DROP":
        del left[head]
        return left, {"external": True}
    said: dict[str, Any] = {"external": True}
    if (place := _place(words, _CONNECTION)) is not None:
        raise UnsupportedError("WITH CONNECTION", position=place_of(text, left[place].start))
    place = _place(words, _PARTITION_COLUMNS)
    if place is not None:
        end = place + len(_PARTITION_COLUMNS)
        said["partition_columns"] = None
        if words[end : end + 1] == ["("]:
            close = _closing(left, end)
            said["partition_columns"] = _columns(text[left[end].start : left[close].end + 1])
            end = close + 1
        del left[place:end]
    return left, said


def _place(words: Sequence[str], phrase: tuple[str, ...]) -> int | None:
    size = len(phrase)
    return next(
        (at for at in range(len(words)) if tuple(words[at : at + size]) == phrase),
        None,
    )


def _closing(tokens: Sequence[Any], place: int) -> int:
    depth = 0
    for number in range(place, len(tokens)):
        depth += tokens[number].token_type.name == "L_PAREN"
        depth -= tokens[number].token_type.name == "R_PAREN"
        if not depth:
            return number
    raise ApiError("invalidQuery", 'Syntax error: Expected ")" but got end of statement')


def _columns(text: str) -> Any:
    sql = f"CREATE TABLE x {text}"
    trees: list[Any] = Calls().parser().parse(Calls().tokenize(sql), sql)
    return trees[0].this
