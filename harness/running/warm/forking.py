"""How a process is asked for at a socket, of a server or a template."""

from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING, Any

from harness.running.warm.process import WarmProcess

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORD = 64
_PATIENCE = 30.0


def forked(
    control: socket.socket,
    asked: Mapping[str, Any],
    *,
    out: int,
    err: int,
    more: tuple[int, ...],
) -> WarmProcess | None:
    """Have a process forked for a run.

    Args:
        control: Where it is asked for.
        asked: The command, its folder, its variables, and the facts of its walls.
        out: Where its output goes, a descriptor.
        err: Where its errors go.
        more: What the walls' entry talks by, and the gate's line, where there are walls; and of a
            template the line by which the run is asked for.

    Returns:
        The process; None where none can be forked.
    """
    near, far = socket.socketpair()
    near.settimeout(_PATIENCE)
    try:
        with far:
            ask(control, b"run", asked, (far.fileno(),), (out, err, *more))
        said = near.recv(_WORD)
        if said:
            return WarmProcess(int(said), line=near)
        near.close()
    except OSError:
        near.close()
    except BaseException:
        # Also for Ctrl-C: who has forked it then ends it.
        near.close()
        raise
    return None


def ask(
    control: socket.socket,
    word: bytes,
    asked: Mapping[str, Any],
    before: tuple[int, ...],
    after: tuple[int, ...],
) -> None:
    """Send what is asked for.

    Args:
        control: Where.
        word: Of which kind it is.
        asked: What it is told.
        before: Descriptors that it gets before that of what it is told.
        after: Those that it gets behind it.

    Raises:
        OSError: Nobody is there.
    """
    body = os.memfd_create("mage-harness-warm")
    try:
        os.write(body, json.dumps(asked).encode())
        socket.send_fds(control, [word], [*before, body, *after])
    finally:
        os.close(body)
