"""Lists of parquet as the file has them, which is what BigQuery loads without list inference.

"Loading Parquet data" of the reference: a LIST is a group with a repeated group with the element,
and comes as these: ``l`` is a RECORD with the REPEATED RECORD ``list``, which has ``element``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.loads.load_columns import has_list
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def as_written(reader: str, columns: Sequence[tuple[str, Any]], path: Path) -> str:
    """What stands in FROM for a file with its lists as they are written.

    Args:
        reader: SQL that stands in FROM and gives lists.
        columns: Its columns with DuckDB's types.
        path: A file that it reads.

    Raises:
        UnsupportedError: A list is written in one of the older forms.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415

    schema = pq.ParquetFile(path).schema
    paths = [tuple(schema.column(place).path.split(".")) for place in range(len(schema))]
    cells = [
        f"{_written(kind, quoted(name), (name,), paths)} AS {quoted(name)}"
        for name, kind in columns
    ]
    return f"(SELECT {', '.join(cells)} FROM {reader})"  # noqa: S608


def _written(
    kind: Any, value: str, place: tuple[str, ...], paths: Sequence[tuple[str, ...]]
) -> str:
    if not has_list(kind):
        return value
    if kind.id == "struct":
        parts = ", ".join(
            f"{quoted(name)} := "
            + _written(child, f"struct_extract({value}, {literal(name)})", (*place, name), paths)
            for name, child in kind.children
        )
        return f"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({parts}) END"
    inside = {path[len(place) : len(place) + 2] for path in paths if path[: len(place)] == place}
    if len(inside) != 1 or len(group := next(iter(inside))) != 2 or group[0] == "array":  # noqa: PLR2004
        raise UnsupportedError(f"the old form of the list {'.'.join(place)}")
    outer, element = group
    item = f"element_{len(place)}"
    inner = _written(kind.children[0][1], item, (*place, *group), paths)
    items = f"list_transform({value}, lambda {item} : struct_pack({quoted(element)} := {inner}))"
    return f"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({quoted(outer)} := {items}) END"
