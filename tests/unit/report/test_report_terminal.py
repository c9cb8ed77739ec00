from __future__ import annotations

import contextlib
import io
import os
import re
import threading

import pytest
from rich.console import Console

from harness.report.model import PipelineReport
from harness.report.progress import _Block, _window
from harness.report.terminal import RunProgress, print_pipeline

HOSTILE = "[bold red]x[/]\x1b[31mred\x1b[0m\x1b]0;title\x07\x07\u202e\udcff\nnext"
SHOWN = r"[bold red]x[/]red\x07\u202e\udcff next"


class Encoded(io.StringIO):
    """A file that refuses what its encoding has no sign for, as a real one does."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:
        return self._encoding

    def write(self, text: str) -> int:
        text.encode(self._encoding)
        return super().write(text)


def log_console(encoding: str = "utf-8", **options) -> Console:
    return Console(file=Encoded(encoding), width=80, **options)


def printed(console: Console) -> str:
    text = console.file.getvalue()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", text)
    return text


def play(progress: RunProgress) -> None:
    with progress:
        progress.message(f"making Mage's environment\n{HOSTILE}")
        progress.pipeline_started("api_to_postgres", ["load", "export"])
        progress.block_started("load")
        progress.block_ended("load", "completed", None, 10_000, 1.25)
        progress.block_started("export")
        progress.block_ended("export", "failed", 10_000, None, None)
        progress.pipeline_ended(ok=False, seconds=150.4)


def test_a_log_has_one_line_for_each_event():
    console = log_console()

    play(RunProgress(console))

    assert printed(console).splitlines() == [
        "making Mage's environment",
        r"[bold red]x[/]red\x07\u202e\udcff",
        "next",
        "api_to_postgres: started, 2 blocks",
        "api_to_postgres: load started",
        "api_to_postgres: load completed, 10,000 rows out, 1.2 s",
        "api_to_postgres: export started",
        "api_to_postgres: export failed, 10,000 rows in",
        "api_to_postgres: failed in 2 min 30 s",
    ]


def test_a_log_that_wants_colour_gets_no_moving_frame():
    console = Console(file=Encoded("utf-8"), force_terminal=True, width=80)

    play(RunProgress(console))

    assert "api_to_postgres: load started" in console.file.getvalue()
    assert "\x1b[?25l" not in console.file.getvalue()


def test_long_lines_of_a_log_are_not_broken():
    console = log_console()

    RunProgress(console).message("word " * 60)

    assert len(printed(console).splitlines()) == 1


def test_a_block_that_was_not_announced_is_shown():
    console = log_console()

    with RunProgress(console) as progress:
        progress.pipeline_started("p", [])
        progress.block_ended("dynamic_0", "completed", 1, 2, 0.1)

    assert "p: dynamic_0 completed, 1 row in, 2 out, 0.1 s" in printed(console)


def on_a_terminal(act) -> str:
    """What a terminal receives while something is shown on it."""
    leader, follower = os.openpty()
    received = []

    def drain() -> None:
        # Linux says EIO once nobody holds the other end any more.
        with contextlib.suppress(OSError):
            while part := os.read(leader, 65_536):
                received.append(part)

    reader = threading.Thread(target=drain)
    reader.start()
    try:
        with os.fdopen(follower, "w", encoding="utf-8") as file:
            act(Console(file=file, width=100, height=20, _environ={"TERM": "xterm"}))
    finally:
        reader.join(timeout=60)
        os.close(leader)
    return b"".join(received).decode("utf-8")


def test_a_terminal_gets_a_frame_that_is_gone_at_the_end():
    def act(console):
        with RunProgress(console) as progress:
            progress.message("making Mage's environment")
            progress.pipeline_started(HOSTILE, ["load", "export"])
            progress.block_started("load")
            progress.block_ended("load", "completed", None, 10_000, 1.25)
            progress._live.refresh()
            progress.pipeline_ended(ok=True, seconds=3.21)

    text = on_a_terminal(act)

    assert "\x1b[?25l" in text  # the cursor is hidden,
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")  # and shown again
    assert "10,000 rows out" in text
    assert "started" not in text
    assert SHOWN in text
    assert "passed in 3.2 s" in text.rpartition("10,000 rows out")[2]


def interrupted(console) -> None:
    with RunProgress(console) as progress:
        progress.pipeline_started("p", ["a"])
        raise KeyboardInterrupt


def test_a_terminal_is_left_in_order_when_the_run_breaks():
    def act(console):
        with pytest.raises(KeyboardInterrupt):
            interrupted(console)

    text = on_a_terminal(act)

    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


@pytest.mark.parametrize(
    ("ended", "expected"), [(0, (0, 4, 16)), (10, (9, 4, 7)), (20, (16, 4, 0))]
)
def test_a_long_pipeline_is_shown_around_the_block_that_runs(ended, expected):
    blocks = [
        _Block(uuid=f"b{at}", status="completed" if at < ended else "not run") for at in range(20)
    ]

    before, shown, after = _window(blocks, 4)

    assert (before, len(shown), after) == expected
    if ended < 20:
        assert blocks[ended] in shown


def test_a_report_names_blocks_sinks_problems_and_the_verdict(failed):
    console = log_console()

    print_pipeline(console, failed)

    lines = [" ".join(line.split()) for line in printed(console).splitlines()]
    assert "load completed - 10,000 1.23" in lines
    assert f"{SHOWN} failed 10,000 - 0.50" in lines
    assert "export not run - - -" in lines
    sinks = [line for line in lines if line.startswith(("Postgres", "GCS", "BigQuery"))]
    assert sinks == [
        "Postgres ny_taxi.trips 1,234,567 2",
        "GCS bucket/note.txt - -",
        "BigQuery ny_taxi.trips 9,500 1",
    ]
    assert f"block-failed {SHOWN} transformers/t.py:12" in lines
    assert f"ValueError: {SHOWN}" in lines
    assert "edge-one-sided metadata.yaml" in lines
    assert lines[-1] == ("FAILED api_to_postgres: 1 of 3 blocks completed, 2 problems, 3 min 03 s")


def test_a_report_of_nothing_says_so():
    console = log_console()

    print_pipeline(console, PipelineReport(uuid="p", ok=True, seconds=0.2))

    assert "nothing was written" in printed(console)
    assert printed(console).splitlines()[-1] == (
        "PASSED  p: 0 of 0 blocks completed, 0 problems, 0.2 s"
    )


def test_a_log_keeps_long_names_whole(failed):
    console = log_console()
    name = "bucket/" + "very-long-name/" * 15

    print_pipeline(
        console,
        PipelineReport(
            uuid="p",
            ok=True,
            seconds=1.0,
            sinks=(type(failed.sinks[0])(service="gcs", name=name, rows=1),),
        ),
    )

    assert name in printed(console)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_can_show_a_report(failed, encoding):
    console = log_console(encoding)

    play(RunProgress(console))
    print_pipeline(console, failed)

    assert "FAILED" in printed(console)
