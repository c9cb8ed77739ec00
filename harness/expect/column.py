"""What can be expected of a column; each call is one check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from harness.expect import relations, totals, values
from harness.expect.finding import judge

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from harness.expect.subject import Subject
    from harness.expect.totals import Number


class HasSubject(Protocol):
    """A target, as the columns of another one know it."""

    _subject: Subject


class ColumnTarget:
    """A column of something that was written. Each check returns the column."""

    def __init__(self, subject: Subject, name: str) -> None:
        self._subject = subject
        self._name = name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name} of {self._subject.label}>"

    def no_nulls(self) -> ColumnTarget:
        """Expect a value in each row; NaN is none.

        Raises:
            ExpectationError: There are nulls; the message shows the first rows with one.
        """
        __tracebackhide__ = True
        judge(lambda: values.no_nulls(self._subject, self._name))
        return self

    def unique(self) -> ColumnTarget:
        """Expect no value twice. Nulls are no values.

        Raises:
            ExpectationError: There are duplicates; the message shows them with their numbers.
        """
        __tracebackhide__ = True
        judge(lambda: values.unique(self._subject, self._name))
        return self

    def between(self, low: Any, high: Any) -> ColumnTarget:
        """Expect all values between two, both included. Nulls are no values; NaN is outside.

        Args:
            low: The least: a number, text, date, time or datetime (or its ISO text) as the
                column's type asks; None for no limit. A date means the whole day, and a datetime
                without a zone means UTC where the column has a zone.
            high: The most, likewise.

        Raises:
            ExpectationError: Values are outside; the message shows the first rows with one.
            InputError: A limit cannot be compared with the column.
        """
        __tracebackhide__ = True
        judge(lambda: values.between(self._subject, self._name, low=low, high=high))
        return self

    def isin(self, expected: Collection[Any]) -> ColumnTarget:
        """Expect no values but these. Nulls are no values.

        Raises:
            ExpectationError: There are others; the message shows them with their numbers.
            InputError: What is given cannot be values of the column.
        """
        __tracebackhide__ = True
        judge(lambda: values.isin(self._subject, self._name, expected))
        return self

    def matches(self, pattern: str) -> ColumnTarget:
        """Expect all texts to match a regular expression as a whole. Nulls are no values.

        Args:
            pattern: In RE2's syntax, which is Python's without look-around and back references.

        Raises:
            ExpectationError: Some do not; the message shows them with their numbers.
            InputError: It is no regular expression, or the column holds no texts.
        """
        __tracebackhide__ = True
        judge(lambda: values.matches(self._subject, self._name, pattern))
        return self

    def foreign_key(self, other: HasSubject, column: str | None = None) -> ColumnTarget:
        """Expect no values but those of a column elsewhere. Nulls are no values.

        Args:
            other: The target that has the values, of any service.
            column: Its column; of the same name if not given.

        Raises:
            ExpectationError: There are others; the message shows them with their numbers.
        """
        __tracebackhide__ = True
        name = self._name if column is None else column
        judge(lambda: relations.foreign_key(self._subject, self._name, other._subject, name))  # noqa: SLF001 - of its own room
        return self

    def sums_to(self, total: Number, *, tolerance: Number | None = None) -> ColumnTarget:
        """Expect the values to add up to a number. Nulls are no values.

        Args:
            total: The sum. Of whole numbers and decimals it is exact; of floats it may be off by
                a billionth of it and by the last digits of the values, as they have no exact sum.
            tolerance: By how much the sum may be off, instead.

        Raises:
            ExpectationError: The sum is another one.
            InputError: The column holds no numbers, or what is given is no number.
        """
        __tracebackhide__ = True
        judge(lambda: totals.sums_to(self._subject, self._name, total, tolerance=tolerance))
        return self

    def freshness(
        self, within: str | dt.timedelta, *, now: dt.datetime | None = None
    ) -> ColumnTarget:
        """Expect the newest moment to be not too long ago, nor more than a minute ahead.

        Args:
            within: How long: ``"1d"``, ``"90m"``, ``"2h"``, ``"1w"``, or a timedelta.
            now: The moment to count from; that of the call by the world's clock if not given.
                Without a zone it is in UTC, and so are moments of a column without a zone. A date
                lasts until its end, and begins with the day of the easternmost zone.

        Raises:
            ExpectationError: It is longer ago, is yet to come, or there is none.
            InputError: The column holds no moments, or ``within`` is no length of time.
        """
        __tracebackhide__ = True
        judge(lambda: totals.freshness(self._subject, self._name, within=within, now=now))
        return self
