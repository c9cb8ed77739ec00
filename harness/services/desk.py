"""Several processes share one stack's slow parts: the owner has a desk, the others call at it.

Under pytest-xdist the controller is the owner. A worker that needs PostgreSQL, or Mage's container,
asks the controller's desk, which starts it at the first request. What a worker then has of it is
its own: a database, a folder, a bucket server, a BigQuery.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener
from typing import TYPE_CHECKING, Any

from harness.errors import HarnessError, ServiceError
from harness.machine.ports import HOST
from harness.services.stack import Stack
from harness.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.services.visitor import Shared


class Desk:
    """Starts services for other processes of this user, each at most once for equal settings.

    Args:
        progress: Is told what is being started.
    """

    def __init__(self, *, progress: Callable[[str], None]) -> None:
        self._progress = progress
        self._key = secrets.token_hex(16)
        self._stacks: dict[str, Stack] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._listener = Listener((HOST, 0), authkey=self._key.encode())
        threading.Thread(target=self._serve, name="mage-harness-desk", daemon=True).start()

    @property
    def invitation(self) -> dict[str, Any]:
        """What another process needs to call; plain values, which execnet can carry."""
        host, port = self._listener.address
        return {"host": str(host), "port": int(port), "key": self._key}

    def close(self) -> None:
        """Stop all services. Safe to call twice."""
        with self._lock:
            if not self._closed:
                self._closed = True
                # Closing does not wake a thread that waits for a caller; a caller does.
                with contextlib.suppress(OSError, EOFError):
                    Client(self._listener.address, authkey=self._key.encode()).close()
                self._listener.close()
            stacks = list(self._stacks.values())
            self._stacks.clear()
        with contextlib.ExitStack() as closing:
            for stack in stacks:
                closing.callback(stack.stop)

    def _serve(self) -> None:
        while not self._closed:
            # A caller without the key, or the end.
            with contextlib.suppress(AuthenticationError, OSError, EOFError):
                connection = self._listener.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: Any) -> None:
        with contextlib.suppress(EOFError, OSError), connection:
            settings = connection.recv()
            try:
                connection.send(self._started(settings))
            except HarnessError as error:
                connection.send(error)
            except Exception as error:  # noqa: BLE001 - a thread has nobody else to tell
                connection.send(
                    ServiceError(
                        "the services that workers share did not start in the controller",
                        cause=f"{type(error).__name__}: {error}",
                        remedy="run the tests without -n to see more",
                    )
                )

    def _started(self, settings: str) -> Shared:
        with self._lock:
            if self._closed:
                raise ServiceError("the test session is at its end", remedy="run the tests again")
            if settings not in self._stacks:
                wanted = Settings.model_validate_json(settings)
                self._stacks[settings] = Stack(wanted, progress=self._progress)
            stack = self._stacks[settings]
        # Without the lock: an image may take minutes, and ``close`` ends the wait for it.
        shared = stack.share()
        if self._closed:
            stack.stop()
        return shared
