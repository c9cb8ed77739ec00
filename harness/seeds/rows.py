"""The rows of a seed that is a table, as DuckDB reads its file."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from harness.seeds.reader import Seed

# The first line names the columns, and each row has all of them: a sniffer that may leave out
# what it does not understand would lose rows without a word. All rows tell of the types.
_CSV = "read_csv(?, header = true, skip = 0, strict_mode = true, sample_size = -1)"
# Quoted, nothing is a text without letters, as in COPY.
_CSV_TEXTS = (
    "read_csv(?, header = true, skip = 0, strict_mode = true, all_varchar = true, "
    "allow_quoted_nulls = false)"
)
_JSONL = "read_json(?, format = 'newline_delimited', sample_size = -1)"
_READERS = {".csv": _CSV, ".csv.gz": _CSV, ".parquet": "read_parquet(?)", ".jsonl": _JSONL}


def is_csv(seed: Seed) -> bool:
    """Whether the file has texts only, and no way to say null but an empty one."""
    return _READERS[seed.kind] == _CSV


@contextmanager
def readable() -> Iterator[None]:
    """Say what is wrong with a file as other errors of seeds are said.

    Raises:
        ValueError: The file cannot be read.
    """
    import duckdb  # noqa: PLC0415

    try:
        yield
    except duckdb.Error as error:
        raise ValueError(str(error)) from error


def found(
    connection: duckdb.DuckDBPyConnection, seed: Seed, *, texts: bool
) -> duckdb.DuckDBPyRelation:
    """The rows of a file.

    Args:
        connection: Where they are read; they last as long as it does.
        seed: The seed.
        texts: Whether a text stays what stands in the file (01.10), since a table says what the
            columns are.

    Raises:
        ValueError: The rows have not all the columns that the first line names.
    """
    reader = _CSV_TEXTS if texts and is_csv(seed) else _READERS[seed.kind]
    rows = connection.sql(f"FROM {reader}", params=[_literal(str(seed.file))])
    names = rows.columns
    if len(names) == 1 and any(one in names[0] for one in ",;|\t"):
        # The one column that is left where the rows have not all the same ones.
        raise ValueError(f"its rows have not all the columns that its first line names: {names[0]}")
    return rows


def _literal(path: str) -> str:
    """A path in which no character stands for others."""
    return "".join(f"[{one}]" if one in "*?[" else one for one in path)
