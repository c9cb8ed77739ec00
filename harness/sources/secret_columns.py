"""The columns of a tabular file whose names say that they are secret, however deep they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.engine import memory
from harness.replay.secrecy import is_secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from harness.record.tabular import Format

_READERS = {
    "csv": "read_csv(?, compression = ?, all_varchar = true, strict_mode = false, "
    "null_padding = true)",
    # Names that differ from row to row stay names: as a map they would be values.
    "jsonl": "read_json(?, compression = ?, format = 'newline_delimited', sample_size = -1, "
    "map_inference_threshold = -1)",
}
_GZIP = b"\x1f\x8b"


def secret_columns(file: Path, form: Format) -> list[str]:
    """The columns that hold text under a name that says it is secret, such as ``owner.password``.

    Args:
        file: The file, packed by gzip or not.
        form: Its format; a file that cannot be read as it has no columns.
    """
    return list(_in_parquet(file) if form == "parquet" else _in_lines(file, _READERS[form]))


def secret_parts(name: str, column: pa.ChunkedArray) -> Iterator[str]:
    """The parts of one column, or the column itself, that hold text and are secret by name.

    Args:
        name: The column's name.
        column: Its values.
    """
    for path, values in _leaves((name,), column):
        if values.null_count < len(values):
            yield ".".join(path)


def _in_parquet(file: Path) -> Iterator[str]:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        source = pq.ParquetFile(file)
    except pa.ArrowInvalid:
        return
    for name in _suspect(source.schema_arrow):
        yield from secret_parts(name, source.read([name]).column(0))


def _in_lines(file: Path, reader: str) -> Iterator[str]:
    import duckdb  # noqa: PLC0415

    with file.open("rb") as stream:
        packing = "gzip" if stream.read(len(_GZIP)) == _GZIP else "none"
    # An object may have a name in which a character stands for others.
    path = "".join(f"[{one}]" if one in "*?[" else one for one in str(file))
    with memory() as connection:
        try:
            connection.execute(f"CREATE TEMP TABLE data AS FROM {reader}", [path, packing])
        except duckdb.Error:
            return
        shape = connection.sql("FROM data LIMIT 0").to_arrow_table().schema
        for name in _suspect(shape):
            quoted = '"' + name.replace('"', '""') + '"'
            column = connection.sql(f"SELECT {quoted} FROM data").to_arrow_table().column(0)  # noqa: S608
            yield from secret_parts(name, column)


def _suspect(schema: pa.Schema) -> list[str]:
    """The columns that must be looked into, by the names within them."""
    return [
        field.name
        for field in schema
        if any(True for _ in _leaves((field.name,), _empty(field.type)))
    ]


def _empty(kind: pa.DataType) -> pa.ChunkedArray:
    import pyarrow as pa  # noqa: PLC0415

    return pa.chunked_array([], kind)


def _leaves(
    path: tuple[str, ...], values: pa.ChunkedArray
) -> Iterator[tuple[tuple[str, ...], pa.ChunkedArray]]:
    """Texts below a column whose name, or that of what they are part of, is a secret's."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    kind = values.type
    if pa.types.is_struct(kind):
        for place in range(kind.num_fields):
            inner = pc.struct_field(values, [place])
            yield from _leaves((*path, kind.field(place).name), inner)
    elif pa.types.is_map(kind):
        items = pa.chunked_array([one.items for one in values.chunks], kind.item_type)
        yield from _leaves(path, items)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _leaves(path, pc.list_flatten(values))
    elif _is_text(kind) and any(map(is_secret, path)):
        yield path, values


def _is_text(kind: pa.DataType) -> bool:
    from pyarrow import types  # noqa: PLC0415

    if types.is_dictionary(kind):
        kind = kind.value_type
    tests = (types.is_string, types.is_large_string, types.is_binary, types.is_large_binary)
    return any(test(kind) for test in tests)
