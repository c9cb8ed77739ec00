"""A process that can open no connection: what keeps the proxy from ever reaching an origin."""

from __future__ import annotations

import sys
from typing import Any

_LOOPBACK = (None, "", "127.0.0.1", "::1", "localhost")
_OUTWARD = frozenset(("socket.connect", "socket.sendto"))
_LOOK_UPS = frozenset(("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"))


def seal() -> None:
    """Make every connection and every look-up of a name fail in this process, for good.

    The events are those of CPython's audit table; a hook cannot be removed again.
    """
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    # Without an address, a message answers a connection that is there: from Python 3.12 on, asyncio
    # sends so to a client that reads slowly.
    message = event == "socket.sendmsg" and arguments[-1] is not None
    name = event in _LOOK_UPS and arguments[0] not in _LOOPBACK
    if event in _OUTWARD or message or name:
        raise PermissionError(f"the replay proxy is sealed: {event} {arguments[-1]!r}")
