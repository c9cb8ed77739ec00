"""Tabular bodies made smaller: csv, JSON lines and parquet, packed by gzip or not."""

from __future__ import annotations

import gzip
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from harness.engine import memory
from harness.plain import counted
from harness.record.bodies import readable
from harness.record.sample import chosen_rows

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

Format = Literal["csv", "jsonl", "parquet"]
_PARQUET = b"PAR1"
_ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
_MEDIA_TYPES: dict[str, Format] = {
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
    "application/vnd.apache.parquet": "parquet",
}
_READERS = {"csv": "read_csv", "jsonl": "read_json", "parquet": "read_parquet"}
_OPTIONS = {
    "csv": ", sample_size = -1, strict_mode = false, null_padding = true, parallel = false",
    "jsonl": ", format = 'newline_delimited'",
    "parquet": "",
}


@dataclass(frozen=True, kw_only=True)
class Shrunk:
    """A body that was made smaller.

    Attributes:
        body: What is left of it, in its own format.
        rows: How many rows are left.
        of: How many rows there were.
    """

    body: bytes
    rows: int
    of: int


def format_of(url: str, content_type: str, body: bytes) -> Format | None:
    """The format of a tabular body, or None for any other.

    Args:
        url: Where it came from.
        content_type: Its media type.
        body: The body.
    """
    if body.startswith(_PARQUET):
        return "parquet"
    path = url.partition("?")[0].lower().removesuffix(".gz")
    ending = next((one for one in _ENDINGS if path.endswith(one)), "")
    found = _ENDINGS.get(ending) or _MEDIA_TYPES.get(content_type.partition(";")[0].strip())
    return None if found == "parquet" else found


class StaysWhole(Exception):  # noqa: N818 - no error: the body is good, and is kept
    """A table cannot be made smaller; the message says why."""


def shrink(body: bytes, *, format: Format, count: int) -> Shrunk | None:  # noqa: A002
    """Keep a sample as ``sampled`` does; None where the table stays whole.

    Args:
        body: The body.
        format: Its format.
        count: How many rows are wanted.
    """
    try:
        return sampled(body, format=format, count=count)
    except StaysWhole:
        return None


def sampled(body: bytes, *, format: Format, count: int) -> Shrunk:  # noqa: A002
    """Keep a sample of a tabular body.

    Lines that are kept are kept byte by byte, and parquet keeps its schema and metadata.

    Args:
        body: The body.
        format: Its format.
        count: How many rows are wanted.

    Raises:
        StaysWhole: It has no more rows, or cannot be read as its format.
    """
    import duckdb  # noqa: PLC0415

    plain = readable(body)
    with tempfile.TemporaryDirectory(prefix="mage-harness-sample-") as folder:
        file = Path(folder) / f"body.{format}"
        file.write_bytes(plain)
        with memory() as connection:
            try:
                rows = _read(connection, file, format=format)
            except duckdb.Error as error:
                cause = str(error).partition("\n")[0]
                raise StaysWhole(f"it cannot be read as {format} ({cause})") from error
            if rows <= count:
                raise StaysWhole(f"it has no more than {counted(rows, 'row')}")
            kept = chosen_rows(connection, "data", count=count)
    left = (
        _parquet_rows(plain, kept)
        if format == "parquet"
        else _lines(plain, kept, rows=rows, header=format == "csv")
    )
    if left is None:
        raise StaysWhole("a row of it is not always a line")
    # The time of packing would make each recording another one.
    packed = left if plain is body else gzip.compress(left, mtime=0)
    return Shrunk(body=packed, rows=len(kept), of=rows)


def _read(connection: duckdb.DuckDBPyConnection, file: Path, *, format: Format) -> int:  # noqa: A002
    # One thread: rows are numbered in their order.
    connection.execute("SET threads = 1")
    connection.execute(
        f"CREATE TEMP TABLE data AS SELECT row_number() OVER () - 1 AS n, * "  # noqa: S608
        f"FROM {_READERS[format]}(?{_OPTIONS[format]})",
        [str(file)],
    )
    return int(connection.execute("SELECT count(*) FROM data").fetchall()[0][0])


def _parquet_rows(body: bytes, kept: pa.Array) -> bytes:
    import pyarrow.parquet as pq  # noqa: PLC0415

    source = pq.ParquetFile(io.BytesIO(body))
    codec = source.metadata.row_group(0).column(0).compression.lower()
    sink = io.BytesIO()
    pq.write_table(
        source.read().take(kept),
        sink,
        compression="none" if codec == "uncompressed" else codec,
        version=source.metadata.format_version,
    )
    return sink.getvalue()


def _lines(body: bytes, kept: pa.Array, *, rows: int, header: bool) -> bytes | None:
    """The lines of rows, byte by byte; None where a row is not a line."""
    import numpy as np  # noqa: PLC0415

    content = np.frombuffer(body, dtype=np.uint8)
    ends = np.flatnonzero(content == ord("\n")) + 1
    if len(ends) == 0 or ends[-1] != len(content):
        ends = np.append(ends, len(content))
    starts = np.concatenate(([0], ends[:-1]))
    # A file without a header has as many lines as rows; its first line stays all the same, since
    # nobody can be sure that it is none.
    if len(ends) not in (rows, rows + header):
        return None
    named = header and len(ends) == rows + 1
    wanted = kept.to_numpy() + int(named)
    if header:
        wanted = np.unique(np.concatenate(([0], wanted)))
    left: bytes = content[_within(starts[wanted], ends[wanted])].tobytes()
    return left


def _within(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The places of all bytes of some stretches, one stretch after the other."""
    import numpy as np  # noqa: PLC0415

    sizes = ends - starts
    before = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    return np.repeat(starts - before, sizes) + np.arange(sizes.sum())
