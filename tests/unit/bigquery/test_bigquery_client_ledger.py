"""The ledger of the client's system tests is held both ways."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "bigquery_client"


@pytest.fixture
def ledger(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    import ledger

    yield ledger
    del sys.modules["ledger"]


ONE, TWO = "tests/system/test_a.py::test_one", "tests/system/test_a.py::TestB::test_two[a: b|c]"


def test_it_is_written_as_it_is_read(ledger, tmp_path):
    states = {ONE: "passes", TWO: "fails: 400 no such thing"}
    ledger.Ledger(states).write(tmp_path / "ledger.yaml")
    assert ledger.Ledger.read(tmp_path / "ledger.yaml").states == states


@pytest.mark.parametrize("state", ["fails: ", "fails", "left out", "skips: x", ""])
def test_a_state_needs_a_reason(ledger, tmp_path, state):
    ledger.Ledger({ONE: state}).write(tmp_path / "ledger.yaml")
    with pytest.raises(ValueError, match="no state of the ledger"):
        ledger.Ledger.read(tmp_path / "ledger.yaml")


@pytest.mark.parametrize(
    ("state", "failures", "told"),
    [
        ("passes", {}, []),
        ("passes", {ONE: "oh"}, [f"passes by the ledger and fails: {ONE}\n    oh"]),
        ("fails: x", {ONE: "another"}, []),
        ("fails: x", {}, [f"fails by the ledger and passes, so it must say so: {ONE}"]),
    ],
)
def test_both_directions_are_held(ledger, state, failures, told):
    assert ledger.Ledger({ONE: state}).differences([ONE], failures, run=[ONE]) == told


def test_tests_that_come_and_go_are_told(ledger):
    found = ledger.Ledger({ONE: "passes"}).differences([TWO], {}, run=[])
    assert found == [f"is not in the ledger: {TWO}", f"is no longer there: {ONE}"]


def test_it_only_grows(ledger):
    before = ledger.Ledger({ONE: "passes", TWO: "fails: x"})
    failures = {ONE: "oh", "new": "a.B: 400 POST http://h/x: no\nmore"}
    after = before.grown(failures, run=[ONE, TWO, "new"])
    assert after.states == {ONE: "passes", TWO: "passes", "new": "fails: 400 no"}
    assert before.grown({}, run=[ONE]).states == before.states


def test_the_real_one_has_reasons_and_all_of_the_client_s_files(ledger):
    counts = ledger.Ledger.read().counts()
    assert len(counts) == 9
    assert sum(map(sum, counts.values())) >= 265


@pytest.mark.parametrize(
    ("told", "short"),
    [
        ("a.B: 400 POST http://h:4711/x: no JOIN at [5:17]; reason: x, y", "400 no JOIN at [5:17]"),
        (
            "a.B: 404 GET http://h/x: no p:python_bigquery_tests_system_load_1795407133684_9337.t",
            "404 no p:load.t",
        ),
        (
            "assert False\n +  where False = QueryJob<project=p, location=US, id=job_1>.cache_hit",
            "assert False",
        ),
        ("400 Job job_59e7927b5136441c905e2469c468103b failed", "400 Job  failed"),
        ("TimeoutError: connect 127.0.0.1:40099", "TimeoutError: connect 127.0.0.1"),
        ("x" * 500, "x" * 120),
        ("", "it says nothing"),
    ],
)
def test_the_reason_of_what_still_fails_is_renewed_and_short(ledger, told, short):
    before = ledger.Ledger({ONE: "fails: of old", TWO: "left out: needs a cloud"})
    after = before.grown({ONE: told}, run=[ONE])
    assert after.states == {ONE: f"fails: {short}", TWO: "left out: needs a cloud"}


def test_what_passed_before_never_becomes_a_failure_by_growing(ledger):
    before = ledger.Ledger({ONE: "passes"})
    assert before.grown({ONE: "oh"}, run=[ONE]).states == before.states
