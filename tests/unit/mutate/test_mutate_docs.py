"""The page on mutants names what there is."""

from __future__ import annotations

import re
from pathlib import Path

from harness.mutate.operators import OPERATORS
from harness.mutate.outcome import STATUSES

PAGE = (Path(__file__).parents[3] / "docs" / "mutation.md").read_text("utf-8")


def first_cells(part: str) -> list[str]:
    return re.findall(r"^\| `([\w ]+)` \|", part, re.MULTILINE)


def test_each_operator_and_each_result_is_explained():
    before, _, operators = PAGE.partition("<!-- operators -->")
    assert first_cells(operators) == list(OPERATORS)
    assert sorted(first_cells(before)) == sorted(STATUSES)
