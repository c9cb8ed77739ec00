"""What a check found wrong, and how it reaches the reader of a test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from harness.errors import ExpectationError, HarnessError
from harness.held import held

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MOST_LINES = 30

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One expectation that does not hold.

    Attributes:
        about: What was looked at, for example ``Postgres table ny_taxi.trips``.
        difference: What was expected, what was found and the difference, in one sentence.
        cause: Why, where the data itself tells.
        lines: The evidence, as lines of plain text.
        remedy: What to change, where that is more than the data or the expectation.
        facts: Numbers and names behind the difference as plain data, for JSON.
    """

    about: str
    difference: str
    cause: str = ""
    lines: tuple[str, ...] = ()
    remedy: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def error(self) -> ExpectationError:
        """The error to raise, its evidence cut to what fits on a screen."""
        lines = self.lines
        if len(lines) > _MOST_LINES:
            left = len(lines) - _MOST_LINES + 1
            lines = (*lines[: _MOST_LINES - 1], f"... and {left} more lines")
        return ExpectationError(
            f"{self.about}: {self.difference}",
            cause=self.cause,
            evidence=lines,
            remedy=self.remedy,
            facts={
                "about": self.about,
                "difference": self.difference,
                "cause": self.cause,
                "evidence": list(lines),
                **self.facts,
            },
        )


def asked(call: Callable[[], T]) -> T:
    """Call, and let the harness's own errors through without the way that they came.

    Their message says all; pytest then shows the line of the test and the message. Any other
    exception is a fault of the harness and keeps its traceback.
    """
    __tracebackhide__ = True
    try:
        return call()
    except HarnessError as error:
        raise error.with_traceback(None) from None


def judge(check: Callable[[], Finding | None], *, about: str, name: str) -> None:
    """Make a check and raise what it finds, or tell that it holds.

    Args:
        check: The check.
        about: What is looked at.
        name: What the check is called.

    Raises:
        ExpectationError: The check found something.
    """
    __tracebackhide__ = True
    finding = asked(check)
    if finding is not None:
        raise finding.error()
    held(about, name)
