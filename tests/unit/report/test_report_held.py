"""The checks that hold, as properties of a test."""

from __future__ import annotations

import json

from harness.held import heard, held
from harness.report.held import Held


def facts(checks):
    names, values = zip(*checks.properties(), strict=True)
    assert set(names) == {"mage-harness-held"}
    return [json.loads(value) for value in values]


def test_each_is_counted_while_somebody_listens():
    checks = Held()
    held("table a", "rows")
    with heard(checks):
        held("table a", "rows")
        held("table a", "rows")
    held("table a", "rows")
    assert facts(checks) == [{"about": "table a", "check": "rows", "times": 2}]


def test_number_and_length_are_bounded():
    checks = Held()
    for number in range(60):
        checks(f"{number} " + "x" * 200, "rows")
    told = facts(checks)
    assert len(told) == 51
    assert told[-1] == {"more": 10}
    assert len(told[0]["about"]) == 123
