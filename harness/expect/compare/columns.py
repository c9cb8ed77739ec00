"""Columns that are not as expected: missing, extra, of another type, or with other values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from harness.expect.explain import explained
from harness.expect.layout import plain_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.expect.compare.options import Options
    from harness.expect.compare.pairing import Pairing
    from harness.expect.compare.side import Side


def no_rows() -> pa.Array:
    """Positions of no rows."""
    return pa.array([], pa.int64())


@dataclass(frozen=True, kw_only=True)
class ColumnDifference:
    """A column that is not as expected.

    Attributes:
        name: The column.
        what: ``missing``, ``extra``, ``other type`` or ``changed``.
        expected: Its type on the expected side, in the terms of the service; empty for none.
        found: The same on the other.
        rows: The rows with another value, by their place among the pairs.
        why: What the values tell of the cause, or an empty string.
    """

    name: str
    what: str
    expected: str = ""
    found: str = ""
    rows: pa.Array = field(default_factory=no_rows)
    why: str = ""


def shared(
    expected: Side, found: Side, options: Options
) -> tuple[list[str], list[ColumnDifference]]:
    """The columns that both have, and those that only one has."""
    wanted, got = (
        [name for name in side.table.column_names if name not in options.ignoring]
        for side in (expected, found)
    )
    columns = [
        ColumnDifference(
            name=name,
            what="missing",
            expected=expected.type_of(name),
            why=_renamed(name, wanted, got),
        )
        for name in wanted
        if name not in got
    ]
    columns += [
        ColumnDifference(name=name, what="extra", found=found.type_of(name))
        for name in got
        if name not in wanted
    ]
    return [name for name in wanted if name in got], columns


def _renamed(name: str, wanted: list[str], got: list[str]) -> str:
    """How a name that is not there is written."""
    for other in got:
        if other in wanted:
            continue
        if other.casefold() == name.casefold():
            return f"it is there as {other}: the same name in another case"
        if _letters(other) == _letters(name):
            return f"it is there as {other}: the same letters"
    return ""


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def is_other(
    name: str, expected: Side, found: Side, comparable: Mapping[str, object], options: Options
) -> bool:
    """Whether a column has another type: one of another kind, or any other on request."""
    if name not in comparable:
        return True
    first, second = (plain_type(side.table.schema.field(name).type) for side in (expected, found))
    return options.strict and first != second


def of_other_type(
    names: list[str], expected: Side, found: Side, pairs: Pairing
) -> list[ColumnDifference]:
    """Columns of another type, with what the values of the pairs tell of it."""
    return [
        ColumnDifference(
            name=name,
            what="other type",
            expected=expected.type_of(name),
            found=found.type_of(name),
            why=why_of(name, expected, found, pairs),
        )
        for name in names
    ]


def why_of(name: str, expected: Side, found: Side, pairs: Pairing) -> str:
    """What became of the values of a column, or an empty string where they do not tell."""
    return explained(
        expected.table.column(name).take(pairs.expected),
        found.table.column(name).take(pairs.found),
        expected=expected.type_of(name),
        found=found.type_of(name),
    )
