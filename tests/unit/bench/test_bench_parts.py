"""Which parts of the bench are measured, and what is told where no engine answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import harness.cli.bench as command
from harness.bench.samples import Comparison
from harness.errors import EnvironmentNotAbleError
from harness.settings import Settings

WAYS = (
    "compare_runs",
    "compare_warm",
    "compare_data",
    "compare_stacks",
    "compare_suites",
    "compare_containers",
    "compare_footprints",
)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Gives the names of what is measured, on a machine without an engine."""

    def fake(name: str) -> Callable[..., list[Comparison]]:
        return lambda *_given, **_more: [
            Comparison(name=name, against="it", values=[1.0], references=[1.0])
        ]

    def no_engine() -> None:
        raise EnvironmentNotAbleError("no Docker engine answers")

    for name in WAYS:
        monkeypatch.setattr(command, name, fake(name))
    monkeypatch.setattr(command, "require_engine", no_engine)

    def names(parts: Any, progress: Callable[[str], None] = lambda _line: None) -> list[str]:
        return [one.name for one in command._measured(Settings(), [], parts, 1, progress)]

    return names


def test_all_parts_but_containers_where_no_engine_answers(
    measured: Callable[..., list[str]],
) -> None:
    told: list[str] = []
    assert measured(None, told.append) == [one for one in WAYS if one != "compare_containers"]
    assert told == ["note: the part `containers` is left out: no Docker engine answers"]


def test_containers_that_are_asked_for_need_an_engine(measured: Callable[..., list[str]]) -> None:
    assert measured([command.Part.DATA]) == ["compare_data"]
    with pytest.raises(EnvironmentNotAbleError, match="no Docker engine answers"):
        measured([command.Part.CONTAINERS])
