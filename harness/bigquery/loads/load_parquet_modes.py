"""Columns of parquet that are required, which DuckDB does not tell.

A file whose column may be NULL is not appended to a REQUIRED one; dlt and the public client write
such columns as required ones.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.bigquery.types import Field


def with_modes(
    fields: tuple[Field, ...], paths: Sequence[Path], *, known: tuple[Field, ...]
) -> tuple[Field, ...]:
    """The columns of files as they meet those of a table.

    Args:
        fields: The columns of the files.
        paths: The files.
        known: The table's columns.

    Returns:
        The same; REQUIRED is what is so in the table and in all files.
    """
    wanted = {one.name.lower() for one in known if one.mode == "REQUIRED"}
    wanted &= {one.name.lower() for one in fields if one.mode == "NULLABLE"}
    for path in paths:
        if not wanted:
            return fields
        wanted &= _required(path)
    return tuple(
        replace(one, mode="REQUIRED") if one.name.lower() in wanted else one for one in fields
    )


def _required(path: Path) -> set[str]:
    import pyarrow.parquet as pq  # noqa: PLC0415

    return {field.name.lower() for field in pq.read_schema(path) if not field.nullable}
