"""The month of trips, and the memory that a stretch of work takes."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from harness.bench.month import PIPELINE, month_project, with_passengers
from harness.bench.peaks import Meter
from harness.project.lint import lint
from harness.project.reader import read_project


def test_the_month_is_the_same_each_time_and_its_project_without_fault(tmp_path: Path) -> None:
    first, second = (month_project(tmp_path / name, rows=1300) for name in ("a", "b"))
    trips = pq.read_table(first / "trips.parquet")
    assert trips.equals(pq.read_table(second / "trips.parquet"))
    assert trips.num_columns == 18
    passengers = trips.column("passenger_count")
    assert pc.sum(pc.greater(passengers, 0)).as_py() == with_passengers(1300)

    project = read_project(first)
    assert [one.uuid for one in project.pipelines] == [PIPELINE]
    assert not lint(project)


def test_what_is_there_before_is_no_part_of_a_peak() -> None:
    found: dict[str, float] = {}
    program = "import sys; size = bytearray(60_000_000); print(flush=True); sys.stdin.read()"

    def started() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        return process

    with started() as before:
        meter = Meter()
        with started() as new:
            with meter.peaks(found):
                while found.get("children", 0) < 60:
                    time.sleep(0.01)
            new.communicate()
        before.communicate()
    assert 60 < found["children"] < 120
    assert found["both"] >= found["children"]
    assert meter.spent > 0
