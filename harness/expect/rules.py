"""Which rows break a rule on the values of a column; a null breaks none but its own.

Expectations and contracts ask the same, and tell of it in their own words.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from harness.errors import InputError
from harness.expect.limits import comparable

if TYPE_CHECKING:
    from collections.abc import Mapping


def is_text(kind: pa.DataType) -> bool:
    """Whether values of a type are text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def nan(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Marks the rows with NaN; None where the type has none."""
    return pc.is_nan(column) if pa.types.is_floating(column.type) else None


def outside(
    column: pa.ChunkedArray, *, low: Any, high: Any, name: str
) -> Mapping[str, pa.ChunkedArray]:
    """Marks the rows that are ``below`` a limit or ``above`` one, and those with ``NaN``.

    Args:
        column: Plain values.
        low: The least, as a test or a contract gives it; None for no limit.
        high: The most, likewise.
        name: The column's name, for the message.

    Raises:
        InputError: A limit cannot be compared with the column.
    """
    masks = {}
    for limit, lower, word in ((low, True, "below"), (high, False, "above")):
        if limit is not None and limit != (-math.inf if lower else math.inf):
            bound = comparable(column, limit, name=name, lower=lower)
            beyond = pc.less if lower else pc.greater
            masks[word] = beyond(bound.view, bound.scalar)
    no_number = nan(column)
    if no_number is not None:
        masks["NaN"] = no_number
    return masks


def others(column: pa.ChunkedArray, allowed: pa.Array) -> pa.ChunkedArray:
    """Marks the rows whose value is none of some.

    Args:
        column: Plain values.
        allowed: Values of the column's own type.
    """
    return pc.and_(pc.invert(pc.is_in(column, value_set=allowed)), pc.is_valid(column))


def unlike(column: pa.ChunkedArray, pattern: str, *, name: str) -> pa.ChunkedArray:
    """Marks the rows whose text does not match a regular expression as a whole.

    Args:
        column: Plain values.
        pattern: In RE2's syntax.
        name: The column's name, for the message.

    Raises:
        InputError: It is no regular expression, or the column holds no texts.
    """
    if not is_text(column.type):
        raise InputError(
            f"column {name} is of type {column.type}, and only texts match a pattern",
            remedy="ask this of a column of texts",
        )
    try:
        return pc.invert(pc.match_substring_regex(column, f"^(?:{pattern})$"))
    except pa.ArrowInvalid as error:
        raise InputError(f"{pattern!r} is no regular expression", cause=str(error)) from error


def extremes(column: pa.ChunkedArray) -> tuple[pa.Scalar[Any], pa.Scalar[Any]]:
    """The least and the most value of a column that has an order; NaN is none, as null is."""
    kind = column.type
    no_number = nan(column)
    if no_number is not None:
        # Arrow answers that of NaN alone with infinities.
        column = column.filter(pc.invert(no_number))
    # Arrow orders durations, and has no min_max of them.
    view = pc.cast(column, pa.int64()) if pa.types.is_duration(kind) else column
    found = pc.min_max(view)
    return found["min"].cast(kind), found["max"].cast(kind)


def number(mask: pa.ChunkedArray) -> int:
    """How many rows are marked."""
    return int(pc.sum(mask).as_py() or 0)
