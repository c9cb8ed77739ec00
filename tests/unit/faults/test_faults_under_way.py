"""Which block runs, by the events of a run; and what is added to them."""

from __future__ import annotations

import json

import pytest

from harness.faults.under_way import UnderWay


@pytest.fixture
def run(tmp_path):
    under_way = UnderWay()
    under_way.follow(tmp_path)
    return under_way


def write(file, *events):
    with file.open("a") as lines:
        for event, block in events:
            lines.write(json.dumps({"event": event, "at": 1.0, "pid": 7, "block": block}) + "\n")


def test_a_block_runs_from_its_start_to_its_end_or_error(run, tmp_path):
    events = tmp_path / "events.jsonl"
    assert run.blocks() == ()
    write(events, ("process", ""), ("block_start", "loads"))
    assert run.blocks() == ("loads",)
    write(events, ("block_end", "loads"), ("block_start", "writes"), ("block_start", "tells"))
    assert set(run.blocks()) == {"writes", "tells"}
    write(events, ("block_error", "writes"))
    assert run.blocks() == ("tells",)


def test_each_block_may_have_a_process_of_its_own(run, tmp_path):
    for number in ("000", "001"):
        (tmp_path / number).mkdir()
    write(tmp_path / "000" / "events.jsonl", ("process", ""), ("block_start", "loads"))
    assert run.blocks() == ("loads",)
    write(tmp_path / "001" / "events.jsonl", ("process", ""), ("block_start", "writes"))
    assert run.blocks() == ("writes",)


def test_what_is_added_stands_among_the_events(run, tmp_path):
    run.add(what="nothing to add to yet")
    events = tmp_path / "events.jsonl"
    write(events, ("process", ""), ("block_start", "loads"))
    run.add(service="gcs", what="503")
    last = json.loads(events.read_text("utf-8").splitlines()[-1])
    assert {"event": "fault", "service": "gcs", "what": "503", "pid": 7}.items() <= last.items()
    assert run.blocks() == ("loads",)


def test_another_run_begins_without_blocks(run, tmp_path):
    write(tmp_path / "events.jsonl", ("process", ""), ("block_start", "loads"))
    assert run.blocks() == ("loads",)
    (tmp_path / "next").mkdir()
    run.follow(tmp_path / "next")
    assert run.blocks() == ()
