"""The harness's end of the line by which the proxy asks what trouble a request meets."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Trouble = Callable[[str, str, int], Mapping[str, Any]]
    """Told method and URL, and later the size of the body that answers; says what happens.

    Before the answer ``status`` or ``seconds``, or 0 of both for the end of the connection; with
    its size ``cut``, how much of it is sent. Nothing for no trouble.
    """


class Questions:
    """A pair of sockets, one of them the proxy's; questions are answered one after the other.

    Attributes:
        answer: Answers them.
    """

    def __init__(self, answer: Trouble) -> None:
        self.answer = answer
        self._near, self.far = socket.socketpair()
        self._thread = threading.Thread(
            target=self._serve, daemon=True, name="mage-harness-questions"
        )
        self._thread.start()

    def close(self) -> None:
        """Answer no more."""
        with contextlib.suppress(OSError):
            self._near.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._near.close()
        self.far.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError), self._near.makefile("rb") as lines:
            for line in lines:
                asked = json.loads(line)
                told = self.answer(asked["method"], asked["url"], asked["size"])
                self._near.sendall(json.dumps(dict(told)).encode() + b"\n")
