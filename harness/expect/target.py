"""What can be expected of a table, an object or a dataset; each call is one check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.expect import compare, counts, relations, schema, spans
from harness.expect.column import ColumnTarget
from harness.expect.finding import asked, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa

    from harness.expect.compare import Tolerances
    from harness.expect.finding import Finding
    from harness.expect.spans import Bound
    from harness.expect.subject import Subject


class Target:
    """Something that was written. Each check returns the target, so that checks can be chained."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._subject.label}>"

    def rows(
        self, count: int | range | None = None, /, *, between: tuple[int, int] | None = None
    ) -> Target:
        """Expect a number of rows.

        Args:
            count: The number, or a range that it must be in (its end excluded, as in Python).
            between: The least and the most, both included.

        Raises:
            ExpectationError: There are more or fewer.
            InputError: Not exactly one of the two is given, or it names no number of rows.
        """
        __tracebackhide__ = True
        judge(
            lambda: counts.rows(self._subject, count, between=between),
            about=self._subject.label,
            name="rows",
        )
        return self

    def schema(
        self,
        expected: Mapping[str, str | pa.DataType],
        *,
        order: bool = False,
        partial: bool = False,
        nullable: Mapping[str, bool] | None = None,
    ) -> Target:
        """Expect columns of these names and types, and no others.

        Args:
            expected: A type for each name: in the service's own terms, or Arrow's. Where a word
                is both (``float``, ``int8``), it means what it means to the service.
            order: Whether the columns must come in this order.
            partial: Whether there may be other columns besides.
            nullable: For some columns, whether the service accepts a null in them.

        Raises:
            ExpectationError: A column is missing, extra, of another type, in another place or
                accepts nulls where it should not; the message says what the values tell of it.
            InputError: No column is given, or one that is not there is to be nullable.
        """
        __tracebackhide__ = True
        judge(
            lambda: schema.columns(
                self._subject, expected, order=order, partial=partial, nullable=nullable or {}
            ),
            about=self._subject.label,
            name="schema",
        )
        return self

    def partitions(
        self,
        expected: Iterable[str] | Mapping[str, int] | None = None,
        *,
        between: tuple[Bound, Bound] | None = None,
        step: int = 1,
    ) -> Target:
        """Expect these partitions and no others.

        Args:
            expected: Their ids in the service's terms (``20210131`` in BigQuery,
                ``tpep_pickup_date=2021-01-31`` in GCS), or the number of rows for each id.
            between: Instead: the first and the last, both included, of which none may be
                missing: days (``"2021-01-01"``), months (``"2021-01"``), hours
                (``"2021-01-01T23"``) or whole numbers, however the service writes them.
            step: With whole numbers, the width of a partition.

        Raises:
            ExpectationError: A partition is missing, extra or has another number of rows.
            InputError: The ids are one text, ``between`` is no range, or not one of both is given.
        """
        __tracebackhide__ = True
        judge(
            lambda: self._partitions(expected, between, step),
            about=self._subject.label,
            name="partitions",
        )
        return self

    def _partitions(
        self,
        expected: Iterable[str] | Mapping[str, int] | None,
        between: tuple[Bound, Bound] | None,
        step: int,
    ) -> Finding | None:
        if (expected is None) == (between is None):
            raise InputError(
                "partitions() needs ids or between=, and only one of them",
                remedy='write .partitions(["20210131"]) or'
                ' .partitions(between=("2021-01-01", "2021-01-31"))',
            )
        if between is not None:
            return spans.within(self._subject, between, step=step)
        return counts.partitions(self._subject, expected or ())

    def unique(self, *columns: str) -> Target:
        """Expect no two rows with the same values in all of these columns.

        Rows with a null in one of them do not count, as in SQL.

        Raises:
            ExpectationError: There are; the message shows them with their numbers.
            InputError: No column is named.
        """
        __tracebackhide__ = True
        judge(
            lambda: relations.unique(self._subject, columns),
            about=self._subject.label,
            name="unique",
        )
        return self

    def equals(
        self,
        expected: Any,
        *,
        key: str | Sequence[str] | None = None,
        ignoring: str | Iterable[str] = (),
        tolerance: Tolerances = None,
        order: bool = False,
        strict: bool = False,
    ) -> Target:
        """Expect the same rows as elsewhere: no more, no fewer, none changed.

        Values count, not their layout: whole numbers of any width, decimals of any scale, moments
        in any unit and time zone (one without a zone means UTC). NaN equals NaN, -0.0 equals 0.0,
        and a null equals nothing but a null.

        Args:
            expected: Another target of any service, a ``pyarrow.Table``, a frame of pandas (its
                index is left out) or polars, a list of dicts, or the path of a csv, json or
                parquet file or of a folder of these.
            key: The column or columns that tell rows apart. Without, each row as a whole must be
                there as often as expected.
            ignoring: Columns that do not count.
            tolerance: By how much numbers (or moments, by a timedelta) may differ, for all
                columns or by column. It needs a key or ``order``.
            order: Whether the rows must come in the same order.
            strict: Whether types must be the same too.

        Raises:
            ExpectationError: Rows are missing, extra or changed, or columns are; the message
                names the columns, shows some of the rows and, where the data tell, says why.
            InputError: A column named is not there, or what is expected is no table.
        """
        __tracebackhide__ = True
        chosen = asked(
            lambda: compare.options(
                key=key, ignoring=ignoring, tolerance=tolerance, order=order, strict=strict
            )
        )
        judge(lambda: self._compared(expected, chosen), about=self._subject.label, name="equals")
        return self

    def _compared(self, expected: Any, chosen: compare.Options) -> Finding | None:
        found = compare.side_of(self._subject)
        if isinstance(expected, Target):
            other = compare.side_of(expected._subject)  # noqa: SLF001 - of its own class
        else:
            other = compare.given(expected, found=found.table.schema)
        return compare.told(compare.difference(other, found, chosen), other, found, chosen)

    def partition_rows(self) -> dict[str, int]:
        """Rows in each partition by id, for assertions of one's own; empty where there are none."""
        __tracebackhide__ = True
        return asked(lambda: dict(self._subject.partitions))

    def column(self, name: str) -> ColumnTarget:
        """One column, to expect something of its values.

        Raises:
            ExpectationError: There is none of this name; the message names the nearest.
        """
        __tracebackhide__ = True
        judge(
            lambda: schema.has_column(self._subject, name), about=self._subject.label, name="column"
        )
        return ColumnTarget(self._subject, name)

    def arrow(self) -> pa.Table:
        """All rows as an Arrow table, for assertions of one's own."""
        __tracebackhide__ = True
        return asked(lambda: self._subject.table)
