"""A difference as plain facts, for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.expect.compare.difference import Difference
    from harness.expect.compare.options import Options
    from harness.expect.compare.side import Side


def facts_of(
    difference: Difference, expected: Side, found: Side, options: Options
) -> dict[str, Any]:
    """Numbers and names; rows are in the evidence.

    Returns:
        ``expected`` and ``found`` (label and rows of each side), ``key``, the numbers ``missing``,
        ``extra`` and ``changed``, ``columns`` with what is wrong with each, ``repeated`` keys by
        side, and ``other_order``.
    """
    return {
        "check": "equals",
        "expected": {"label": expected.label, "rows": expected.table.num_rows},
        "found": {"label": found.label, "rows": found.table.num_rows},
        "key": list(options.key),
        "missing": difference.missing,
        "extra": difference.extra,
        "changed": len(difference.changed),
        "columns": [
            {
                "name": one.name,
                "what": one.what,
                "expected": one.expected,
                "found": one.found,
                "rows": len(one.rows),
                "why": one.why,
            }
            for one in difference.columns
        ],
        "repeated": [
            {"side": one.side.label, "keys": one.keys, "rows": one.rows}
            for one in difference.repeated
        ],
        "other_order": difference.misplaced is not None,
    }
