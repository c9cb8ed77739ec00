"""Growth of suites: with their tests, and with the workers that share them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from growth_series import MEGABYTES, OWN, SECONDS, Series, named

from harness.bench.sized import sized_project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from growth_runs import Bench

MAGE = "Mage's processes in it"
_CONFTEST = """import json, os, sys, time
from pathlib import Path

sys.path.insert(0, {benchmarks!r})
from growth_series import peak


def pytest_sessionfinish():
    facts = {{"processor": time.process_time(), "peak": peak()}}
    Path(f"own_{{os.getpid()}}.json").write_text(json.dumps(facts))
"""
_TESTS = """import pytest


@pytest.mark.parametrize("number", range({tests}))
def test_a_run(mage, postgres, record_property, number):
    run = mage.run("line_0")
    record_property("in_mage", run.process.seconds)
    assert postgres.inventory() == []
"""
_SETTINGS = """[tool.mage-harness]
project = "{project}"
mage_version = "{mage}"
runner = "warm"
{requirements}
[tool.pytest.ini_options]
testpaths = ["test_runs.py"]
"""


def tests(bench: Bench, sizes: Sequence[int]) -> Series:
    """A suite of so many tests, each with a warm run in services that are as new."""
    series = Series()
    _suite(bench, tests=1)
    for size in sizes:
        bench.progress(f"a suite of {size}")
        series.add(size, _suite(bench, tests=size))
    return series


def workers(bench: Bench, sizes: Sequence[int], *, of: int) -> Series:
    """A suite of so many tests by so many workers of pytest-xdist, which share the services."""
    series = Series()
    for size in sizes:
        bench.progress(f"{of} tests by {size} workers")
        series.add(size, _suite(bench, tests=of, workers=size))
    return series


def _suite(bench: Bench, *, tests: int, workers: int = 0) -> dict[str, float]:
    folder = bench.folder / f"suite_{tests}_{workers}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    project = sized_project(folder, blocks=3)
    requirements = bench.requirements
    files = {
        "conftest.py": _CONFTEST.format(benchmarks=str(Path(__file__).parent)),
        "test_runs.py": _TESTS.format(tests=tests),
        "pyproject.toml": _SETTINGS.format(
            project=project.name,
            mage=bench.settings.mage_version,
            requirements=f"requirements = {json.dumps(str(requirements))}" if requirements else "",
        ),
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--junitxml=found.xml"]
    command += ["-p", "no:cacheprovider", *([f"-n{workers}"] if workers else [])]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"the suite of {tests} did not pass:\n{done.stdout[-3_000:]}")
    return _figures(folder, wall=wall, tests=tests, workers=workers)


def _figures(folder: Path, *, wall: float, tests: int, workers: int) -> dict[str, float]:
    report = ET.parse(folder / "found.xml")
    mage = [float(one.get("value", 0)) for one in report.iterfind(".//property[@name='in_mage']")]
    took = [float(one.get("time", 0)) for one in report.iterfind(".//testcase")]
    if len(took) != tests or len(mage) != tests:
        raise RuntimeError(f"the report of {tests} tests has {len(took)}")
    own = [json.loads(file.read_text("utf-8")) for file in folder.glob("own_*.json")]
    found = {
        named("the suite", SECONDS): wall,
        named(f"{OWN}, processor", SECONDS): sum(one["processor"] for one in own),
        named(f"{OWN}, peak memory of all its processes", MEGABYTES): sum(
            one["peak"] for one in own
        ),
    }
    if not workers:
        found |= {
            named(MAGE, SECONDS): sum(mage),
            named(f"{OWN}, wall", SECONDS): wall - sum(mage),
            # The first one starts the services.
            named(f"{OWN} of the last test, wall", SECONDS): took[-1] - mage[-1],
        }
    return found
