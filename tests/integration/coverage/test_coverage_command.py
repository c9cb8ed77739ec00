"""``mage-harness run --coverage``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[3]
COMMAND = Path(sys.executable).parent / "mage-harness"
PROJECT = ROOT / "tests" / "projects" / "line_by_line"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "run", *arguments, "--project", PROJECT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_percentage_that_is_none_is_refused_before_anything_starts():
    done = run("covered", "--coverage-fail-under", "101")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--coverage-fail-under 101 is no percentage" in done.stderr


@pytest.mark.slow
def test_what_ran_of_the_chosen_pipelines_is_told(tmp_path):
    report = f"xml:{tmp_path / 'x.xml'}"
    done = run(
        *("covered", "--coverage-report", "term", "--coverage-report", report),
        *("--coverage-fail-under", "95", "--json", str(tmp_path / "facts.json")),
    )
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    told = lines[lines.index("Coverage") + 1 :]
    assert told[0] == "covered: 1 run, 2 of 2 blocks, 1 of 1 test"
    names = [line.split()[0] for line in told if line.startswith("tests/")]
    assert [Path(name).name for name in names] == ["load_rows.py", "pick_rows.py", "words.py"]
    assert told[-1].endswith("% is less than 95 %")
    assert (tmp_path / "x.xml").is_file()
    facts = json.loads((tmp_path / "facts.json").read_text())
    jsonschema.validate(facts, json.loads((ROOT / "docs" / "run.schema.json").read_text()))
    (pipeline,) = facts["coverage"]["pipelines"]
    assert [block["runs"] for block in pipeline["blocks"]] == [1, 1]
    missing = {Path(one["path"]).name: one["missing"] for one in facts["coverage"]["files"]}
    assert missing["pick_rows.py"] == [12]
