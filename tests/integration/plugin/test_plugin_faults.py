"""The fixture ``faults``: a test whose fault did not come has shown nothing, and fails."""

from __future__ import annotations

FIXTURE = """
import pytest

from harness.faults.declared import Faults
from harness.faults.fault import Fault


@pytest.fixture
def faults():
    declared = Faults(None)
    declared._ledger.add(Fault(service="gcs", what="503", block="loads"))
    return declared


def test_the_fault_did_not_come(faults):
    pass


def test_it_fails_for_itself(faults):
    assert False, "its own reason"


def test_without_faults():
    pass
"""


def test_a_fault_that_did_not_come_fails_its_test_alone(pytester):
    pytester.makepyfile(FIXTURE)

    done = pytester.runpytest_inprocess("-p", "no:cacheprovider")

    done.assert_outcomes(failed=2, passed=1)
    told = done.stdout.str()
    assert "1 declared fault did not come" in told
    assert "gcs 503 in block loads, 1 time: met 0 times" in told
    assert "its own reason" in told
