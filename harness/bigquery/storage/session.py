"""One read session and its streams: what they read, as SQL."""

from __future__ import annotations

import threading
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.bigquery.storage.filter import ALIAS

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from harness.bigquery.entries import Table


@dataclass(frozen=True, kw_only=True)
class Stream:
    """A part of a session.

    Attributes:
        name: Its full name.
        low: The first row id.
        high: The row id after the last.
    """

    name: str
    low: int
    high: int


@dataclass(kw_only=True)
class ReadSession:
    """A session.

    Attributes:
        name: Its full name.
        table: The table as it was.
        columns: SQL of the columns.
        conditions: SQL of what a row of ``_read`` must fulfil.
        schema: Of what is read.
        compression: Of Arrow's buffers, or None.
        packed: Whether each answer is compressed as a whole.
        rows_per_batch: So many that a batch has a sensible size.
        expires: Seconds since the epoch.
        streams: By name.
        unread: Names of those that nobody has read to the end.
    """

    name: str
    table: Table
    columns: tuple[str, ...]
    conditions: tuple[str, ...]
    schema: pa.Schema
    compression: str | None = None
    packed: bool = False
    rows_per_batch: int = 8192
    expires: float = 0.0
    streams: dict[str, Stream] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    held: duckdb.DuckDBPyConnection | None = None
    holding: ExitStack = field(default_factory=ExitStack)
    copy: str | None = None
    gone: bool = False

    def add(self, low: int, high: int) -> Stream:
        """Cut a stream from it."""
        stream = Stream(name=f"{self.name}/streams/{uuid.uuid4().hex}", low=low, high=high)
        self.streams[stream.name] = stream
        self.unread.add(stream.name)
        return stream

    def sql(self, stream: Stream, *, offset: int) -> str:
        """What reads a stream."""
        source, row = self.table.rows_in, "rowid"
        conditions = self.conditions
        if self.copy is not None:
            source, row, conditions = self.copy, self.table.row_column, ()
        within = f"{ALIAS}.{row} >= {stream.low} AND {ALIAS}.{row} < {stream.high}"
        where = " AND ".join((within, *conditions))
        # A scan keeps the order of insertion, so the same offset is always the same row.
        return (
            f"SELECT {', '.join(self.columns)} FROM {source} AS {ALIAS} WHERE {where}"  # noqa: S608
            + (f" OFFSET {offset}" if offset else "")
        )
