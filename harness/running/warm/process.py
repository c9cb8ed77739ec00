"""A process that the server has forked for a run."""

from __future__ import annotations

import contextlib
import os
import select
from typing import TYPE_CHECKING

from harness.errors import EnvironmentNotAbleError

if TYPE_CHECKING:
    import socket

_WORD = 64
_PATIENCE = 30.0


class WarmProcess:
    """Leads its own group, and is the server's child; the server reaps it at our word.

    Args:
        pid: Its number.
        line: The server's side of this process.
    """

    def __init__(self, pid: int, *, line: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._line = line
        self._handle = os.pidfd_open(pid)

    def ended(self, *, within: float) -> bool:
        """Whether it ends in so many seconds; it is not reaped."""
        return bool(select.select([self._handle], [], [], within)[0])

    def wait(self) -> int:
        """Have it reaped, and say its exit status.

        Raises:
            EnvironmentNotAbleError: The server is gone, and the status with it.
        """
        if self.returncode is None:
            said = b""
            with self._line, contextlib.suppress(OSError):
                self._line.settimeout(_PATIENCE)
                self._line.send(b"reap")
                said = self._line.recv(_WORD)
            os.close(self._handle)
            # Without a word, it is as if it had been killed with its server.
            self.returncode = os.waitstatus_to_exitcode(int(said)) if said else -9
            if not said:
                raise EnvironmentNotAbleError(
                    "the process that warm runs are forked of has ended during a run",
                    remedy='run it again; where it stays so, set runner = "cold"',
                )
        return self.returncode
