"""A command that goes on when its starter has ended: it has a session of its own."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
from typing import IO, TYPE_CHECKING

from harness.errors import EnvironmentNotAbleError
from harness.machine.order import order

if TYPE_CHECKING:
    from collections.abc import Sequence

_READY = b"ready"
_MOST = 65536


def detached(arguments: Sequence[str], *, option: str) -> int:
    """Start the harness's own command in a session of its own, and show what it says until ready.

    It ends where this process is interrupted before that.

    Args:
        arguments: The subcommand and its arguments.
        option: The option by which it is told the descriptor on which it says that it is ready.

    Returns:
        0 where it is ready, and goes on; else the exit status with which it has ended.

    Raises:
        EnvironmentNotAbleError: It was killed.
    """
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as ready:
        argv, variables = order("harness.cli", *arguments, option, str(writing))
        try:
            process = subprocess.Popen(
                argv,
                env={**os.environ, **variables},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                pass_fds=(writing,),
            )
        finally:
            os.close(writing)
        with process.stdout as out, process.stderr as err:  # type: ignore[union-attr]
            try:
                if _shown(ready, out, err):
                    # It is nobody's to wait for.
                    process.returncode = 0
                    return 0
                status = process.wait()
            except BaseException:
                process.terminate()
                process.wait()
                raise
    if status < 0:
        raise EnvironmentNotAbleError(
            "the services were not started",
            cause=f"the process that was to hold them was ended by signal {-status}",
            remedy="start them again; without --detach more is seen",
        )
    return status


def say_ready(descriptor: int) -> None:
    """Tell the starter that it need not wait any more, and let go of its terminal.

    Args:
        descriptor: What the option gave.

    Raises:
        BrokenPipeError: The starter is gone.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(descriptor, _READY)
    os.close(descriptor)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for own in (1, 2):
        os.dup2(nowhere, own)
    os.close(nowhere)


def _shown(ready: IO[bytes], out: IO[bytes], err: IO[bytes]) -> bool:
    """Pass on what is said until somebody is ready or gone; whether it is ready."""
    with selectors.DefaultSelector() as selector:
        for stream, to in ((out, sys.stdout), (err, sys.stderr), (ready, None)):
            selector.register(stream, selectors.EVENT_READ, to)
        said = None
        while True:
            # What was said before the end is there already.
            found = selector.select(None if said is None else 0)
            if not found:
                return said == _READY
            for key, _ in found:
                content = os.read(key.fd, _MOST)
                if key.data is None:
                    said = content
                elif content:
                    key.data.write(content.decode("utf-8", "replace"))
                    key.data.flush()
                if key.data is None or not content:
                    selector.unregister(key.fileobj)
