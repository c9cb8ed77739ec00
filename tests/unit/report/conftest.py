from __future__ import annotations

import pytest

from harness.problem import Problem
from harness.report.model import BlockReport, PipelineReport, SinkReport
from harness.services.protocol import Column, Sink

HOSTILE = "[bold red]x[/]\x1b[31mred\x1b[0m\x1b]0;title\x07\x07\u202e\udcff\nnext"


@pytest.fixture
def failed() -> PipelineReport:
    """A pipeline with every kind of thing in it, and names that want to do harm."""
    return PipelineReport(
        uuid="api_to_postgres",
        ok=False,
        seconds=183.2,
        blocks=(
            BlockReport(uuid="load", status="completed", rows_out=10_000, seconds=1.234),
            BlockReport(uuid=HOSTILE, status="failed", rows_in=10_000, seconds=0.5),
            BlockReport(uuid="export", status="not run"),
        ),
        problems=(
            Problem(
                code="block-failed",
                message=f"ValueError: {HOSTILE}",
                pipeline="api_to_postgres",
                block=HOSTILE,
                file="transformers/t.py",
                line=12,
            ),
            Problem(code="edge-one-sided", message="mend the edge", file="metadata.yaml"),
        ),
        sinks=tuple(
            SinkReport.from_sink(sink)
            for sink in (
                Sink(
                    service="bigquery",
                    name="ny_taxi.trips",
                    rows=9_500,
                    columns=(Column(name="day", type="DATE"),),
                    version="1",
                ),
                Sink(service="gcs", name="bucket/note.txt", rows=None),
                Sink(
                    service="postgres",
                    name="ny_taxi.trips",
                    rows=1_234_567,
                    columns=(Column(name="a", type="bigint"), Column(name="b", type="text")),
                ),
            )
        ),
    )
