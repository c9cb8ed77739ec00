"""Checks of keys: of several columns together, and against another table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from harness.errors import InputError
from harness.expect.compare.common import common
from harness.expect.compare.repeated import twice
from harness.expect.engine import engine
from harness.expect.finding import Finding
from harness.expect.layout import countable
from harness.expect.sample import rows_beside
from harness.expect.schema import has_column
from harness.expect.values import frequencies
from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.expect.compare.common import Half
    from harness.expect.subject import Subject

_MOST = 10
_ORPHANS = """
    SELECT min(position), count(*) AS number, count(*) OVER (), sum(number) OVER ()
    FROM own WHERE value IS NOT NULL AND (odd OR value NOT IN
        (SELECT value FROM other WHERE value IS NOT NULL AND NOT odd))
    GROUP BY shown ORDER BY number DESC, 1 LIMIT ?
"""


def unique(subject: Subject, names: Sequence[str]) -> Finding | None:
    """Whether no two rows have the same values in all of some columns."""
    if not names:
        raise InputError("unique() needs a column", remedy='write .unique("vendor_id", "pickup")')
    for name in names:
        unknown = has_column(subject, name)
        if unknown is not None:
            return unknown
    columns = [subject.table.column(name) for name in names]
    known = pc.is_valid(columns[0])
    for column in columns[1:]:
        known = pc.and_(known, pc.is_valid(column))
    places = pc.indices_nonzero(known)
    keys, rows, first = twice([column.filter(known) for column in columns], most=_MOST)
    if not keys:
        return None
    lines = rows_beside(
        subject.table,
        [places[at].as_py() for at, _ in first],
        header=["rows"],
        lead=[[f"{number:,}"] for _, number in first],
        columns=names,
    )
    if keys > len(first):
        lines.append(f"... and {keys - len(first):,} more keys")
    return Finding(
        about=subject.label,
        difference=f"expected unique rows by {', '.join(names)}, found {counted(keys, 'key')} more"
        f" than once, {counted(rows - keys, 'row')} too many of {subject.table.num_rows:,}",
        lines=tuple(lines),
        facts={"check": "unique", "columns": list(names), "keys": keys, "rows": rows},
    )


def foreign_key(subject: Subject, name: str, other: Subject, column: str) -> Finding | None:
    """Whether each value is one of a column of another table."""
    unknown = has_column(other, column)
    if unknown is not None:
        return unknown
    values, allowed = subject.table.column(name), other.table.column(column)
    pair = common(values, allowed)
    wanted = f"column {column} of {other.label}"
    if pair is None:
        return Finding(
            about=subject.label,
            difference=f"expected values of {wanted} in column {name}, found values of another"
            f" kind: {values.type} and {allowed.type}",
        )
    with engine() as connection:
        connection.register("own", _marked(pair[0]).append_column("shown", countable(values)))
        connection.register("other", _marked(pair[1]))
        groups = connection.execute(_ORPHANS, [_MOST]).fetchall()
    if not groups:
        return None
    _, _, distinct, number = groups[0]
    return Finding(
        about=subject.label,
        difference=f"expected values of {wanted} in column {name}, found"
        f" {counted(distinct, 'value')} that it does not have,"
        f" in {number:,} of {len(values):,} rows",
        lines=tuple(frequencies(subject, name, groups)),
        facts={
            "check": "foreign_key",
            "column": name,
            "other": other.label,
            "values": distinct,
            "rows": int(number),
        },
    )


def _marked(half: Half) -> pa.Table:
    rows = len(half.values)
    ones = pa.repeat(pa.scalar(1, pa.int64()), rows)
    odd = pa.repeat(pa.scalar(value=False), rows) if half.odd is None else half.odd
    positions = pc.subtract(pc.cumulative_sum(ones), 1)
    return pa.table({"value": half.values, "odd": odd, "position": positions})
