"""Processes that have imported what ``mage run`` does, each in a place that runs have in turn."""

from __future__ import annotations

import contextlib
import json
import select
import socket
from typing import TYPE_CHECKING, Any

from harness.running.warm.forking import ask

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from pathlib import Path

_PATIENCE = 30.0
_LARGEST = 1 << 16


class Templates:
    """The templates of a session, at most one for each place.

    Attributes:
        again: How many runs were forked of one that had forked another before.
    """

    def __init__(self) -> None:
        self._kept: dict[Path, tuple[Hashable, socket.socket]] = {}
        self._unfit = False
        self.again = 0

    def of(
        self, place: Path, what: Hashable, *, server: socket.socket, asked: Mapping[str, Any]
    ) -> socket.socket | None:
        """Where a run of a place is asked for: a template is made unless there is one.

        Args:
            place: The folder of the run.
            what: All that is the same of the runs that one template will do for.
            server: Where a template is asked for.
            asked: What it is told: the command that is expected, its folder, its variables.

        Returns:
            The socket; None where there can be no template.
        """
        kept = self._kept.get(place)
        if kept is not None and kept[0] == what:
            self.again += 1
            return kept[1]
        self.forget(place)
        if self._unfit:
            return None
        control = _begun(server, asked)
        if control is None:
            self._unfit = True
            return None
        self._kept[place] = what, control
        return control

    def forget(self, place: Path) -> None:
        """Ask a template no more: it ends when the runs that it has forked have.

        Args:
            place: Its folder.
        """
        kept = self._kept.pop(place, None)
        if kept is not None:
            kept[1].close()

    def close(self) -> None:
        """Ask none of them any more; safe to call twice."""
        for place in list(self._kept):
            self.forget(place)


def _begun(server: socket.socket, asked: Mapping[str, Any]) -> socket.socket | None:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    told: Any = {}
    try:
        with far, contextlib.suppress(OSError):
            ask(server, b"template", asked, (), (far.fileno(),))
        if select.select([near], [], [], _PATIENCE)[0]:
            with contextlib.suppress(OSError, ValueError):
                told = json.loads(near.recv(_LARGEST))
    finally:
        # Whatever comes between, Ctrl-C too: a template that nobody can ask ends by itself.
        if told.get("unfit") != "":
            near.close()
    return near if told.get("unfit") == "" else None
