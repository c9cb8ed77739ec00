"""Names and types of a CSV file's columns, as BigQuery's "Using schema auto-detection" says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.loads.parsing import looks_like
from harness.bigquery.types import Field, checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

_DETECTED = ("BOOL", "INT64", "FLOAT64", "DATE", "TIMESTAMP", "TIME")
# Rows that are looked at, of the first file.
_SAMPLE = 500
_HEAD = "f = 0 AND r = 0"


def detected(
    cursor: duckdb.DuckDBPyConnection, raw: str, first: Sequence[str], *, has_head: bool
) -> tuple[tuple[Field, ...], bool]:
    """Tell the columns of texts that were read, and take a line of names away.

    Args:
        cursor: Where the texts are.
        raw: Their table: ``f`` the file, ``r`` the row, then ``c0`` and so on.
        first: The first row.
        has_head: Whether the first row is known to hold the names.

    Returns:
        The columns, and whether a line of names was taken away.

    Raises:
        ApiError: A name is not allowed.
    """
    sample = f"f = 0 AND r > 0 AND r <= {_SAMPLE}"
    kinds = [_kind(cursor, raw, number, sample) for number in range(len(first))]
    heads = [_kind(cursor, raw, number, _HEAD) for number in range(len(first))]
    # "If the first line contains only strings, and the other lines do not": it has the names.
    texts = all(kind in ("STRING", None) for kind in heads) and any(first)
    headed = has_head or (texts and any(kind not in ("STRING", None) for kind in kinds))
    if headed:
        _drop_heads(cursor, raw, first)
        given = list(first)
    else:
        kinds = [_joined(kind, head) for kind, head in zip(kinds, heads, strict=True)]
        given = [""] * len(first)
    names = [
        _name(text, kind or "STRING", number)
        for number, (text, kind) in enumerate(zip(given, kinds, strict=True))
    ]
    fields = [
        Field(name=name, type=kind or "STRING") for name, kind in zip(names, kinds, strict=True)
    ]
    return checked(tuple(fields)), headed


def _drop_heads(cursor: duckdb.DuckDBPyConnection, raw: str, first: Sequence[str]) -> None:
    alike = " AND ".join(
        f"first.c{number} IS NOT DISTINCT FROM other.c{number}" for number in range(len(first))
    )
    strange = cursor.execute(
        f"SELECT 1 FROM {raw} AS other, {raw} AS first WHERE other.r = 0 "  # noqa: S608
        f"AND first.f = 0 AND first.r = 0 AND NOT ({alike}) LIMIT 1"
    ).fetchone()
    if strange:
        raise UnsupportedError("autodetect of several CSV files with different lines of names")
    cursor.execute(f"DELETE FROM {raw} WHERE r = 0")  # noqa: S608
    cursor.execute(f"UPDATE {raw} SET r = r - 1")  # noqa: S608


def _name(text: str, kind: str, number: int) -> str:
    """A column's name: of the file as far as it may be one, or made up as the real service does."""
    if not text.strip():
        return f"{'double' if kind == 'FLOAT64' else kind.lower()}_field_{number}"
    name = re.sub(r"[^A-Za-z0-9_]", "_", text.strip())
    return f"_{name}" if name[0].isdigit() else name


def _joined(kind: str | None, head: str | None) -> str | None:
    if kind is None or head is None or kind == head:
        return kind or head
    numbers = {"INT64", "FLOAT64"}
    if {kind, head} == numbers:
        return "FLOAT64"
    return "TIMESTAMP" if {kind, head} == {"DATE", "TIMESTAMP"} else "STRING"


def _kind(cursor: duckdb.DuckDBPyConnection, raw: str, number: int, where: str) -> str | None:
    """The type of a column; None where it has no value."""
    value = f"nullif(c{number}, '')"
    tests = ", ".join(f"bool_and({looks_like(kind, value)})" for kind in _DETECTED)
    row = cursor.execute(f"SELECT count({value}), {tests} FROM {raw} WHERE {where}").fetchone()  # noqa: S608
    if not row or not row[0]:
        return None
    fitting = [kind for kind, fits in zip(_DETECTED, row[1:], strict=True) if fits]
    return fitting[0] if fitting else "STRING"
