"""What an expectation is about, as it was when it was looked at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import pyarrow as pa

from harness.errors import ExpectationError
from harness.services.catalogue import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from harness.services.protocol import Column, Sink

_LARGE = 100_000
"""Rows from which on a column is read alone: below, one reading of all serves all checks."""


def real_time() -> dt.datetime:
    """The moment, in UTC."""
    return dt.datetime.now(dt.UTC)


class Source(Protocol):
    """The part of a service that expectations use."""

    def inventory(self) -> Sequence[Sink]:
        """What there is."""

    def describe(self, name: str) -> Sink:
        """One sink by its name."""

    def read(self, name: str) -> pa.Table:
        """All rows of one sink."""

    def partitions(self, name: str) -> Mapping[str, int]:
        """Rows in each partition of a sink."""


@runtime_checkable
class ByColumn(Protocol):
    """A source that can read one column for less than all of them."""

    def read_column(self, name: str, column: str) -> pa.Table:
        """One column of all rows of a sink."""


@runtime_checkable
class ByExtremes(Protocol):
    """A source that can tell a column's least and greatest value for less than all values."""

    def read_extremes(self, name: str, column: str) -> pa.Table | None:
        """The least and the greatest, and a null if there is any; None where it cannot tell."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One sink, or several of a service taken together.

    Attributes:
        source: Where they are.
        sinks: At least one, all with the same columns.
        label: What a message calls it, for example ``GCS object bucket/trips.parquet``.
        now: Tells the time of the world that it is in, with a zone.
    """

    source: Source
    sinks: tuple[Sink, ...]
    label: str
    now: Callable[[], dt.datetime] = real_time

    @property
    def service(self) -> str:
        """The service's name, which says in whose terms types are."""
        return self.sinks[0].service

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, in order."""
        return self.sinks[0].columns

    @cached_property
    def rows(self) -> int:
        """Number of rows.

        Raises:
            ExpectationError: The content is not tabular.
        """
        self._refuse_untabular()
        return sum(sink.rows or 0 for sink in self.sinks)

    @cached_property
    def table(self) -> pa.Table:
        """All rows, read once.

        Raises:
            ExpectationError: The content is not tabular.
        """
        self._refuse_untabular()
        first, *others = (self.source.read(sink.name) for sink in self.sinks)
        if not others:
            return first
        names = first.column_names
        return pa.concat_tables(
            [first, *(other.select(names) for other in others)], promote_options="default"
        )

    @cached_property
    def partitions(self) -> dict[str, int]:
        """Rows in each partition, by id; empty where nothing is partitioned."""
        total: dict[str, int] = {}
        for sink in self.sinks:
            for name, rows in self.source.partitions(sink.name).items():
                total[name] = total.get(name, 0) + rows
        return total

    def narrowed(self, column: str) -> Subject | None:
        """The same with this column alone, where that is quicker to read than all of them.

        Its rows may come in another order, so that what it says of positions holds in it alone.

        Args:
            column: The column's name.
        """
        if not self._is_large_yet or not isinstance(self.source, ByColumn):
            return None
        if column not in self._narrow:
            self._narrow[column] = _Narrow(
                source=self.source,
                sinks=self.sinks,
                label=self.label,
                now=self.now,
                reader=self.source,
                only=column,
            )
        return self._narrow[column]

    def extremes(self, column: str) -> Subject | None:
        """The same with nothing but a column's least and greatest value, and a null if it has any.

        It serves checks that look at each value alone, and that hold of all values between two of
        which they hold.

        Args:
            column: The column's name.

        Returns:
            None where to read the column is as good: where it has been read already, or is short.
        """
        if not self._is_large_yet or not isinstance(self.source, ByExtremes):
            return None
        if column in self._narrow:
            return None
        if column not in self._extremes:
            table = self.source.read_extremes(self.sinks[0].name, column)
            self._extremes[column] = (
                None
                if table is None
                else _Read(
                    source=self.source,
                    sinks=self.sinks,
                    label=self.label,
                    now=self.now,
                    found=table,
                )
            )
        return self._extremes[column]

    @property
    def _is_large_yet(self) -> bool:
        """Whether it is one sink of many rows that have not been read."""
        if "table" in self.__dict__ or len(self.sinks) > 1:
            return False
        return (self.sinks[0].rows or 0) >= _LARGE

    @cached_property
    def _extremes(self) -> dict[str, Subject | None]:
        return {}

    @cached_property
    def _narrow(self) -> dict[str, Subject]:
        return {}

    def _refuse_untabular(self) -> None:
        others = [sink.name for sink in self.sinks if sink.rows is None]
        if others:
            raise ExpectationError(
                f"{self.label}: expected rows, found content that is not tabular",
                evidence=[f"no table: {name}" for name in others[:10]],
                remedy="its .value() is what the block returned" if self.service == "block" else "",
            )


@dataclass(frozen=True, kw_only=True)
class _Narrow(Subject):
    """One column of a sink.

    Attributes:
        reader: The source, which can read it.
        only: Its name.
    """

    reader: ByColumn
    only: str

    @cached_property
    def table(self) -> pa.Table:
        """This column of all rows, read once."""
        return self.reader.read_column(self.sinks[0].name, self.only)


@dataclass(frozen=True, kw_only=True)
class _Read(Subject):
    """Some of what a sink has, which is there already.

    Attributes:
        found: It.
    """

    found: pa.Table

    @cached_property
    def table(self) -> pa.Table:
        """It."""
        return self.found


def subject_of(source: Source, sink: Sink) -> Subject:
    """One sink, under the name that messages give it.

    Args:
        source: Where it is.
        sink: The sink.
    """
    return Subject(source=source, sinks=(sink,), label=label_of(sink))


def label_of(sink: Sink) -> str:
    """What a message calls a sink of a service."""
    return BY_NAME[sink.service].label(sink.name)
