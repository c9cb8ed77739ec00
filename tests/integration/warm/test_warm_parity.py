"""A warm run and a cold one of the same pipeline: same end, same words, same events, same outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from harness.running.asked import Asked
from tests.patience import patiently
from tests.walls import needs_namespace

pytestmark = [pytest.mark.slow, needs_namespace]
PROJECTS = Path(__file__).parents[2] / "projects"
CASES = sorted(path.parent.name for path in PROJECTS.glob("*/case.yaml"))
BY_ENGINE = ("entry_dynamic", "entry_triggers")


def case_of(name: str) -> dict[str, Any]:
    file = PROJECTS / name / "case.yaml"
    return YAML(typ="safe").load(file) if file.is_file() else {"arguments": [], "hangs": False}


def asked_of(name: str, *, deadline: float | None = None) -> Asked:
    case = case_of(name)
    arguments = [one for one in case["arguments"] if one != "--test"]
    block = None
    if "--block-uuid" in arguments:
        at = arguments.index("--block-uuid")
        block = arguments[at + 1]
        del arguments[at : at + 2]
    return Asked(
        block=block,
        entry="pipeline" if block is None and name in CASES else None,
        arguments=tuple(arguments),
        deadline=deadline,
    )


@pytest.mark.parametrize("name", [*CASES, *BY_ENGINE, "warm_libraries"])
def test_a_warm_run_is_as_a_cold_one(name: str, both_ways) -> None:
    project = PROJECTS / name
    named = name if (project / "pipelines" / name).is_dir() else None

    def differing(deadline: float | None = None) -> list[str]:
        return both_ways.differing(project, named, asked=asked_of(name, deadline=deadline))

    if case_of(name)["hangs"]:
        assert patiently(differing, until=lambda lines: lines == [], least=15.0) == []
    else:
        assert differing() == []
