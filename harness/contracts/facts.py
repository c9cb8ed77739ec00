"""What a sink holds, read in columns; each fact is worked out when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from harness.errors import InputError, MissingSinkError
from harness.expect.layout import plain
from harness.expect.rules import extremes, is_text, nan, number
from harness.expect.subject import subject_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.expect.subject import Source, Subject
    from harness.services.protocol import Column, Sink

MOST_VALUES = 20
"""So many different values are still told one by one."""


@dataclass(frozen=True)
class ColumnFacts:
    """What one column holds.

    Attributes:
        column: The column as the service describes it.
        values: Its values, without what is only layout: dictionaries, extensions, views.
    """

    column: Column
    values: pa.ChunkedArray

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name

    @property
    def kind(self) -> pa.DataType:
        """Its type as Arrow has it."""
        return self.values.type

    @property
    def nulls(self) -> int:
        """Rows without a value."""
        return int(self.values.null_count)

    @cached_property
    def nan(self) -> int:
        """Rows with NaN."""
        mask = nan(self.values)
        return 0 if mask is None else number(mask)

    @cached_property
    def extremes(self) -> tuple[pa.Scalar[Any], pa.Scalar[Any]] | None:
        """The least and the most value; None where there is none, or no order."""
        ordered = (
            pa.types.is_integer,
            pa.types.is_floating,
            pa.types.is_decimal,
            pa.types.is_date,
            pa.types.is_time,
            pa.types.is_timestamp,
        )
        if not any(is_(self.kind) for is_ in ordered):
            return None
        least, most = extremes(self.values)
        return (least, most) if least.is_valid else None

    @cached_property
    def distinct(self) -> pa.Array | None:
        """The different values in their order, where there are few; else None."""
        kinds = (pa.types.is_integer, pa.types.is_boolean, is_text)
        if not any(is_(self.kind) for is_ in kinds):
            return None
        values = pc.unique(self.values).drop_null()
        if len(values) > MOST_VALUES:
            return None
        # Arrow does not order booleans.
        view = values.cast(pa.int8()) if pa.types.is_boolean(self.kind) else values
        return values.take(pc.array_sort_indices(view))

    @cached_property
    def lengths(self) -> pa.ChunkedArray | None:
        """The number of characters, or of bytes, of each value; None where they have none."""
        if is_text(self.kind):
            return pc.utf8_length(self.values)
        if pa.types.is_binary(self.kind) or pa.types.is_large_binary(self.kind):
            return pc.binary_length(self.values)
        return None


@dataclass(frozen=True)
class SinkFacts:
    """What one sink holds.

    Attributes:
        subject: The sink, as expectations see it.
    """

    subject: Subject

    @property
    def sink(self) -> Sink:
        """The sink as the service describes it."""
        return self.subject.sinks[0]

    @property
    def service(self) -> str:
        """The service's name."""
        return self.sink.service

    @property
    def name(self) -> str:
        """The sink's name."""
        return self.sink.name

    @property
    def is_table(self) -> bool:
        """Whether the content is tabular."""
        return self.sink.rows is not None

    @cached_property
    def columns(self) -> dict[str, Column]:
        """The columns by name, in order; of several with one name, the first."""
        columns: dict[str, Column] = {}
        for column in self.sink.columns:
            columns.setdefault(column.name, column)
        return columns

    @cached_property
    def partitions(self) -> dict[str, int]:
        """Rows of each partition by id, in the order of the ids' text."""
        return dict(sorted(self.subject.partitions.items()))

    @cached_property
    def declared_key(self) -> tuple[str, ...]:
        """The primary key that the service knows, or nothing."""
        ask = getattr(self.subject.source, "primary_key", None)
        return tuple(ask(self.name)) if ask is not None else ()

    def column(self, name: str) -> ColumnFacts:
        """What a column holds.

        Args:
            name: One of ``columns``.

        Raises:
            CheckFailedError: The content cannot be read.
        """
        known = self._read
        if name not in known:
            table = self.subject.table
            known[name] = ColumnFacts(
                self.columns[name], plain(table.column(table.column_names.index(name)))
            )
        return known[name]

    @cached_property
    def _read(self) -> dict[str, ColumnFacts]:
        return {}


def facts_of(sources: Mapping[str, Source], service: str, name: str) -> SinkFacts | None:
    """What is known of a sink; None where it is not there.

    Args:
        sources: The services by name.
        service: Which service.
        name: The sink's name in the service's own terms.

    Raises:
        InputError: There is no such service.
    """
    source = sources.get(service)
    if source is None:
        raise InputError(
            f"there is no {service} to hold to a contract",
            evidence=[f"services: {', '.join(sources)}"],
            remedy=f"take {service} out of the contract",
        )
    try:
        sink = source.describe(name)
    except MissingSinkError:
        return None
    return SinkFacts(subject_of(source, sink))
