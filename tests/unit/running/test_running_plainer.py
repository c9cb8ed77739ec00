"""Errors of blocks in plainer words."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from harness.running.verdict.plainer import plainer

BLOCK = SimpleNamespace(language="python")
# As CPython words it.
DEADLOCK = "_DeadlockError: deadlock detected by _ModuleLock('psycopg2.extensions') at 140246"


def test_a_deadlock_of_imports_has_a_remedy_of_its_own() -> None:
    told = plainer(BLOCK, DEADLOCK)
    assert told.startswith(f"{DEADLOCK}: two blocks that ran side by side imported psycopg2")
    assert "run again, import psycopg2 itself first in both blocks" in told


@pytest.mark.parametrize("error", ["RuntimeError: deadlock", "ValueError: about _DeadlockError"])
def test_another_error_stays_as_it_is(error: str) -> None:
    assert plainer(BLOCK, error) == error
