"""A disk that is full: what a block, or Mage for it, writes beyond a size is refused."""

from __future__ import annotations

import pytest

from harness.errors import InputError

MONTH = {"year": 2021, "month": 1}


def test_a_block_whose_output_finds_no_room_fails_and_a_rerun_goes_on(mage, expect, faults):
    faults.disk_full("load_api_data")

    run = mage.run("api_to_postgres", variables=MONTH, check=False)
    assert [(problem.code, problem.block) for problem in run.problems] == [
        ("block-failed", "load_api_data")
    ]
    assert "it follows a declared fault: disk full (1 time)" in run.problems[0].message
    mage.run("api_to_postgres", variables=MONTH)

    expect.table("ny_taxi.yellow_cab_data").rows(9110)


def test_a_disk_needs_room_for_what_is_noted(faults):
    with pytest.raises(InputError, match="cannot be full at 10 bytes"):
        faults.disk_full("load_api_data", size=10)
