"""Statements that nest deeper than Python's usual stack: they are read again on a larger one."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, TypeVar

from harness.bigquery.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_STACK = 512 * 1024 * 1024
_FRAMES = 20_000
_LOCK = threading.Lock()


def too_complex() -> ApiError:
    """BigQuery's refusal of a statement that is too deep or too long for its planner."""
    return ApiError(
        "resourcesExceeded",
        "Not enough resources for query planning - too many subqueries or query is too complex.",
    )


def deeply(work: Callable[[], T]) -> T:
    """Do work that may call itself very often.

    The usual stack is tried first. The work must have changed nothing when it runs out of stack.

    Raises:
        ApiError: It is too deep also for the larger stack.
    """
    try:
        return work()
    except RecursionError:
        pass
    if threading.current_thread().name == "deep statement":
        raise too_complex()
    answers: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except RecursionError:
            failures.append(too_complex())
        except BaseException as error:  # noqa: BLE001 (raised again by the caller)
            failures.append(error)

    with _LOCK:
        size, frames = threading.stack_size(_STACK), sys.getrecursionlimit()
        try:
            sys.setrecursionlimit(_FRAMES)
            thread = threading.Thread(target=run, name="deep statement")
            thread.start()
            thread.join()
        finally:
            threading.stack_size(size)
            sys.setrecursionlimit(frames)
    if failures:
        raise failures[0]
    return answers[0]
