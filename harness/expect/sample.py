"""A few rows of a table as lines of plain text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from harness.plain import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ROWS = 5
_CELL = 28
_LINE = 96


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table with its columns aligned; cells that are too long are cut."""
    cells = [[visible(cell, width=_CELL) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def listed(label: str, names: Sequence[str], *, most: int = 10) -> list[str]:
    """Lines that name the first of some things, with how many there are."""
    shown = [visible(name, width=_LINE) for name in names[:most]]
    if len(names) > most:
        shown.append(f"and {len(names) - most:,} more")
    text = f"{label} ({len(names):,}): {', '.join(shown)}"
    return textwrap.wrap(text, _LINE, subsequent_indent="  ", break_on_hyphens=False)


def shown_value(scalar: pa.Scalar[Any]) -> str:
    """A value for a reader: text in quotes, so that an empty one is seen, and null by name."""
    if not scalar.is_valid:
        return "null"
    try:
        value = scalar.as_py()
    except ValueError:
        # Python's datetime has no nanoseconds, nor years past 9999.
        return str(scalar.cast(pa.string()).as_py())
    if isinstance(value, str | bytes):
        return visible(repr(value[:_CELL] if len(value) > _CELL else value))
    return visible(str(value), width=_CELL)


def rows_at(
    table: pa.Table, positions: pa.Array, *, column: str, most: int = MOST_ROWS
) -> list[str]:
    """Lines that show some rows: their position, the column in question and a few others.

    Args:
        table: What was read.
        positions: Positions of rows, counted from 0 as in the Arrow table.
        column: The column in question, shown first.
        most: How many rows to show.
    """
    first = positions[:most].to_pylist()
    lead = [[f"{position:,}"] for position in first]
    lines = rows_beside(table, first, header=["row"], lead=lead, columns=[column])
    if len(positions) > most:
        lines.append(f"... and {len(positions) - most:,} more rows")
    return lines


def rows_beside(
    table: pa.Table,
    positions: Sequence[int],
    *,
    header: Sequence[str],
    lead: Sequence[Sequence[str]],
    columns: Sequence[str] = (),
) -> list[str]:
    """Lines that show rows, as many of their columns as a line holds.

    Args:
        table: What was read.
        positions: Positions of the rows.
        header: Names of what stands before the columns.
        lead: What stands there, for each row.
        columns: Columns to show first.
    """
    wanted = [table.column_names.index(name) for name in columns]
    order = [*wanted, *(at for at in range(table.num_columns) if at not in wanted)]
    # Slices, as Arrow cannot take rows of every type.
    part = pa.concat_tables([table.slice(position, 1) for position in positions]).select(order)
    header, rows = list(header), [list(cells) for cells in lead]
    width = sum(2 + max(map(len, cells)) for cells in zip(header, *rows, strict=True))
    for at, (name, values) in enumerate(zip(part.column_names, part.columns, strict=True)):
        cells = [shown_value(value) for value in values]
        width += 2 + min(_CELL, max(map(len, (name, *cells))))
        if width > _LINE and at >= max(len(columns), 1):
            break
        header.append(name)
        for row, cell in zip(rows, cells, strict=True):
            row.append(cell)
    return aligned(header, rows)
