"""``mage-harness bench``, as a user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.bench.data import compare_data
from harness.settings import load_settings

ROOT = Path(__file__).parents[3]
COMMAND = Path(sys.executable).parent / "mage-harness"


@pytest.mark.slow
def test_figures_are_told_kept_and_compared(tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"

    def bench(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, "bench", "--part", "services", "--part", "warm", "--rounds", "1", *more],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    done = bench("--json", str(facts))
    assert done.returncode == 0, done.stderr
    assert "a warm run that had begun, three trivial blocks" in done.stdout
    found = json.loads(facts.read_text("utf-8"))
    assert {one["against"] for one in found["comparisons"]} >= {"a cold one"}

    for one in found["comparisons"]:
        one["ratio"]["most"] = 0.0
    facts.write_text(json.dumps(found))
    done = bench("--against", str(facts))
    assert done.returncode == 1
    assert (
        "WORSE  a warm run that had begun, three trivial blocks, against a cold one: "
        in done.stdout
    )


@pytest.mark.slow
def test_a_pipeline_that_fails_without_the_harness_is_told() -> None:
    project = ROOT / "tests" / "projects" / "failing_test"
    done = subprocess.run(
        [COMMAND, "bench", "--part", "runs", "--rounds", "1", "--project", str(project)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 1
    assert "the bare `mage run` of failing_test ended with status 1" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_month_is_carried_by_the_harness_and_without() -> None:
    settings = load_settings(start=ROOT)
    time, processor, memory, grown = compare_data(
        settings, count=1, progress=lambda _line: None, rows=1300
    )
    assert time.name == "1,300 trips to PostgreSQL: a cold run, verdict and expectations"
    assert (time.ratio_goal, memory.ratio_goal) == (1.03, 1.1)
    assert time.values[0] > 0.5
    assert processor.values[0] > 0.5
    assert memory.values[0] >= memory.references[0] - 50 > 100
    assert grown.values[0] < memory.values[0]


@pytest.mark.slow
@pytest.mark.docker
def test_embedded_services_are_set_beside_containers(tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    command = [COMMAND, "bench", "api_to_postgres", "--part", "containers", "--rounds", "1"]
    done = subprocess.run(
        [*command, "--json", facts],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(facts.read_text("utf-8"))["comparisons"]
    assert {one["against"] for one in found} == {
        "in containers",
        "new containers",
        "a new container",
        "new containers for each test, cold runs",
    }
    assert found[-1]["ratio_goal"] == 0.1


def test_containers_without_an_engine_are_no_fault_of_the_user(tmp_path: Path) -> None:
    done = subprocess.run(
        [COMMAND, "bench", "--part", "containers", "--rounds", "1"],
        cwd=ROOT,
        env={**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/none.sock"},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 3, done.stderr
    assert "Docker" in done.stderr
