"""The last line of what is said of mutants."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from harness.mutate.change import Change, mutant
from harness.mutate.outcome import KILLED, SAME, SURVIVED, UNREACHED, MutationReport, Outcome
from harness.report.mutation import print_mutation

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
    ],
)
def test_success_is_said_only_where_all_were_tried_and_some_were_noticed(statuses, mutants, word):
    outcomes = tuple(Outcome(mutant=MUTANT, status=status) for status in statuses)
    report = MutationReport(pipeline="p", project=Path("/p"), mutants=mutants, outcomes=outcomes)
    out = io.StringIO()
    print_mutation(Console(file=out, width=80), report)
    assert out.getvalue().splitlines()[-1].startswith(f"{word}  p: ")
