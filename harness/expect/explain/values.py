"""Values that were compared, explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.expect.explain.kinds import of_another_kind
from harness.expect.explain.moments import of_moments
from harness.expect.explain.nulls import of_nulls
from harness.expect.explain.numbers import of_numbers
from harness.expect.explain.pairs import Pairs, without_nulls
from harness.expect.explain.texts import of_texts
from harness.expect.layout import plain

if TYPE_CHECKING:
    import pyarrow as pa

_SAME_KIND = {"number": of_numbers, "text": of_texts, "timestamp": of_moments}


def explained(
    expected_values: pa.ChunkedArray,
    found_values: pa.ChunkedArray,
    *,
    expected: str,
    found: str,
) -> str:
    """How the values found came from those expected, or an empty string.

    Args:
        expected_values: A column.
        found_values: The values found for the same rows.
        expected: The type's name on the expected side, in the service's own terms.
        found: The same on the other side.
    """
    e, f = plain(expected_values), plain(found_values)
    nulls = of_nulls(e, f)
    e, f = without_nulls(e, f)
    if not len(e):
        return nulls
    pairs = Pairs(e=e, f=f, expected=expected, found=found)
    first, second = pairs.kinds
    if first != second:
        words = of_another_kind(pairs)
    else:
        of_kind = _SAME_KIND.get(first)
        words = of_kind(pairs) if of_kind else ""
    return "; ".join(part for part in (words, nulls) if part)
