"""Pipelines of the real Mage in cells that differ by a package, on one stack of services."""

from __future__ import annotations

import pytest

from harness.matrix.running import Matrix
from harness.services.stack import Stack


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def report(mage_settings, cells, told):
    with Stack(mage_settings) as stack:
        matrix = Matrix(stack, pipelines=("fares", "slips"), variables={}, progress=told.append)
        return matrix.report(cells)


def outcome(report, cell, pipeline):
    (found,) = [
        one
        for each in report.cells
        for one in each.outcomes
        if (each.cell.name, one.seen.pipeline) == (cell, pipeline)
    ]
    return found


def test_the_same_package_leaves_the_same_data_but_for_what_differs_from_run_to_run(report):
    assert outcome(report, "rates 1", "fares").seen.ok, outcome(report, "rates 1", "fares")
    assert outcome(report, "rates 1 again", "fares").data == "same"
    assert "fares: columns that may differ from run to run: loaded" in report.notes


def test_another_version_is_told_where_it_begins_and_where_it_ends_up(report):
    found = outcome(report, "rates 2", "fares")
    assert (found.seen.ok, found.data) == (True, "different")
    assert [(one.service, one.sink) for one in found.differences] == [
        ("block", "fares/output_0"),
        ("postgres", "public.fares"),
    ]
    for difference in found.differences:
        text = "\n".join(difference.lines)
        assert "expected the rows of rates 1, found 1 row missing, 1 row extra" in text
        assert "23.5" in text


def test_a_pipeline_that_fails_in_one_cell_is_told_and_its_data_is_not_compared(report):
    found = outcome(report, "rates 2", "slips")
    assert (found.seen.ok, found.data) == (False, "-")
    (difference,) = found.differences
    assert difference.lines[0] == "it failed, and not with rates 1"
    assert "AttributeError" in "\n".join(difference.lines)
    assert not report.ok


def test_the_baseline_runs_twice_and_all_else_once(report, told):
    assert len(report.cells) == 3
    begun = [line for line in told if line.startswith("rates") and " in " not in line]
    assert begun == [
        "rates 1: fares",
        "rates 1: fares, once more",
        "rates 1: slips",
        "rates 1: slips, once more",
        "rates 1 again: fares",
        "rates 1 again: slips",
        "rates 2: fares",
        "rates 2: slips",
    ]
