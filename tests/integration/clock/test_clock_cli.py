"""The option as a user types it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[3]
COMMAND = Path(sys.executable).parent / "mage-harness"
SUCCESS = ROOT / "tests" / "projects" / "success"


def typed(*arguments):
    return subprocess.run(
        [COMMAND, "run", "--project", SUCCESS, *arguments],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        timeout=900,
    )


@pytest.mark.slow
def test_the_time_is_told_and_is_in_the_facts(tmp_path):
    done = typed("success", "--at", "2021-02-01T05:00Z", "--json", tmp_path / "run.json")

    assert done.returncode == 0, done.stderr
    assert "the time is 2021-02-01T05:00:00Z" in done.stdout + done.stderr
    facts = json.loads((tmp_path / "run.json").read_text())
    jsonschema.validate(facts, json.loads((ROOT / "docs" / "run.schema.json").read_text()))
    (pipeline,) = facts["pipelines"]
    assert pipeline["at"] == "2021-02-01T05:00:00Z"
    assert 0 < pipeline["seconds"] < 900


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--at", "tomorrow"], ["settings cannot be used", "2021-02-01T05:00Z", "--at"]),
        (["--at", "1900-01-01"], ["out of range: 1980 to 2099"]),
        (["--at", "2021-02-01", "--provider", "docker"], ["--provider docker", "remedy"]),
        (["--at", "2021-02-01", "--gcs", "http://localhost:1"], ["used besides `at`: --gcs"]),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_at_once(arguments, words):
    done = typed("success", *arguments)

    said = done.stdout + done.stderr
    assert done.returncode == 2, said
    for word in words:
        assert word in said
    assert "starting" not in said
