"""A cold run: ``mage run`` in a process of its own, as in production."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.running.deadline import ask_for_stacks
from harness.running.events import EventTail, of_run
from harness.running.result import ProcessResult
from harness.running.runner import ARCS, EVENTS, STACKS, STDERR, STDOUT
from harness.tap import (
    ARCS_VARIABLE,
    CODE_VARIABLE,
    DEBUG_VARIABLE,
    ENGINE_VARIABLE,
    EVENTS_VARIABLE,
    KILLED_AFTER_VARIABLE,
    STACKS_VARIABLE,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.running.runner import Runner, RunRequest

_LOOK = 0.1
"""Seconds between two looks at the events; the end of the process is seen at once."""


def run_cold(
    request: RunRequest,
    *,
    runner: Runner,
    on_event: Callable[[Mapping[str, Any]], None] = lambda _event: None,
) -> ProcessResult:
    """Run a pipeline and wait for its end.

    Args:
        request: What to run.
        runner: Where.
        on_event: Told of each event of the tap soon after it happens.

    Raises:
        EnvironmentNotAbleError: The process cannot be started.
        ServiceError: What it ran in went away.
    """
    events_file, stacks_file = request.folder / EVENTS, request.folder / STACKS
    tail = EventTail(events_file)
    events: list[Mapping[str, Any]] = []

    began, clock = time.time(), time.monotonic()
    process = runner.start(command_of(request), request=request, env=environment_of(request))

    def look() -> None:
        for event in of_run(tail.new(), process.pid):
            events.append(event)
            on_event(event)

    timed_out, stacks, seconds = False, "", 0.0
    try:
        while not process.ended(within=_LOOK):
            look()
            if time.monotonic() - clock > request.deadline:
                timed_out = True
                stacks = ask_for_stacks(process, stacks_file)
                break
    finally:
        seconds = time.monotonic() - clock
        status = process.end()
    look()
    return ProcessResult(
        exit_status=status,
        timed_out=timed_out,
        began=began,
        seconds=seconds,
        stdout=request.folder / STDOUT,
        stderr=request.folder / STDERR,
        events=tuple(events),
        stacks=stacks,
    )


def environment_of(request: RunRequest) -> dict[str, str]:
    """All variables of a run: what it is told besides is for the tap."""
    terminal = {"TERM": os.environ.get("TERM", "dumb")} if request.asked.debugged else {}
    return {
        **request.env,
        **terminal,
        EVENTS_VARIABLE: str(request.folder / EVENTS),
        STACKS_VARIABLE: str(request.folder / STACKS),
        ARCS_VARIABLE: str(request.folder / ARCS) if request.asked.coverage else "",
        CODE_VARIABLE: json.dumps(_code(request)),
        ENGINE_VARIABLE: str(request.databases or ""),
        DEBUG_VARIABLE: "1" if request.asked.debugged else "",
        KILLED_AFTER_VARIABLE: str(request.asked.killed_after or ""),
    }


def command_of(request: RunRequest) -> list[str]:
    """The command line. Tests of blocks are off by default in Mage, and on here."""
    asked = request.asked
    command = [*request.mage, "run", str(request.project), request.pipeline, "--test"]
    if asked.variables:
        command += ["--runtime-vars", json.dumps(asked.variables)]
    if asked.block is not None:
        command += ["--block-uuid", asked.block]
    return [*command, *asked.arguments]


def _code(request: RunRequest) -> dict[str, str]:
    """The folders of the project's code as the run sees them, with their place in the project."""
    shown = [(str(request.project), str(request.project)), *request.shown]
    return {
        target: str(Path(source).relative_to(request.project))
        for source, target in shown
        if Path(source).is_relative_to(request.project)
    }
