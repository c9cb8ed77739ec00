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


def rows_at(table: pa.Table, positions: pa.Array, *, column: str) -> list[str]:
    """Lines that show some rows: their position, the column in question and a few others.

    Args:
        table: What was read.
        positions: Positions of rows, counted from 0 as in the Arrow table.
        column: The column in question, shown first.
    """
    index = table.column_names.index(column)
    order = [index, *(at for at in range(table.num_columns) if at != index)]
    first = positions[:MOST_ROWS].to_pylist()
    # Slices, as Arrow cannot take rows of every type.
    part = pa.concat_tables([table.slice(position, 1) for position in first]).select(order)
    rows = [[f"{position:,}"] for position in first]
    header, width = ["row"], 5
    for name, values in zip(part.column_names, part.columns, strict=True):
        cells = [shown_value(value) for value in values]
        width += 2 + min(_CELL, max(map(len, (name, *cells))))
        if width > _LINE and len(header) > 1:
            break
        header.append(name)
        for row, cell in zip(rows, cells, strict=True):
            row.append(cell)
    lines = aligned(header, rows)
    if len(positions) > MOST_ROWS:
        lines.append(f"... and {len(positions) - MOST_ROWS:,} more rows")
    return lines
