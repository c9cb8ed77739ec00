"""What can be expected of the queries that BigQuery was asked, and of what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.expect.finding import Finding, judge
from harness.expect.sample import aligned
from harness.plain import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery import QueryRecord

_SHOWN = 8
_WIDTH = 76


class QueriesTarget:
    """Queries of the log. Each check returns the target, so that checks can be chained.

    Args:
        records: The queries, in order of time.
        label: What a message calls them.
        others: How many there were beside them.
    """

    def __init__(self, records: Sequence[QueryRecord], *, label: str, others: int) -> None:
        self.records = tuple(records)
        self._label = label
        self._others = others

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._label}>"

    def count(
        self, count: int | None = None, /, *, between: tuple[int, int] | None = None
    ) -> QueriesTarget:
        """Expect a number of queries.

        Args:
            count: The number.
            between: The least and the most, both included.

        Raises:
            ExpectationError: There were more or fewer.
            InputError: Not exactly one of the two is given.
        """
        __tracebackhide__ = True
        judge(lambda: self._counted(count, between), about=self._label, name="count")
        return self

    def succeeded(self) -> QueriesTarget:
        """Expect none to have failed.

        Raises:
            ExpectationError: Some have; the message shows why.
        """
        __tracebackhide__ = True
        judge(self._failed, about=self._label, name="succeeded")
        return self

    def bytes_processed(self, *, at_most: int) -> QueriesTarget:
        """Expect them to have read no more than so many bytes, all together.

        Raises:
            ExpectationError: They have read more; the message shows those that read most.
        """
        __tracebackhide__ = True
        judge(lambda: self._read(at_most), about=self._label, name="bytes_processed")
        return self

    def _counted(self, count: int | None, between: tuple[int, int] | None) -> Finding | None:
        if (count is None) == (between is None):
            raise InputError(
                "count() needs a number or between=, and only one of them",
                remedy="write .count(2) or .count(between=(1, 3))",
            )
        low, high = (count, count) if count is not None else between or (0, 0)
        found = len(self.records)
        if low <= found <= high:
            return None
        wanted = _queries(low) if low == high else f"{low:,} to {high:,} queries"
        return Finding(
            about=self._label,
            difference=f"expected {wanted}, found {found:,} and {self._others:,} others",
            lines=tuple(_lines(self.records)),
        )

    def _failed(self) -> Finding | None:
        bad = [one for one in self.records if one.reason]
        if not bad:
            return None
        return Finding(
            about=self._label,
            difference=f"expected all to succeed, {len(bad):,} of {len(self.records):,} failed",
            lines=tuple(
                line
                for one in bad[:_SHOWN]
                for line in (_short(one.statement), f"  {one.reason}: {readable(one.message)}")
            ),
        )

    def _read(self, at_most: int) -> Finding | None:
        read = [one for one in self.records if not one.dry]
        found = sum(one.bytes_processed for one in read)
        if found <= at_most:
            return None
        most = sorted(read, key=lambda one: -one.bytes_processed)
        return Finding(
            about=self._label,
            difference=f"expected at most {at_most:,} bytes to be read, found {found:,} "
            f"({found - at_most:,} more) in {_queries(len(read))}",
            lines=tuple(_lines(most)),
        )


def find_queries(
    records: Sequence[QueryRecord], *, containing: str, table: str, kind: str
) -> QueriesTarget:
    """The queries of a log that a test means.

    Args:
        records: The log.
        containing: A text that the statement must contain, whatever the case.
        table: ``dataset.table`` that it must have read or written.
        kind: BigQuery's statement type.
    """
    chosen = [
        one
        for one in records
        if containing.lower() in one.statement.lower()
        and (not table or table in (*one.tables, one.destination))
        and (not kind or one.type == kind.upper())
    ]
    words = ["BigQuery queries"]
    words += [f"of type {kind.upper()}"] if kind else []
    words += [f"on {table}"] if table else []
    words += [f"containing {containing!r}"] if containing else []
    return QueriesTarget(chosen, label=" ".join(words), others=len(records) - len(chosen))


def _queries(number: int) -> str:
    return "1 query" if number == 1 else f"{number:,} queries"


def _lines(records: Sequence[QueryRecord]) -> list[str]:
    if not records:
        return []
    facts = [
        [
            one.type or one.reason or "-",
            f"{one.bytes_processed:,}",
            "-" if one.rows is None else f"{one.rows:,}",
        ]
        for one in records[:_SHOWN]
    ]
    head, *lines = aligned(["type", "bytes", "rows"], facts)
    width = max(map(len, (head, *lines)))
    lines = [
        f"{line:{width}}  {_short(one.statement)}"
        for line, one in zip(lines, records, strict=False)
    ]
    left = [f"... and {len(records) - _SHOWN:,} more"] if len(records) > _SHOWN else []
    return [f"{head:{width}}  statement", *lines, *left]


def _short(statement: str) -> str:
    text = readable(statement)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."
