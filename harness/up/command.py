"""A command of the user's own among the services, on the user's own terminal."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType, TracebackType

    from harness.machine.guardian import Guardian

_GRACE = 10.0


def run_command_among(command: Sequence[str], *, env: Mapping[str, str], guardian: Guardian) -> int:
    """Run a command until it ends.

    Ctrl-C is the command's: the terminal tells it too, and it decides what becomes of it. Mage,
    which now and then stays, is ended by it in any case.

    Args:
        command: The program, looked for on the PATH that it gets, and its arguments.
        env: All variables that it gets.
        guardian: Ends what it leaves behind.

    Returns:
        Its exit status; 128 and the signal's number where one ended it.

    Raises:
        InputError: There is no such program.
        KeyboardInterrupt: Ctrl-C has ended Mage.
    """
    program = shutil.which(command[0], path=env["PATH"])
    if program is None:
        raise InputError(
            f"there is no program {command[0]}",
            evidence=[f"PATH: {env['PATH']}"],
            remedy="correct the command behind `--`",
        )
    with _Interrupts(end=Path(program).name == "mage") as interrupts:
        process = subprocess.Popen(
            [program, *command[1:]], env={**env, **guardian.environment()}, umask=0o077
        )
        try:
            guardian.process(process.pid)
            interrupts.reach(process)
            status = process.wait()
        finally:
            _end(process)
            guardian.forget_process(process.pid)
    if interrupts.ended:
        raise KeyboardInterrupt
    return status if status >= 0 else 128 - status


class _Interrupts:
    """What Ctrl-C does while a command runs.

    Args:
        end: Whether the command ends by it, also where it would stay.
    """

    def __init__(self, *, end: bool) -> None:
        self._end = end
        self._pressed = False
        self._process: subprocess.Popen[bytes] | None = None
        self._timers: list[threading.Timer] = []
        self._before: Any = signal.SIG_IGN

    def __enter__(self) -> Self:
        self._before = signal.getsignal(signal.SIGINT)
        # Who has it ignored, as a shell does for what runs in its background, goes on so.
        if self._before is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._before)
        for timer in self._timers:
            timer.cancel()

    @property
    def ended(self) -> bool:
        """Whether Ctrl-C has come that ends the command."""
        return self._end and self._pressed

    def reach(self, process: subprocess.Popen[bytes]) -> None:
        """Know the command, for which Ctrl-C may have come already."""
        self._process = process
        if self._pressed:
            self._pass_on(process)

    def _press(self, _number: int, _frame: FrameType | None) -> None:
        self._pressed = True
        if self._process is not None:
            self._pass_on(self._process)

    def _pass_on(self, process: subprocess.Popen[bytes]) -> None:
        if not sys.stdin.isatty():
            # No terminal has told it.
            process.send_signal(signal.SIGINT)
        if self._end and not self._timers:
            for seconds, ending in ((_GRACE, process.terminate), (2 * _GRACE, process.kill)):
                timer = threading.Timer(seconds, ending)
                timer.daemon = True
                timer.start()
                self._timers.append(timer)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
