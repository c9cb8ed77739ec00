"""What can be expected of a column; each call is one check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from harness.expect import relations, totals, values
from harness.expect.finding import judge

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection

    from harness.expect.finding import Finding
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
        self._about = f"{name} of {subject.label}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._about}>"

    def no_nulls(self) -> ColumnTarget:
        """Expect a value in each row; NaN is none.

        Raises:
            ExpectationError: There are nulls; the message shows the first rows with one.
        """
        __tracebackhide__ = True
        self._judge(
            lambda subject: values.no_nulls(subject, self._name), name="no_nulls", by_extremes=True
        )
        return self

    def unique(self) -> ColumnTarget:
        """Expect no value twice. Nulls are no values.

        Raises:
            ExpectationError: There are duplicates; the message shows them with their numbers.
        """
        __tracebackhide__ = True
        self._judge(lambda subject: values.unique(subject, self._name), name="unique")
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
        self._judge(
            lambda subject: values.between(subject, self._name, low=low, high=high),
            name="between",
            by_extremes=True,
        )
        return self

    def isin(self, expected: Collection[Any]) -> ColumnTarget:
        """Expect no values but these. Nulls are no values.

        Raises:
            ExpectationError: There are others; the message shows them with their numbers.
            InputError: What is given cannot be values of the column.
        """
        __tracebackhide__ = True
        self._judge(lambda subject: values.isin(subject, self._name, expected), name="isin")
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
        self._judge(lambda subject: values.matches(subject, self._name, pattern), name="matches")
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
        there = other._subject  # noqa: SLF001 - of its own room
        self._judge(
            lambda subject: relations.foreign_key(subject, self._name, there, name),
            name="foreign_key",
        )
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
        self._judge(
            lambda subject: totals.sums_to(subject, self._name, total, tolerance=tolerance),
            name="sums_to",
        )
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
        self._judge(
            lambda subject: totals.freshness(subject, self._name, within=within, now=now),
            name="freshness",
        )
        return self

    def _judge(
        self, check: Callable[[Subject], Finding | None], *, name: str, by_extremes: bool = False
    ) -> None:
        """Make a check: on this column alone where that is quicker, and tell of all columns.

        Args:
            check: The check.
            name: Its name.
            by_extremes: Whether it holds of all values where it does of the least, the greatest,
                and a null if there is any.
        """
        __tracebackhide__ = True

        def holds(part: Subject | None) -> bool:
            return part is not None and check(part) is None

        def found() -> Finding | None:
            if by_extremes and holds(self._subject.extremes(self._name)):
                return None
            if holds(self._subject.narrowed(self._name)):
                return None
            return check(self._subject)

        judge(found, about=self._about, name=name)
