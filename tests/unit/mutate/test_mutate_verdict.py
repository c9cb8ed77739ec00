"""The last line of what is said of mutants."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from harness.mutate.change import Change, mutant
from harness.mutate.outcome import (
    KILLED,
    SAME,
    SURVIVED,
    UNREACHED,
    UNRECORDED,
    MutationReport,
    Outcome,
)
from harness.report.mutation import outcome_line, print_mutation

CHANGE = Change(start=0, end=1, new="2", operator="number", what="1 becomes 2")
MUTANT = mutant(CHANGE, file=Path("a.py"), block="a", text="1", after="2")


@pytest.mark.parametrize(
    ("statuses", "mutants", "word"),
    [
        ([KILLED, SURVIVED], 3, "SURVIVORS"),
        ([KILLED, SAME], 2, "NONE SURVIVED"),
        ([KILLED, SAME], 3, "NOT FINISHED"),
        ([], 3, "NOT FINISHED"),
        ([SAME, UNREACHED], 2, "NOTHING PROVEN"),
        ([UNRECORDED], 1, "NOTHING PROVEN"),
    ],
)
def test_success_is_said_only_where_all_were_tried_and_some_were_noticed(statuses, mutants, word):
    outcomes = tuple(Outcome(mutant=MUTANT, status=status) for status in statuses)
    report = MutationReport(pipeline="p", project=Path("/p"), mutants=mutants, outcomes=outcomes)
    out = io.StringIO()
    print_mutation(Console(file=out, width=80), report)
    assert out.getvalue().splitlines()[-1].startswith(f"{word}  p: ")


def test_what_noticed_it_is_cut_with_a_mark():
    outcome = Outcome(mutant=MUTANT, status=KILLED, by="x" * 161)
    assert outcome_line(outcome, number=1, of=1).endswith(f"({'x' * 160}...)")


def test_the_diff_of_a_survivor_names_the_file_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcomes = (Outcome(mutant=MUTANT, status=SURVIVED),)
    report = MutationReport(pipeline="p", project=tmp_path / "shop", mutants=1, outcomes=outcomes)
    out = io.StringIO()
    print_mutation(Console(file=out, width=80), report)
    assert "--- a/shop/a.py" in out.getvalue()
    assert outcomes[0].as_json()["diff"][0] == "--- a/a.py"
