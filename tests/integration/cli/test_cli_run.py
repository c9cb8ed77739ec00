"""The command as a user types it: what it prints, writes, and how it ends."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import psutil
import pytest

from tests.patience import patiently

ROOT = Path(__file__).parents[3]
COMMAND = Path(sys.executable).parent / "mage-harness"
SUCCESS = ROOT / "tests" / "projects" / "success"


def command(*arguments: str, tmp: Path, cwd: Path = ROOT, **env: str) -> subprocess.Popen[str]:
    """Start the command; with cold runs, since the server of warm ones is to be there after it."""
    return subprocess.Popen(
        [str(COMMAND), *arguments],
        cwd=cwd,
        env={**os.environ, "TMPDIR": str(tmp), "MAGE_HARNESS_RUNNER": "cold", **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str], timeout: float = 240) -> tuple[int, str, str]:
    try:
        out, err = process.communicate(timeout=timeout)
    finally:
        process.kill()
    return process.returncode, out, err


def tree(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def processes_of(tmp: Path) -> list[str]:
    """Processes whose command line or folder names this test's private folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        try:
            places = [*(process.info["cmdline"] or []), process.cwd()]
        except psutil.Error:
            continue
        if any(str(tmp) in place for place in places):
            found.append(" ".join(process.info["cmdline"] or []))
    return found


def require_nothing_left(tmp: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and (processes_of(tmp) or list(tmp.iterdir())):
        time.sleep(0.1)
    assert processes_of(tmp) == []
    assert list(tmp.iterdir()) == []


@pytest.fixture
def tmp(tmp_path: Path) -> Path:
    """The temporary folder of the command; its parents may be read by PostgreSQL's user too."""
    folder = tmp_path / "t"
    folder.mkdir(mode=0o755)
    for parent in folder.parents:
        if parent.name.startswith("pytest-"):
            parent.chmod(0o755)
    return folder


@pytest.mark.slow
def test_the_pipelines_run_and_say_what_they_wrote(tmp: Path, tmp_path: Path) -> None:
    before = tree(ROOT / "mage_zoomcamp")
    facts = tmp_path / "facts.json"
    status, out, err = finished(command("run", "--json", str(facts), tmp=tmp))

    assert (status, err) == (0, "")
    run = json.loads(facts.read_text())
    jsonschema.validate(run, json.loads((ROOT / "docs" / "run.schema.json").read_text()))
    assert {pipeline["uuid"]: pipeline["ok"] for pipeline in run["pipelines"]} == {
        "api_to_gcs": True,
        "api_to_postgres": True,
        "gcs_to_bigquery": True,
        "green_taxi_etl": True,
    }
    sinks = {
        (pipeline["uuid"], sink["service"], sink["name"]): sink["rows"]
        for pipeline in run["pipelines"]
        for sink in pipeline["sinks"]
    }
    recorded = ROOT / "fixtures" / "http"
    made = json.loads((recorded / "nyc_tlc" / "facts.json").read_text())
    green = json.loads((recorded / "green_taxi_etl" / "facts.json").read_text())["rows_kept"]
    rows, bucket = made["rows_with_passengers"], "harness-project-yellowtaxi-bucket"
    assert sinks == {
        ("api_to_postgres", "postgres", "ny_taxi.yellow_cab_data"): rows,
        ("api_to_gcs", "gcs", f"{bucket}/nyc_taxi_data.parquet"): rows,
        ("api_to_gcs", "gcs", f"{bucket}/nyc_taxi_data/"): rows,
        ("gcs_to_bigquery", "bigquery", "ny_taxi.yellow_cab_data"): rows,
        ("green_taxi_etl", "postgres", "mage.green_taxi"): green,
        ("green_taxi_etl", "gcs", f"{bucket}/green_taxi/"): green,
    }
    for _, _, name in sinks:
        assert name in "".join(out.split())
    assert tree(ROOT / "mage_zoomcamp") == before
    require_nothing_left(tmp)


@pytest.mark.slow
def test_two_at_once_in_two_processes_give_the_same(tmp: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.json" for number in range(2)]
    both = [command("run", "--json", str(file), tmp=tmp) for file in files]
    assert [finished(process)[0] for process in both] == [0, 0]

    def facts(file: Path) -> list[object]:
        return [
            (one["uuid"], one["ok"], one["sinks"], [block["rows_out"] for block in one["blocks"]])
            for one in json.loads(file.read_text())["pipelines"]
        ]

    assert facts(files[0]) == facts(files[1])
    require_nothing_left(tmp)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_it_is_ended_in_the_middle(number: int, tmp: Path) -> None:
    sensor = ROOT / "tests" / "projects" / "hang_sensor"
    process = command("run", "--project", str(sensor), tmp=tmp)
    until = time.monotonic() + 120
    while time.monotonic() < until and not list(tmp.glob("**/events.jsonl")):
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(number)
    status, _, err = finished(process, timeout=120)

    assert status == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}[number]
    assert "Traceback" not in err
    assert number != signal.SIGINT or "interrupted" in err
    require_nothing_left(tmp)


def test_a_pipeline_that_hangs_is_ended_at_its_deadline(tmp: Path) -> None:
    sensor = ROOT / "tests" / "projects" / "hang_sensor"

    def run(deadline: float) -> tuple[int, str, str]:
        words = ("run", "--project", str(sensor), "--deadline", str(deadline))
        return finished(command(*words, tmp=tmp))

    status, out, _ = patiently(run, until=lambda done: "sensors/wait.py" in done[1], least=8.0)
    assert status == 1
    assert "deadline" in out
    assert "sensors/wait.py" in out
    require_nothing_left(tmp)


def test_variables_are_given_to_the_pipeline_and_the_status_is_one_where_a_block_fails(
    tmp: Path, tmp_path: Path
) -> None:
    facts = tmp_path / "facts.json"
    status, out, _ = finished(
        command("run", "api_to_postgres", "--var", "month=12", "--json", str(facts), tmp=tmp)
    )
    assert status == 1
    (pipeline,) = json.loads(facts.read_text())["pipelines"]
    assert not pipeline["ok"]
    codes = {problem["code"]: problem for problem in pipeline["problems"]}
    assert codes["http-unrecorded"]["block"] == "load_api_data"
    assert codes["http-unrecorded"]["line"]
    assert "2021-12" in out
