from __future__ import annotations

from pathlib import Path

from harness.running.block_run import COMPLETED, FAILED, NOT_RUN, RUNNING
from harness.running.events import EventTail, of_run
from harness.running.folding import blocks_of


def frame(rows: int | None) -> dict[str, object]:
    return {"kind": "DataFrame", "rows": rows, "columns": []}


def test_a_line_that_is_still_being_written_is_left_for_later(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    tail = EventTail(file)
    assert list(tail.new()) == []
    file.write_text('{"event": "a", "at": 1, "pid": 1}\n{"event": ')
    assert [event["event"] for event in tail.new()] == ["a"]
    with file.open("a") as more:
        more.write('"b", "at": 2, "pid": 1}\n')
    assert [event["event"] for event in tail.new()] == ["b"]
    assert list(tail.new()) == []


def test_events_are_folded_into_what_each_block_did() -> None:
    events = [
        {"event": "block_start", "block": "load", "at": 1.0},
        {"event": "block_input", "block": "load", "inputs": [], "named": 0, "unseen": []},
        {"event": "block_returned", "block": "load", "kind": "DataFrame", "line": 4},
        {"event": "block_output", "block": "load", "outputs": [frame(3), frame(4)]},
        {"event": "block_end", "block": "load", "at": 2.0, "seconds": 1.0},
        {"event": "block_start", "block": "mend", "at": 2.0},
        {
            "event": "block_input",
            "block": "mend",
            "inputs": [frame(7), frame(None)],
            "named": 2,
            "unseen": ["month"],
        },
        {
            "event": "block_error",
            "block": "mend",
            "at": 3.0,
            "seconds": 1.0,
            "error": "KeyError",
            "message": "'a'",
            "line": 9,
        },
        {"event": "block_start", "block": "wait", "at": 2.5},
        {"event": "block_start", "block": "of another pipeline", "at": 2.5},
    ]
    load, mend, wait, never = blocks_of(["load", "mend", "wait", "never"], events)
    assert (load.status, load.rows_in, load.rows_out, load.seconds) == (COMPLETED, None, 7, 1.0)
    assert (mend.status, mend.rows_in, mend.error, mend.error_line) == (
        FAILED,
        7,
        "KeyError: 'a'",
        9,
    )
    assert (load.unseen, mend.unseen) == ((), ("month",))
    assert wait.status == RUNNING
    assert never.status == NOT_RUN


def test_a_failed_test_makes_its_block_fail() -> None:
    events = [
        {"event": "block_start", "block": "mend", "at": 2.0},
        {"event": "block_end", "block": "mend", "at": 3.0, "seconds": 1.0},
        {
            "event": "test",
            "block": "mend",
            "test": "check",
            "passed": False,
            "line": 5,
            "message": "m",
        },
    ]
    (mend,) = blocks_of(["mend"], events)
    assert mend.status == FAILED
    assert mend.tests[0].message == "m"


def test_a_line_that_cannot_be_read_is_told_and_not_fatal(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{"event": "a", "at": 1, "pid": 1}\n{"event": {"even\nnonsense\n[1]\n')
    assert [event["event"] for event in EventTail(file).new()] == ["a", *3 * ["unreadable"]]


def test_what_children_do_at_services_counts_and_what_they_say_of_blocks_does_not() -> None:
    events = [
        {"event": "block_start", "pid": 1},
        {"event": "block_error", "pid": 2},
        {"event": "object_missing", "pid": 2},
    ]
    assert [event["event"] for event in of_run(events, 1)] == ["block_start", "object_missing"]
