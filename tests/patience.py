"""Runs that hang are ended by a deadline, which on a slow machine comes before they hang."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_DEADLINES = (1.0, 3.0, 10.0, 30.0, 90.0)
T = TypeVar("T")


def patiently(run: Callable[[float], T], *, until: Callable[[T], bool], least: float = 2.0) -> T:
    """The first run that has come to where it hangs, or the one with the longest deadline.

    Args:
        run: Runs with a deadline, in seconds.
        until: Whether a run has come to where it hangs.
        least: The first deadline.
    """
    for deadline in (least, *(one for one in _DEADLINES if one > least)):
        result = run(deadline)
        if until(result):
            break
    return result
