"""The starts that are under way in a world, and the word that there are to be no more."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Starts:
    """Counts what threads are starting, so that who closes can wait for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._under_way = 0
        self._begun = 0
        self._closing = False

    def open(self) -> None:
        """Let starts begin, the first time or again."""
        self._closing = False

    @contextmanager
    def one(self) -> Iterator[int]:
        """Start something; gives its number, which no other start of this world has.

        Raises:
            ServiceError: The session ends.
        """
        with self._changed:
            self.require_open()
            self._under_way += 1
            self._begun += 1
            number = self._begun
        try:
            yield number
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def require_open(self) -> None:
        """Return if starts may go on.

        Raises:
            ServiceError: The session ends.
        """
        if self._closing:
            raise ServiceError("no container is started any more", cause="the session ends")

    def close(self, *, patience: float) -> bool:
        """Let no more begin, and wait for those that are under way.

        Args:
            patience: Seconds to wait.

        Returns:
            Whether all of them are over.
        """
        with self._changed:
            self._closing = True
            return self._changed.wait_for(lambda: not self._under_way, timeout=patience)
