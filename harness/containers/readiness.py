"""Waits until the service in a container answers, or its container has ended."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.containers.container import Container

_LOOK = 0.1
"""Seconds between two looks whether a container that is not ready yet still runs."""
_KNOCK = 0.2
"""Seconds in which a port of a container takes a connection, or nobody is there."""


def await_ready(
    container: Container,
    ready: Callable[[Container], bool],
    *,
    seconds: float,
    poll: float,
    desktop: bool,
    go_on: Callable[[], None],
) -> None:
    """Return when a container is ready.

    Args:
        container: The container, started.
        ready: Whether the service in it answers; what it raises ends the wait.
        seconds: How long it may take.
        poll: Seconds between two looks.
        desktop: Whether the engine runs in a virtual machine of its own.
        go_on: Raises where nobody waits any more.

    Raises:
        ServiceError: It ended before it was ready, or was not ready in time.
    """
    now = time.monotonic()
    until, look = now + seconds, now
    while True:
        if now >= look:
            # The engine answers slowly while it starts others; the service does not.
            container.check()
            look = now + _LOOK
        if _listens(container, desktop=desktop) and ready(container):
            return
        go_on()
        now = time.monotonic()
        if now > until:
            raise container.failed(f"it was not ready after {seconds:.0f} seconds")
        time.sleep(poll)


def _listens(container: Container, *, desktop: bool) -> bool:
    """Whether its ports take connections; where its address is gone, clients wait for long."""
    if desktop:
        return True  # it is the engine that takes them, at an address that stays
    try:
        for port in container.spec.ports:
            socket.create_connection(container.address(port), _KNOCK).close()
    except OSError:
        return False
    return True
