"""How a table differs from the one that is expected: by column and by row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from harness.expect.compare.changed import changed
from harness.expect.compare.columns import (
    ColumnDifference,
    is_other,
    no_rows,
    of_other_type,
    shared,
    why_of,
)
from harness.expect.compare.common import common
from harness.expect.compare.numeric import is_exact, numerics
from harness.expect.compare.options import check_names
from harness.expect.compare.pairing import Group, Pairing, as_wholes, by_key, by_place
from harness.expect.compare.repeated import Repeated, repeated_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.expect.compare.common import Half
    from harness.expect.compare.options import Options
    from harness.expect.compare.side import Side

SHOWN = 5
_EXPLAINED = 8


@dataclass(frozen=True, kw_only=True)
class Difference:
    """All that differs.

    Attributes:
        columns: Columns that are not as expected.
        pairs: Which rows were compared with which, and which have no partner.
        missing: How many expected rows are not there.
        extra: How many rows are there that are not expected.
        changed: Rows, by their place among the pairs, with another value in some column.
        repeated: Keys that cannot tell rows apart; then rows were not compared.
        groups: Without a key: rows that occur more or less often than expected.
        differing: Without a key: columns in which what is missing and extra have other values.
        misplaced: The first pair that is out of order, or None.
    """

    columns: tuple[ColumnDifference, ...] = ()
    pairs: Pairing
    missing: int = 0
    extra: int = 0
    changed: pa.Array = field(default_factory=no_rows)
    repeated: tuple[Repeated, ...] = ()
    groups: tuple[Group, ...] = ()
    differing: tuple[str, ...] = ()
    misplaced: int | None = None

    @property
    def none(self) -> bool:
        """Whether there is no difference."""
        return not (
            self.columns
            or self.missing
            or self.extra
            or self.repeated
            or self.misplaced is not None
        )


def difference(expected: Side, found: Side, options: Options) -> Difference:
    """Compare two tables.

    Raises:
        InputError: The options name columns that are not there.
    """
    check_names(options, expected, found)
    names, columns = shared(expected, found, options)
    halves = {
        name: _halves(
            name,
            expected,
            found,
            tolerant=name not in options.key and options.tolerance_of(name) is not None,
        )
        for name in names
    }
    comparable = {name: pair for name, pair in halves.items() if pair is not None}
    others = [name for name in names if is_other(name, expected, found, comparable, options)]
    keys = [(name, comparable.get(name)) for name in options.key]
    repeated = tuple(
        one
        for at, side in enumerate((expected, found))
        for one in repeated_keys(
            side, [(name, pair and pair[at]) for name, pair in keys], most=SHOWN
        )
    )
    unmatched = any(name not in comparable for name in options.key)
    if repeated or unmatched:
        nothing = by_place(0, 0)
        columns += of_other_type(others, expected, found, nothing)
        return Difference(columns=tuple(columns), pairs=nothing, repeated=repeated)
    if options.key:
        pairs = by_key([comparable[name] for name in options.key])
    else:
        pairs = by_place(expected.table.num_rows, found.table.num_rows)
    columns += of_other_type(others, expected, found, pairs)
    if not options.key and not options.order:
        return _unordered(comparable, columns, expected, found, place=pairs)
    differing = _changed(comparable, expected, found, pairs, options)
    return Difference(
        columns=(*_told(differing, expected, found, pairs), *columns),
        pairs=pairs,
        missing=len(pairs.missing),
        extra=len(pairs.extra),
        changed=_union([rows for _, rows in differing]),
        misplaced=_misplaced(pairs) if options.order else None,
    )


def _halves(name: str, expected: Side, found: Side, *, tolerant: bool) -> tuple[Half, Half] | None:
    sides = (expected, found)
    if not tolerant and any(name in side.numeric for side in sides):
        columns = [side.exact(name) for side in sides]
        exact = [name in side.numeric or is_exact(side.exact(name).type) for side in sides]
        if all(exact):
            return numerics(*columns)
    return common(expected.table.column(name), found.table.column(name), tolerant=tolerant)


def _changed(
    comparable: Mapping[str, tuple[Half, Half]],
    expected: Side,
    found: Side,
    pairs: Pairing,
    options: Options,
) -> list[tuple[str, pa.Array]]:
    """Columns with other values in rows that have a partner, those with most rows first."""
    differing = []
    for name, (first, second) in comparable.items():
        if name in options.key:
            continue
        rows = changed(
            _taken(first, pairs.expected, expected),
            _taken(second, pairs.found, found),
            options.tolerance_of(name),
        )
        if len(rows):
            differing.append((name, rows))
    return sorted(differing, key=lambda one: -len(one[1]))


def _told(
    differing: list[tuple[str, pa.Array]], expected: Side, found: Side, pairs: Pairing
) -> list[ColumnDifference]:
    """Changed columns; the first are explained."""
    return [
        ColumnDifference(
            name=name,
            what="changed",
            expected=expected.type_of(name),
            found=found.type_of(name),
            rows=rows,
            why=why_of(name, expected, found, pairs) if at < _EXPLAINED else "",
        )
        for at, (name, rows) in enumerate(differing)
    ]


def _taken(half: Half, positions: pa.Array, side: Side) -> Half:
    """The rows at some positions; no copy where these are all rows in their order."""
    rows = side.table.num_rows
    if len(positions) == rows and (rows == 0 or _rises(positions)):
        return half
    return half.take(positions)


def _rises(positions: pa.Array) -> bool:
    """Whether each position is greater than the one before."""
    if not len(positions):
        return True
    return bool(pc.all(pc.less(positions[:-1], positions[1:])).as_py() is not False)


def _unordered(
    comparable: Mapping[str, tuple[Half, Half]],
    columns: list[ColumnDifference],
    expected: Side,
    found: Side,
    *,
    place: Pairing,
) -> Difference:
    """Rows as wholes, each as often as it occurs."""
    same_number = not len(place.missing) and not len(place.extra)
    equal = all(len(changed(*pair)) == 0 for pair in comparable.values()) if same_number else False
    if equal or not comparable:
        return Difference(
            columns=tuple(columns),
            pairs=place,
            missing=len(place.missing),
            extra=len(place.extra),
        )
    missing, extra, groups, places = as_wholes(list(comparable.values()), most=SHOWN)
    names = list(comparable)
    differing = tuple(names[at] for at in places)
    if same_number and len(groups):
        # Where rows kept their order, the values tell what became of them.
        why = {name: why_of(name, expected, found, place) for name in differing[:_EXPLAINED]}
        columns += [
            ColumnDifference(name=name, what="changed", why=words)
            for name, words in why.items()
            if words
        ]
    return Difference(
        columns=tuple(columns),
        pairs=place,
        missing=missing,
        extra=extra,
        groups=tuple(groups),
        differing=differing,
    )


def _union(parts: list[pa.Array]) -> pa.Array:
    if not parts:
        return no_rows()
    return pc.unique(pa.concat_arrays(parts)).sort()


def _misplaced(pairs: Pairing) -> int | None:
    """The first pair whose found row comes before that of the pair before it."""
    if _rises(pairs.found):
        return None
    return int(pc.index(pc.less(pairs.found[:-1], pairs.found[1:]), value=False).as_py()) + 1
