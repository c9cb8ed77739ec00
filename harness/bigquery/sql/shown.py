"""FORMAT. Source: "FORMAT" in "String functions" of the reference.

The format is a constant, so a call becomes the pieces of its text, one after the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.arguments import constant_text
from harness.bigquery.sql.kinds import STRING, Value
from harness.bigquery.sql.places import at, position
from harness.bigquery.sql.shown_numbers import float_text, int_text
from harness.bigquery.sql.shown_values import as_literal, as_text
from harness.bigquery.sql.signatures import no_match
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlglot import exp

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_SPECIFIER = re.compile(
    r"%(?P<flags>[-+ #'0]*)(?P<width>\*|[0-9]*)(?P<precision>\.(?:\*|[0-9]*))?(?P<letter>.)",
    re.DOTALL,
)
_FLOATS = ("FLOAT64", "NUMERIC", "BIGNUMERIC")


@dataclass(frozen=True)
class Specifier:
    """One specifier of a format with what it is filled with.

    Attributes:
        flags: Of ``-+ #'0``.
        width: SQL of the least width, or nothing.
        precision: SQL of the precision, or nothing.
        letter: What is written: ``d``, ``s``, ``T``, ...
        value: The argument.
    """

    flags: str
    width: str
    precision: str
    letter: str
    value: Value


def _format(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    nodes = call.expressions
    values = [self.value(one, scope) for one in nodes]
    if not nodes or values[0].kind.name not in ("STRING", "NULL"):
        raise no_match("function FORMAT", values, at=at(call))
    pattern = constant_text(nodes[0])
    if pattern is None:
        if values[0].kind.name == "NULL":
            return Value("CAST(NULL AS VARCHAR)", STRING)
        raise UnsupportedError(
            "FORMAT with a format that is not a literal", position=position(call)
        )
    pieces, nulls = [], []
    for piece in _pieces(pattern, values[1:]):
        if isinstance(piece, str):
            pieces.append(literal(piece))
            continue
        if piece.letter not in "tT":
            nulls.append(piece.value.sql)
        nulls += [one for one in (piece.width, piece.precision) if one and not one.isdigit()]
        pieces.append(_piece(piece, call))
    text = f"({' || '.join(pieces)})" if pieces else "''"
    if nulls:
        tests = " OR ".join(f"({one}) IS NULL" for one in nulls)
        text = f"CASE WHEN {tests} THEN NULL ELSE {text} END"
    return Value(text, STRING)


def _pieces(pattern: str, values: list[Value]) -> Iterator[str | Specifier]:
    """The texts and specifiers of a format.

    Raises:
        ApiError: It is malformed, or does not fit the number of arguments.
    """
    found = list(_read(pattern))
    used = sum(_uses(one) for one in found if isinstance(one, re.Match))
    if used != len(values):
        amount = "few" if used > len(values) else "many"
        raise ApiError(
            "invalidQuery",
            f'Too {amount} arguments to FORMAT for pattern "{pattern}"; Expected {used + 1}; '
            f"Got {len(values) + 1}",
        )
    place = 0
    for item in found:
        if isinstance(item, str):
            yield item
        else:
            yield _specifier(item, values, place)
            place += _uses(item)


def _read(pattern: str) -> Iterator[str | re.Match[str]]:
    end = 0
    while (start := pattern.find("%", end)) >= 0:
        if start > end:
            yield pattern[end:start]
        one = _SPECIFIER.match(pattern, start)
        if one is None or (one["letter"] == "%" and one[0] != "%%"):
            raise ApiError("invalidQuery", f'Invalid FORMAT string: "{pattern}"')
        if one["letter"] not in "diuoxXfFeEgGsPptT%":
            raise ApiError(
                "invalidQuery",
                f'Invalid format specifier character "{one["letter"]}" in FORMAT string: '
                f'"{pattern}"',
            )
        yield "%" if one["letter"] == "%" else one
        end = one.end()
    if end < len(pattern):
        yield pattern[end:]


def _uses(one: re.Match[str]) -> int:
    """How many arguments a specifier takes."""
    return 1 + (one["width"] == "*") + (one["precision"] == ".*")


def _specifier(one: re.Match[str], values: list[Value], place: int) -> Specifier:
    width = one["width"]
    precision = (one["precision"] or "")[1:] or ("0" if one["precision"] else "")
    if width == "*":
        _expect(values[place], ("INT64", "NULL"), "integer", place)
        width, place = f"({values[place].sql})", place + 1
    if precision == "*":
        _expect(values[place], ("INT64", "NULL"), "integer", place)
        precision, place = f"({values[place].sql})", place + 1
    return Specifier(
        flags=one["flags"],
        width=width,
        precision=precision,
        letter=one["letter"],
        value=_argument(values[place], one["letter"], place),
    )


def _argument(value: Value, letter: str, place: int) -> Value:
    if letter in "diuoxX":
        _expect(value, ("INT64", "NULL") if letter != "u" else ("NULL",), "integer", place)
    elif letter in "fFeEgG":
        _expect(value, (*_FLOATS, "NULL"), "FLOAT64", place)
    elif letter == "s":
        _expect(value, ("STRING", "NULL"), "STRING", place)
    elif letter in "pP":
        _expect(value, ("JSON", "NULL"), "PROTO or JSON", place)
    return value


def _expect(value: Value, kinds: tuple[str, ...], wanted: str, place: int) -> None:
    if value.kind.name not in kinds:
        raise ApiError(
            "invalidQuery",
            f"Invalid type for argument {place + 2} to FORMAT; Expected {wanted}; Got {value.kind}",
        )


def _piece(one: Specifier, call: exp.Expr) -> str:
    if one.letter in "diuoxX":
        text = int_text(one, call)
    elif one.letter in "fFeEgG":
        text = float_text(one, call)
    else:
        text = {
            "s": one.value.sql,
            "p": f"CAST({one.value.sql} AS VARCHAR)",
            "P": f"vec_pretty(CAST({one.value.sql} AS VARCHAR))",
            "t": f"coalesce({as_text(one.value.sql, one.value.kind, call)}, 'NULL')",
            "T": f"coalesce({as_literal(one.value.sql, one.value.kind, call)}, 'NULL')",
        }[one.letter]
        if one.precision:
            text = f"left({text}, CAST({one.precision} AS BIGINT))"
    if one.width:
        return f"bq_padded({text}, {one.width}, {'true' if '-' in one.flags else 'false'})"
    return text


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {"FORMAT": _format}
