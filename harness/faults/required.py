"""The faults of a test that has passed: each must have come."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

FIXTURE = "faults"


def of_test(item: pytest.Item) -> None:
    """Return if all faults that a test declared came as often as it says.

    Args:
        item: The test; one without the fixture declared none.

    Raises:
        CheckFailedError: One did not.
    """
    __tracebackhide__ = True
    given = getattr(item, "funcargs", {})
    if FIXTURE not in given:
        return
    from harness.faults.declared import Faults  # noqa: PLC0415 - takes a session's imports

    if isinstance(given[FIXTURE], Faults):
        given[FIXTURE].require_met()
