"""A command of the user's own among the services, on the user's own terminal."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    process = subprocess.Popen(
        [program, *command[1:]], env={**env, **guardian.environment()}, umask=0o077
    )
    guardian.process(process.pid)
    try:
        status = _waited_for(process, ends=Path(program).name == "mage")
    finally:
        _end(process)
        guardian.forget_process(process.pid)
    return status if status >= 0 else 128 - status


def _waited_for(process: subprocess.Popen[bytes], *, ends: bool) -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            if not sys.stdin.isatty():
                # No terminal has told it.
                process.send_signal(signal.SIGINT)
            if ends:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_GRACE)
                raise


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
