from __future__ import annotations

import inspect

import pytest

from harness import errors
from harness.errors import CheckFailedError, HarnessError

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, HarnessError)
]


def test_a_message_has_its_four_parts_in_order() -> None:
    error = HarnessError("it broke", cause="why", evidence=["one", "two"], remedy="do this")
    assert str(error).splitlines() == [
        "it broke",
        "  cause:    why",
        "  evidence: one",
        "            two",
        "  remedy:   do this",
    ]


def test_parts_that_are_not_known_are_left_out() -> None:
    assert str(HarnessError("it broke")) == "it broke"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_has_a_status_for_scripts(kind: type[HarnessError]) -> None:
    assert kind.exit_status in (1, 2, 3)


def test_a_failed_check_is_an_assertion_for_pytest() -> None:
    assert issubclass(CheckFailedError, AssertionError)
    assert CheckFailedError.exit_status == 1
