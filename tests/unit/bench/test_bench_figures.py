"""Figures of the bench: rounds, goals, and what got worse."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench.baseline import Baseline
from harness.bench.samples import Comparison, rounds
from harness.bench.trivial import PIPELINE, trivial_project
from harness.errors import InputError
from harness.project.lint import lint
from harness.project.reader import read_project


def compared(*values: float, goal: float | None = None, ratio: float | None = None) -> Comparison:
    return Comparison(
        name="a run",
        against="another",
        values=values,
        references=[2.0] * len(values),
        goal=goal,
        ratio_goal=ratio,
    )


def written(folder: Path, *found: Comparison) -> Path:
    file = folder / "then.json"
    file.write_text(json.dumps({"comparisons": [one.facts() for one in found]}))
    return file


def test_rounds_go_to_and_fro_and_the_first_does_not_count() -> None:
    order: list[str] = []

    def task(name: str) -> Mapping[str, float]:
        order.append(name)
        return {name: float(len(order))}

    found = rounds(
        [lambda: task("a"), lambda: task("b")], count=2, progress=lambda _line: None, doing="x"
    )
    assert order == ["b", "a", "a", "b", "b", "a"]
    assert found == {"a": [3.0, 6.0], "b": [4.0, 5.0]}


def test_a_goal_is_of_the_median() -> None:
    assert compared(1.0, 3.0, 9.0).met is None
    assert compared(1.0, 3.0, 9.0, goal=3.0).met is True
    assert compared(1.0, 3.0, 9.0, goal=2.9).met is False
    assert compared(1.0, 3.0, 9.0, goal=99.0, ratio=1.4).met is False


def test_worse_is_what_lies_above_all_that_was_by_more_than_its_noise(tmp_path: Path) -> None:
    then = Baseline(written(tmp_path, compared(2.0, 3.0, 4.0)))
    assert then.worse([compared(5.9, 8.0, 9.0)]) == []
    assert then.worse([compared(1.0, 1.0, 1.0)]) == []
    assert then.worse([compared(6.2, 7.0, 9.0)]) == [
        "a run, against another: 3.50 times, it was 1.50 (1.00 to 2.00)"
    ]


def test_rounds_that_agree_to_a_hair_have_some_noise_still(tmp_path: Path) -> None:
    then = Baseline(written(tmp_path, compared(2.00001, 2.00001)))
    assert then.worse([compared(2.00001, 2.03)]) == []
    assert then.worse([compared(2.05, 2.05)])


def test_what_was_not_measured_then_is_named(tmp_path: Path) -> None:
    then = Baseline(written(tmp_path, compared(2.0)))
    assert then.unknown([compared(2.0)]) == []
    other = replace(compared(9.0), name="a new one")
    assert then.unknown([other]) == ["a new one"]
    assert then.worse([other]) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"comparisons": [{"name": 1}]}'])
def test_a_file_that_is_none_of_the_bench_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text)
    with pytest.raises(InputError, match="has no figures to compare with"):
        Baseline(file)


def test_the_trivial_project_is_without_fault(tmp_path: Path) -> None:
    project = read_project(trivial_project(tmp_path))
    assert [one.uuid for one in project.pipelines] == [PIPELINE]
    assert not lint(project)
