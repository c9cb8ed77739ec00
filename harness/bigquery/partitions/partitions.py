"""Partitions: how a table is cut, the id that a row's partition has, and what each holds.

Ids are BigQuery's: ``2021013117``, ``20210131``, ``202101`` and ``2021`` for the four time types,
the lower bound for an integer range, ``__NULL__`` and ``__UNPARTITIONED__``.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.field_names import PARTITION_TIME
from harness.bigquery.sql.clocked import NOW
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

FORMATS = {"HOUR": "%Y%m%d%H", "DAY": "%Y%m%d", "MONTH": "%Y%m", "YEAR": "%Y"}
_DIGITS = {"HOUR": 10, "DAY": 8, "MONTH": 6, "YEAR": 4}
_SPECIAL = ("__NULL__", "__UNPARTITIONED__")
# "Introduction to partitioned tables": what is outside is in __UNPARTITIONED__.
_FIRST, _AFTER = "1960-01-01", "2160-01-01"


@dataclass(frozen=True, kw_only=True)
class Partition:
    """A partition as a fact.

    Attributes:
        id: BigQuery's partition id.
        rows: Number of rows.
        created: When it was first written, in milliseconds since the epoch.
        modified: When it last changed, likewise.
    """

    id: str
    rows: int
    created: int
    modified: int


@dataclass(frozen=True, kw_only=True)
class Partitioning:
    """How a table is cut.

    Attributes:
        type: ``HOUR``, ``DAY``, ``MONTH``, ``YEAR`` or ``RANGE``.
        field: The column, or None for ingestion time.
        expiration: Milliseconds that a partition lives; kept as given.
        start: Of an integer range, included.
        end: Of an integer range, excluded.
        interval: Width of each integer range.
    """

    type: str
    field: str | None = None
    expiration: str | None = None
    start: int = 0
    end: int = 0
    interval: int = 1

    @property
    def by_ingestion(self) -> bool:
        """Whether rows are cut by the time at which they came."""
        return self.field is None

    @property
    def column(self) -> str:
        """The column that is looked at, which may be a pseudo column."""
        return self.field or PARTITION_TIME

    def id_sql(self) -> str:
        """The SQL expression of a row's partition id."""
        return self._named(self._start_sql(quoted(self.column)))

    def counts(self, cursor: duckdb.DuckDBPyConnection, rows_in: str) -> dict[str, int]:
        """Rows of a DuckDB table by partition."""
        # The starts are grouped first, so that few of them are written as texts.
        return dict(
            cursor.execute(
                f"SELECT {self._named('part')}, CAST(sum(n) AS BIGINT) FROM (SELECT "  # noqa: S608
                f"{self._start_sql(quoted(self.column))} AS part, count(*) AS n FROM {rows_in} "
                "GROUP BY 1) GROUP BY 1 ORDER BY 1"
            ).fetchall()
        )

    def _start_sql(self, value: str) -> str:
        """Where the partition of a value starts: a number, or civil time in UTC."""
        if self.type == "RANGE":
            lower = (
                f"{self.start} + (({value} - {self.start}) // {self.interval}) * {self.interval}"
            )
            return (
                f"CASE WHEN {value} < {self.start} THEN CAST({self.start} AS HUGEINT) - 1 "
                f"WHEN {value} >= {self.end} THEN {self.end} ELSE {lower} END"
            )
        # DATE, TIMESTAMP and DATETIME alike, and much faster than a cast by time zone.
        return f"date_trunc('{self.type.lower()}', make_timestamp(epoch_us({value})))"

    def _named(self, start: str) -> str:
        """The partition id for a start."""
        if self.type == "RANGE":
            outside = f"{start} < {self.start} OR {start} >= {self.end}"
            text = f"CAST({start} AS VARCHAR)"
        else:
            outside = f"{start} < TIMESTAMP '{_FIRST}' OR {start} >= TIMESTAMP '{_AFTER}'"
            text = f"strftime({start}, {literal(FORMATS[self.type])})"
        return (
            f"CASE WHEN {start} IS NULL THEN '__NULL__' "
            f"WHEN {outside} THEN '__UNPARTITIONED__' ELSE {text} END"
        )

    def check_id(self, partition: str) -> None:
        """Refuse an id that no partition of this table can have.

        Raises:
            ApiError: It is one.
        """
        if partition in _SPECIAL and not self.by_ingestion:
            return
        if self.type != "RANGE":
            self.time_sql(partition)
            return
        whole = re.fullmatch(r"-?\d+", partition)
        if (
            not whole
            or (int(partition) - self.start) % self.interval
            or not (self.start <= int(partition) < self.end)
        ):
            raise ApiError(
                "invalid", f"Invalid partition id {partition} for a table partitioned by range"
            )

    def gone(self, partitions: Iterable[Partition], *, now: int) -> tuple[str, ...]:
        """Ids of the partitions whose time is over.

        "Managing partitioned tables" of the reference: the time is counted from the start of the
        partition, in UTC, whenever its rows came.

        Args:
            partitions: The table's partitions.
            now: Milliseconds since the epoch.
        """
        if not self.expiration or self.type == "RANGE":
            return ()
        last = dt.datetime.fromtimestamp((now - int(self.expiration)) / 1000, tz=dt.UTC)
        newest = last.strftime(FORMATS[self.type])
        return tuple(
            part.id for part in partitions if part.id not in _SPECIAL and part.id <= newest
        )

    def bounds_sql(self, partition: str) -> tuple[str, str]:
        """The least and the greatest value that rows of a partition may have, as SQL."""
        if partition in _SPECIAL:
            return "NULL", "NULL"
        if self.type == "RANGE":
            low = int(partition)
            return str(low), str(min(low + self.interval, self.end) - 1)
        low_sql = f"CAST({self.time_sql(partition)} AS TIMESTAMP)"
        last = f"INTERVAL 1 {self.type} - INTERVAL 1 MICROSECOND"
        return low_sql, f"{low_sql} + {last}"

    def now_sql(self) -> str:
        """The start of the partition that rows go to which come now, as SQL."""
        return f"date_trunc('{self.type.lower()}', {NOW})"

    def time_sql(self, partition: str) -> str:
        """The start of a time partition as SQL.

        Raises:
            ApiError: The id is not one of such a partition.
        """
        if self.type == "RANGE" or not re.fullmatch(rf"\d{{{_DIGITS[self.type]}}}", partition):
            raise ApiError(
                "invalid",
                f"Invalid partition id {partition} for a table partitioned by {self.type}",
            )
        year, month, day, hour = (
            partition[:4],
            partition[4:6] or "01",
            partition[6:8] or "01",
            partition[8:] or "00",
        )
        try:
            dt.datetime(int(year), int(month), int(day), int(hour or 0), tzinfo=dt.UTC)
        except ValueError as error:
            raise ApiError("invalid", f"Invalid partition id {partition}") from error
        return f"TIMESTAMPTZ '{year}-{month}-{day} {hour}:00:00+00'"

    def rest(self) -> dict[str, Any]:
        """The part of a Table resource that tells it."""
        if self.type == "RANGE":
            bounds = {
                "start": str(self.start),
                "end": str(self.end),
                "interval": str(self.interval),
            }
            return {"rangePartitioning": {"field": self.field, "range": bounds}}
        spec = {"type": self.type}
        if self.field is not None:
            spec["field"] = self.field
        if self.expiration is not None:
            spec["expirationMs"] = self.expiration
        return {"timePartitioning": spec}

    def described(self) -> str:
        """As BigQuery's messages say it."""
        if self.type == "RANGE":
            return f"range(field:{self.field})"
        field = f",field:{self.field}" if self.field else ""
        return f"interval(type:{self.type.lower()}{field})"


def split_decorator(table: str) -> tuple[str, str]:
    """Split ``table$20210131`` into the table and the partition id, which may be empty."""
    name, _, partition = table.partition("$")
    return name, partition
