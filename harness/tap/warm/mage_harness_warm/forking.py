"""Forks a process for each run that is asked for at a socket, and tells how it ended."""

import contextlib
import os
import select
import signal
import socket
from typing import Dict, List, NamedTuple, Optional

_MOST_DESCRIPTORS = 8
RUN, TEMPLATE = b"run", b"template"


class Asked(NamedTuple):
    """What a forked process is asked for.

    Attributes:
        kind: ``RUN``, or ``TEMPLATE`` for a process that runs are forked of in its turn.
        descriptors: Those that were sent for it; for a template, before them one of a socket: its
            end says that the process has ended, and each letter that a run was forked.
    """

    kind: bytes
    descriptors: List[int]


class Forking:
    """Forks on demand, until nobody asks any more.

    Args:
        asking: Sockets at which is asked.
    """

    def __init__(self, asking: List[socket.socket]) -> None:
        self._asking = asking
        self._runs: Dict[socket.socket, int] = {}
        self._templates: Dict[socket.socket, int] = {}
        self._forked = 0

    def serve(self) -> Optional[Asked]:
        """Fork on demand.

        Returns:
            In a forked process, what it is asked for; in this one None at the end.
        """
        while self._asking or self._busy():
            ready = select.select(self._sockets(), [], [], self._patience())[0]
            if not ready:
                return None
            for one in ready:
                asked = self._answer(one)
                if asked is not None:
                    return asked
        return None

    def _busy(self) -> bool:
        """Whether there are processes that it has to reap."""
        return bool(self._runs or self._templates)

    def _sockets(self) -> List[socket.socket]:
        return [*self._asking, *self._runs, *self._templates]

    def _patience(self) -> Optional[float]:
        """Seconds without a word after which it ends; None for no such end."""
        return None

    def _answer(self, one: socket.socket) -> Optional[Asked]:
        if one in self._runs:
            _settle(one, self._runs.pop(one))
        elif one in self._templates:
            self._hear(one)
        elif one in self._asking:
            return self._heed(one)
        return None

    def _heed(self, asking: socket.socket) -> Optional[Asked]:
        try:
            content, descriptors, *_ = socket.recv_fds(asking, 16, _MOST_DESCRIPTORS)
        except ConnectionResetError:
            # It has not read what it was told; what it said before is there once this is known.
            return None
        if content in (RUN, TEMPLATE):
            return self._fork(content, descriptors)
        self._leave(asking, content)
        return None

    def _leave(self, asking: socket.socket, content: bytes) -> None:  # noqa: ARG002 - a server's
        """Somebody asks no more, or says something else.

        Args:
            asking: At which socket.
            content: What was said; empty where it was closed.
        """
        self._asking.remove(asking)
        asking.close()

    def _fork(self, kind: bytes, descriptors: List[int]) -> Optional[Asked]:
        if kind == TEMPLATE:
            near, far = socket.socketpair()
        process = os.fork()
        if not process:
            for one in self._sockets():
                one.close()
            if kind == TEMPLATE:
                near.close()
                descriptors = [far.detach(), *descriptors]
            return Asked(kind, descriptors)
        if kind == TEMPLATE:
            far.close()
            self._templates[near] = process
        else:
            near = socket.socket(fileno=descriptors.pop(0))
            self._runs[near] = process
            self._count()
        for descriptor in descriptors:
            os.close(descriptor)
        return None

    def _count(self) -> None:
        self._forked += 1

    def _hear(self, template: socket.socket) -> None:
        """A template has forked runs, or has ended."""
        said = b""
        with contextlib.suppress(OSError):
            said = template.recv(16)
        self._forked += len(said)
        if not said:
            _settle(template, self._templates.pop(template))


def _settle(line: socket.socket, process: int) -> None:
    """Reap a process, at the harness's word or since that is gone, and tell its status.

    Until then its number is its own, and its group can be ended by it.
    """
    with line, contextlib.suppress(OSError):
        if not line.recv(16):
            with contextlib.suppress(OSError):
                os.killpg(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        line.send(b"%d" % status)
