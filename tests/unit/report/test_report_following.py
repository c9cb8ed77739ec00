"""The tap's events as progress: each child of a dynamic block, each block of a triggered pipeline."""

from __future__ import annotations

import io

from rich.console import Console

from harness.cli.following import Following
from harness.report.terminal import RunProgress


def shown(events) -> list[str]:
    console = Console(file=io.StringIO(), width=80)
    with RunProgress(console) as progress:
        progress.pipeline_started("zones", ["items", "each"])
        following = Following(progress)
        for at, event in enumerate(events):
            following({"at": float(at), **event})
    return console.file.getvalue().splitlines()[1:]


def of_block(uuid, *, child=None, rows=0, fails=False, **more):
    inputs = [{"kind": "DataFrame", "rows": rows}]
    yield {"event": "block_start", "block": uuid, "child": child, **more}
    yield {
        "event": "block_input",
        "block": uuid,
        "inputs": inputs,
        "named": 1,
        "unseen": [],
        **more,
    }
    if fails:
        error = {"error": "ValueError", "message": "no", "line": 1}
        yield {"event": "block_error", "block": uuid, "seconds": 1.0, **error, **more}
    else:
        yield {"event": "block_output", "block": uuid, "outputs": inputs, **more}
        yield {"event": "block_end", "block": uuid, "seconds": 1.0, **more}


def test_each_child_is_told_with_its_own_rows_and_status():
    events = [
        *of_block("each", child=0, rows=1),
        *of_block("each", child=1, rows=2, fails=True),
        *of_block("each", child=2, rows=3),
    ]
    assert shown(events) == [
        "zones: each, child 1, started",
        "zones: each, child 1, completed, 1 row in, 1 out, 1.0 s",
        "zones: each, child 2, started",
        "zones: each, child 2, failed, 2 rows in, 1.0 s",
        "zones: each, child 3, started",
        "zones: each, child 3, completed, 3 rows in, 3 out, 1.0 s",
    ]


def test_blocks_of_a_triggered_pipeline_are_told_with_its_name():
    events = [
        {"event": "run_start", "run": 2, "pipeline": "child", "number": 2},
        *of_block("rows", rows=4, run=2),
    ]
    assert shown(events) == [
        "zones: child > rows started",
        "zones: child > rows completed, 4 rows in, 4 out, 1.0 s",
    ]
