"""A command on a terminal of its own, as a user has it: what it shows, and what is typed."""

from __future__ import annotations

import os
import pty
import subprocess
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ENDED = 60.0


class Terminal:
    """Runs a command on a pseudo-terminal; as a context manager it ends what is left of it.

    Args:
        command: The command line.
        env: All variables that it gets.
    """

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str]) -> None:
        self._near, far = pty.openpty()
        try:
            self._process = subprocess.Popen(
                command, env=dict(env), stdin=far, stdout=far, stderr=far, start_new_session=True
            )
        finally:
            os.close(far)
        self.shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(_ENDED)
        os.close(self._near)

    def until(self, text: str) -> str:
        """Read until a text is shown.

        Returns:
            What was shown since the last call.
        """
        shown = ""
        while text not in shown:
            piece = self._piece()
            assert piece, f"{text!r} was not shown, but: {self.shown[-3000:]}"
            shown += piece
        return shown

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self._near, f"{line}\n".encode())

    def status(self) -> int:
        """Read to the end, and say the command's exit status."""
        while self._piece():
            pass
        return self._process.wait(_ENDED)

    def _piece(self) -> str:
        try:
            piece = os.read(self._near, 1 << 16).decode("utf-8", "replace")
        except OSError:
            # Nobody has the other end any more.
            return ""
        self.shown += piece
        return piece
