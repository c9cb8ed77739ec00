"""A difference in words: columns first, then a few of the rows, each kind with its number."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from harness.expect.compare.difference import SHOWN
from harness.expect.compare.facts import facts_of
from harness.expect.finding import Finding
from harness.expect.sample import aligned, rows_at, rows_beside, shown_value
from harness.plain import counted

if TYPE_CHECKING:
    import pyarrow as pa

    from harness.expect.compare.columns import ColumnDifference
    from harness.expect.compare.difference import Difference
    from harness.expect.compare.options import Options
    from harness.expect.compare.repeated import Repeated
    from harness.expect.compare.side import Side

_COLUMNS, _ROWS, _CAUSES = 8, 3, 4
_BEFORE = 8
"""Characters to show before the place at which two long texts part."""


def told(difference: Difference, expected: Side, found: Side, options: Options) -> Finding | None:
    """What a test is told, or None where there is no difference."""
    if difference.none:
        return None
    by = f" by {', '.join(options.key)}" if options.key else ""
    causes = [f"{one.name}: {one.why}" for one in difference.columns if one.why]
    if len(causes) > _CAUSES:
        causes = [*causes[:_CAUSES], f"and {len(causes) - _CAUSES:,} more columns"]
    return Finding(
        about=found.label,
        difference=f"expected the rows of {expected.label}{by}, found {_summary(difference)}",
        cause="; ".join(causes),
        lines=(
            *_columns(difference),
            *(line for one in difference.repeated for line in _repeated(one, options)),
            *_misplaced(difference, found, options),
            *_changed(difference, expected, found, options),
            *_unpaired(difference, expected, found, options),
            *_groups(difference, expected, found),
        ),
        facts=facts_of(difference, expected, found, options),
    )


def _summary(difference: Difference) -> str:
    parts = [
        f"{counted(one.keys, 'key')} more than once in {one.side.label},"
        f" {counted(one.rows, 'row')} in all"
        for one in difference.repeated
    ]
    pairs = len(difference.pairs.expected)
    if difference.missing:
        parts.append(f"{counted(difference.missing, 'row')} missing")
    if difference.extra:
        parts.append(f"{counted(difference.extra, 'row')} extra")
    if len(difference.changed):
        parts.append(f"{len(difference.changed):,} of {counted(pairs, 'row')} changed")
    if difference.misplaced is not None:
        parts.append("rows in another order")
    words = {"missing": "missing", "extra": "extra", "other type": "of another type"}
    kinds = [one.what for one in difference.columns]
    schema = [f"{kinds.count(what)} {word}" for what, word in words.items() if what in kinds]
    if schema:
        parts.append(f"columns {', '.join(schema)}")
    return ", ".join(parts)


def _columns(difference: Difference) -> list[str]:
    """Columns that are not as expected; those with most changed rows first."""
    pairs = len(difference.pairs.expected)
    rows = [
        [
            one.name,
            one.expected or "-",
            one.found or "-",
            f"{len(one.rows):,} of {pairs:,} rows" if one.what == "changed" else one.what,
        ]
        for one in difference.columns
        if one.what != "changed" or len(one.rows)
    ]
    lines = aligned(["column", "expected", "found", ""], rows[:_COLUMNS]) if rows else []
    if len(rows) > _COLUMNS:
        lines.append(f"... and {len(rows) - _COLUMNS:,} more columns")
    if difference.differing:
        names = ", ".join(difference.differing[:_COLUMNS])
        more = len(difference.differing) - _COLUMNS
        lines.append(f"columns with other values: {names}" + (f" and {more} more" * (more > 0)))
    return lines


def _repeated(one: Repeated, options: Options) -> list[str]:
    positions = [first for first, _ in one.first]
    numbers = [[f"{number:,}"] for _, number in one.first]
    lines = rows_beside(
        one.side.table, positions, header=["rows"], lead=numbers, columns=options.key
    )
    if one.keys > len(positions):
        lines.append(f"... and {one.keys - len(positions):,} more keys")
    return [f"more than once in {one.side.label}:", *lines]


def _misplaced(difference: Difference, found: Side, options: Options) -> list[str]:
    if difference.misplaced is None:
        return []
    at = difference.pairs.found[difference.misplaced].as_py()
    key = ", ".join(shown_value(found.table.column(name)[at]) for name in options.key)
    return [f"first out of order: {key}, in row {at:,}"]


def _changed(difference: Difference, expected: Side, found: Side, options: Options) -> list[str]:
    """Some changed rows, a line for each of their values."""
    places = difference.changed[:SHOWN].to_pylist()
    if not places:
        return []
    rows = [
        _cells(one, place, difference, expected, found, options)
        for place in places
        for one in _changed_in(difference, place)[:_ROWS]
    ]
    header = [*(options.key or ["row"]), "column", "expected", "found"]
    lines = aligned(header, rows)
    left = len(difference.changed) - len(places)
    return [*lines, *([f"... and {left:,} more changed rows"] if left else [])]


def _changed_in(difference: Difference, place: int) -> list[ColumnDifference]:
    return [one for one in difference.columns if pc.index(one.rows, place).as_py() >= 0]


def _cells(
    one: ColumnDifference,
    place: int,
    difference: Difference,
    expected: Side,
    found: Side,
    options: Options,
) -> list[str]:
    first = difference.pairs.expected[place].as_py()
    second = difference.pairs.found[place].as_py()
    key = [shown_value(expected.table.column(name)[first]) for name in options.key]
    values = expected.table.column(one.name)[first], found.table.column(one.name)[second]
    return [*(key or [f"{first:,}"]), one.name, *_apart(*values)]


def _apart(expected: pa.Scalar, found: pa.Scalar) -> tuple[str, str]:
    """Two values, long texts from a little before the place at which they part."""
    shown = shown_value(expected), shown_value(found)
    if shown[0] != shown[1] or not (expected.is_valid and found.is_valid):
        return shown
    texts = [str(one.as_py()) for one in (expected, found)]
    same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False))))
    cut = [f"...{text[max(same - _BEFORE, 0) :]}" for text in texts]
    if cut[0] == cut[1]:
        return f"{shown[0]} ({expected.type})", f"{shown[1]} ({found.type})"
    return cut[0], cut[1]


def _unpaired(difference: Difference, expected: Side, found: Side, options: Options) -> list[str]:
    if difference.groups or difference.repeated or not (options.key or options.order):
        return []
    lines = []
    for word, side, positions in (
        ("missing", expected, difference.pairs.missing),
        ("extra", found, difference.pairs.extra),
    ):
        if len(positions):
            first = options.key[0] if options.key else side.table.column_names[0]
            lines.append(f"{word}, as in {side.label}:")
            lines += rows_at(side.table, positions, column=first, most=_ROWS)
    return lines


def _groups(difference: Difference, expected: Side, found: Side) -> list[str]:
    """Rows that occur more or less often than expected."""
    lines = []
    for word, side, total in (
        ("missing", expected, difference.missing),
        ("extra", found, difference.extra),
    ):
        groups = [one for one in difference.groups if (one.got < one.wanted) == (word == "missing")]
        if not groups:
            continue
        positions = [one.expected if one.got < one.wanted else one.found for one in groups[:_ROWS]]
        numbers = [[f"{one.wanted:,}", f"{one.got:,}"] for one in groups[:_ROWS]]
        lines.append(f"{word} ({total:,}), as in {side.label}:")
        lines += rows_beside(
            side.table,
            [at for at in positions if at is not None],
            header=["expected", "found"],
            lead=numbers,
            columns=difference.differing[:1],
        )
    return lines
