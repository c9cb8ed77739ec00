"""A cold run: ``mage run`` in a process of its own, as in production."""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from harness.errors import EnvironmentNotAbleError
from harness.machine.group import end_group, ended
from harness.machine.space import explained
from harness.running.deadline import ask_for_stacks
from harness.running.events import EventTail, of_run
from harness.running.result import ProcessResult
from harness.tap import EVENTS_VARIABLE, STACKS_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harness.machine.guardian import Guardian

_POLL = 0.02


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """One run of one pipeline.

    Attributes:
        mage: The command that starts Mage, without arguments.
        project: The workspace's copy of the project.
        pipeline: The pipeline's uuid.
        folder: A private folder for what the run prints and tells.
        env: The whole environment of the process.
        deadline: Seconds after which the process group is ended.
        variables: Runtime variables, given to Mage as JSON.
        block: Run this block only (Mage's ``--block-uuid``).
        arguments: Further arguments for ``mage run``, as they are.
    """

    mage: tuple[str, ...]
    project: Path
    pipeline: str
    folder: Path
    env: Mapping[str, str]
    deadline: float
    variables: Mapping[str, Any] = field(default_factory=dict)
    block: str | None = None
    arguments: tuple[str, ...] = ()

    @property
    def command(self) -> list[str]:
        """The command line. Tests of blocks are off by default in Mage, and on here."""
        command = [*self.mage, "run", str(self.project), self.pipeline, "--test"]
        if self.variables:
            command += ["--runtime-vars", json.dumps(self.variables)]
        if self.block is not None:
            command += ["--block-uuid", self.block]
        return [*command, *self.arguments]


def run_cold(
    request: RunRequest,
    *,
    guardian: Guardian,
    on_event: Callable[[Mapping[str, Any]], None] = lambda _event: None,
) -> ProcessResult:
    """Run a pipeline and wait for its end.

    Args:
        request: What to run.
        guardian: Ends the process group should the harness itself be killed.
        on_event: Told of each event of the tap soon after it happens.

    Raises:
        EnvironmentNotAbleError: The process cannot be started.
    """
    events_file, stacks_file = request.folder / "events.jsonl", request.folder / "stacks.txt"
    env = {
        **request.env,
        **guardian.environment(),
        EVENTS_VARIABLE: str(events_file),
        STACKS_VARIABLE: str(stacks_file),
    }
    stdout, stderr = request.folder / "stdout.txt", request.folder / "stderr.txt"
    tail = EventTail(events_file)
    events: list[Mapping[str, Any]] = []

    began, clock = time.time(), time.monotonic()
    with _private(stdout) as out, _private(stderr) as err:
        process = _start(request, env, out.fileno(), err.fileno())
    guardian.process(process.pid)

    def look() -> None:
        for event in of_run(tail.new(), process.pid):
            events.append(event)
            on_event(event)

    timed_out, stacks, seconds = False, "", 0.0
    try:
        while not ended(process, within=_POLL):
            look()
            if time.monotonic() - clock > request.deadline:
                timed_out = True
                stacks = ask_for_stacks(process, stacks_file)
                break
    finally:
        seconds = time.monotonic() - clock
        end_group(process)
        guardian.forget_process(process.pid)
    look()
    return ProcessResult(
        exit_status=process.returncode,
        timed_out=timed_out,
        began=began,
        seconds=seconds,
        stdout=stdout,
        stderr=stderr,
        events=tuple(events),
        stacks=stacks,
    )


def _private(file: Path) -> IO[bytes]:
    """A new file that only its owner can read."""
    with explained(file, doing="running the pipeline"):
        return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _start(
    request: RunRequest, env: Mapping[str, str], out: int, err: int
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            request.command,
            cwd=request.project,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
            umask=0o077,
        )
    except OSError as error:
        raise EnvironmentNotAbleError(
            f"mage cannot be started: {error.strerror}",
            cause=f"{request.mage[0]} could not be run",
            evidence=[os.fspath(error.filename)] if error.filename else [],
            remedy="see what is installed with: mage-harness doctor",
        ) from error
