"""A server program in a process of its own: started, watched until it is ready, and ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

from harness.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from harness.machine.guardian import Guardian

POLL = 0.005
LOG_LINES = 20


class Program:
    """One run of a program, in a process group of its own, its output in a private file.

    Args:
        command: The program and its arguments.
        name: What it is called in messages.
        log: The file that takes its output; made anew.
        guardian: Who ends it when the harness cannot.
        environment: All variables that it gets, besides the guardian's.
        ending: The signal that ends it cleanly.
        user: The number of the user to run it as, or None for the present one.
    """

    def __init__(
        self,
        command: Sequence[str | os.PathLike[str]],
        *,
        name: str,
        log: Path,
        guardian: Guardian,
        environment: Mapping[str, str],
        ending: int = signal.SIGTERM,
        user: tuple[int, int] | None = None,
    ) -> None:
        self._command = [os.fspath(part) for part in command]
        self._name = name
        self._log = log
        self._guardian = guardian
        self._environment = dict(environment) | guardian.environment()
        self._ending = ending
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process, or None when it is not running."""
        return None if self._process is None else self._process.pid

    @property
    def log(self) -> str:
        """What it has written so far."""
        try:
            return self._log.read_text("utf-8", "replace")
        except FileNotFoundError:
            return ""

    def start(self, ready: Callable[[], bool], *, seconds: float = 30.0) -> None:
        """Start the program and return when ``ready`` says so.

        Raises:
            ServiceError: It ended, or was not ready in time; the message holds its log's end.
        """
        user, group = self._user or (None, None)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        descriptor = os.open(self._log, flags, 0o600)
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                cwd="/",
                env=self._environment,
                process_group=0,
                umask=0o077,
                user=user,
                group=group,
                extra_groups=None if user is None else [],
            )
        finally:
            os.close(descriptor)
        until = time.monotonic() + seconds
        try:
            self._guardian.process(self._process.pid, signal=self._ending)
            while not ready():
                self.check()
                self._wait(until, seconds)
        except BaseException:
            self.stop()
            raise

    def check(self) -> None:
        """Make sure that it still runs.

        Raises:
            ServiceError: It has ended.
        """
        status = None if self._process is None else self._process.poll()
        if status is not None:
            raise self._failed(f"it ended with status {status}")

    def stop(self, *, seconds: float = 5.0, ending: int | None = None) -> None:
        """End it, by its own signal and then by SIGKILL, and wait. Safe to call twice.

        Args:
            seconds: How long it may take.
            ending: Another signal than its own.
        """
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(self._ending if ending is None else ending)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                # Before it is waited for: until then nobody else can have its group's number.
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._guardian.forget_process(process.pid)

    def _wait(self, until: float, seconds: float) -> None:
        if time.monotonic() > until:
            raise self._failed(f"it was not ready after {seconds:.0f} seconds")
        time.sleep(POLL)

    def _failed(self, cause: str) -> ServiceError:
        lines = self.log.splitlines()[-LOG_LINES:]
        return ServiceError(
            f"{self._name} did not start",
            cause=cause,
            evidence=lines or ["its log is empty"],
            remedy="run `mage-harness doctor`, which checks what this machine can do",
        )
