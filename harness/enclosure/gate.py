"""The harness's side of the line to a gate."""

from __future__ import annotations

import contextlib
import socket

from harness.enclosure.wall import TOLD

_PATIENCE = 2.0
_PIECE = 1 << 12


class Gate:
    """Stands outside of a run's walls until it is asked to end.

    Args:
        line: Leads to it.

    Attributes:
        fault: Why it had ended by itself, so that attempts may be untold; empty if it had not.
    """

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.fault = ""

    def end(self) -> None:
        """Have it tell of all that was tried, and end; safe to call twice."""
        if self._line.fileno() < 0:
            return
        with self._line:
            self._line.settimeout(_PATIENCE)
            with contextlib.suppress(OSError):
                self._line.shutdown(socket.SHUT_WR)
            said = b""
            try:
                while piece := self._line.recv(_PIECE):
                    said += piece
            except TimeoutError:
                # It is busy, and not at fault.
                return
            except ConnectionResetError:
                pass
        if said != TOLD:
            self.fault = said.decode("utf-8", "replace") or "it was ended without a word"
