"""Checks of keys: of several columns together, and against another table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from harness.errors import InputError
from harness.expect.compare.common import common
from harness.expect.engine import engine
from harness.expect.finding import Finding
from harness.expect.groups import COUNTED, gathered, groups, row_positions
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
_ORPHANS = f"""
    SELECT {COUNTED}
    FROM own WHERE value IS NOT NULL AND (odd OR value NOT IN
        (SELECT value FROM other WHERE value IS NOT NULL AND NOT odd))
    GROUP BY shown ORDER BY 2 DESC, 1 LIMIT ?
"""  # noqa: S608 - own names


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
    found = groups(columns, among=known, most=_MOST)
    if not found.values:
        return None
    lines = rows_beside(
        subject.table,
        [at for at, _ in found.first],
        header=["rows"],
        lead=[[f"{number:,}"] for _, number in found.first],
        columns=names,
    )
    if found.values > len(found.first):
        lines.append(f"... and {found.values - len(found.first):,} more keys")
    return Finding(
        about=subject.label,
        difference=f"expected unique rows by {', '.join(names)}, found"
        f" {counted(found.values, 'key')} more than once,"
        f" {counted(found.surplus, 'row')} too many of {subject.table.num_rows:,}",
        lines=tuple(lines),
        facts={"check": "unique", "columns": list(names), "keys": found.values, "rows": found.rows},
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
        found = gathered(connection.execute(_ORPHANS, [_MOST]).fetchall())
    if not found.values:
        return None
    return Finding(
        about=subject.label,
        difference=f"expected values of {wanted} in column {name}, found"
        f" {counted(found.values, 'value')} that it does not have,"
        f" in {found.rows:,} of {len(values):,} rows",
        lines=tuple(frequencies(subject, name, found)),
        facts={
            "check": "foreign_key",
            "column": name,
            "other": other.label,
            "values": found.values,
            "rows": found.rows,
        },
    )


def _marked(half: Half) -> pa.Table:
    rows = len(half.values)
    odd = pa.repeat(pa.scalar(value=False), rows) if half.odd is None else half.odd
    return pa.table({"value": half.values, "odd": odd, "position": row_positions(0, rows)})
