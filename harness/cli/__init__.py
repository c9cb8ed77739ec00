"""The command ``mage-harness``: each subcommand calls one function of the package."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

_INTERRUPTED = 130
NO_READER = 141
_told: list[int] = []


def main() -> NoReturn:
    """Run the command and end the process with its exit status.

    0 success; 1 a pipeline or a check failed; 2 bad usage or input; 3 the environment is not able;
    130 interrupted; 141 nobody reads the output any more; 143 ended by SIGTERM.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        # Here, since most of a start is imports, and Ctrl-C may come then.
        from harness.cli.main import run_command  # noqa: PLC0415

        status = run_command(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        status = _INTERRUPTED
        sys.stderr.write("mage-harness: interrupted; everything that it started has been ended\n")
    except BrokenPipeError:
        status = NO_READER
        _forget_output()
    except OSError as error:
        status = 3
        sys.stderr.write(
            f"mage-harness: {error.strerror}\n"
            f"  evidence: {error.filename or 'while writing the output'}\n"
            "  remedy:   free space or mend what is named above, then run again\n"
        )
        _forget_output()
    sys.exit(status)


def until_told() -> NoReturn:
    """Wait for a signal that ends the process.

    One that came before, while modules were imported, may have been lost: Python drops exceptions
    in the callbacks of that.
    """
    while not _told:
        time.sleep(1)
    sys.exit(128 + _told[0])


def is_told() -> bool:
    """Whether a signal has come that ends the process."""
    return bool(_told)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """Leave by an exception, so that everything that was started is ended on the way out."""
    _told.append(number)
    sys.exit(128 + number)


def _forget_output() -> None:
    """Keep Python from flushing, at its end, what cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
