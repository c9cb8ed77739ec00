"""Decimals of parquet with more than 38 digits, which DuckDB would read as DOUBLE without a word.

The public client writes a BIGNUMERIC of a DataFrame as one of 76.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.quoting import literal

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    import duckdb
    import pyarrow as pa

# Digits of DuckDB's DECIMAL at most.
_KNOWN = 38


def long_decimals(
    cursor: duckdb.DuckDBPyConnection, columns: Sequence[tuple[str, Any]], paths: Sequence[Path]
) -> set[str]:
    """The columns of files that are such decimals.

    Args:
        cursor: What reads the files.
        columns: The columns with DuckDB's types.
        paths: The files.

    Raises:
        UnsupportedError: There is one within STRUCT or ARRAY.
    """
    if not any(_has_real(kind) for _, kind in columns):
        return set()
    listed = ", ".join(literal(str(path)) for path in paths)
    # Asked of DuckDB first, as Arrow's reader takes long to be loaded.
    asked = f"SELECT 1 FROM parquet_schema([{listed}]) WHERE precision > {_KNOWN}"  # noqa: S608
    if not cursor.execute(asked).fetchall():
        return set()
    import pyarrow.parquet as pq  # noqa: PLC0415

    found: set[str] = set()
    for path in paths:
        for field in pq.read_schema(path):
            _refuse_within(field, field.name)
            if _is_long(field.type):
                found.add(field.name)
    return found


def with_texts(paths: Sequence[Path], names: Collection[str]) -> pa.Table:
    """The content of files, with some of their decimals as texts."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    content = pa.concat_tables([pq.ParquetFile(path).read() for path in paths])
    for place, name in enumerate(content.column_names):
        if name in names:
            content = content.set_column(place, name, content[name].cast(pa.string()))
    return content


def _has_real(kind: Any) -> bool:
    if kind.id in ("list", "struct"):
        return any(_has_real(child) for _, child in kind.children)
    return bool(kind.id == "double")


def _refuse_within(field: pa.Field, place: str) -> None:
    for number in range(field.type.num_fields):
        inner = field.type.field(number)
        if _is_long(inner.type):
            raise UnsupportedError(f"{inner.type} in {place}")
        _refuse_within(inner, place)


def _is_long(kind: pa.DataType) -> bool:
    import pyarrow as pa  # noqa: PLC0415

    return bool(pa.types.is_decimal256(kind))
