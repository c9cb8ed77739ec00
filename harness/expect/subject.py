"""What an expectation is about, as it was when it was looked at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from harness.errors import ExpectationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from harness.services.protocol import Column, Sink

_TABLES = {"postgres": "Postgres table", "bigquery": "BigQuery table"}


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

    def _refuse_untabular(self) -> None:
        others = [sink.name for sink in self.sinks if sink.rows is None]
        if others:
            raise ExpectationError(
                f"{self.label}: expected rows, found content that is not tabular",
                evidence=[f"no table: {name}" for name in others[:10]],
                remedy="its .value() is what the block returned" if self.service == "block" else "",
            )


def subject_of(source: Source, sink: Sink) -> Subject:
    """One sink, under the name that messages give it.

    Args:
        source: Where it is.
        sink: The sink.
    """
    return Subject(source=source, sinks=(sink,), label=label_of(sink))


def label_of(sink: Sink) -> str:
    """What a message calls a sink of a service."""
    objects = "GCS dataset" if sink.name.endswith("/") else "GCS object"
    return f"{_TABLES.get(sink.service, objects)} {sink.name}"
