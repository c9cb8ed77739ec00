"""Cloud Storage's answers with the times of another clock."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_TIMES = {"timeCreated", "timeDeleted", "timeFinalized", "timeStorageClassUpdated", "updated"}
_LINKS = {"mediaLink", "selfLink"}
# What the user gave stays as it is.
_GIVEN = {"metadata", "customTime"}
_LISTED = re.compile(rb"(?<=<LastModified>)[^<]+(?=</LastModified>)")


class Times:
    """Tells in a clock's time when something happened.

    Args:
        shown: For a real time in seconds since the epoch, the seconds to add to it.
    """

    def __init__(self, shown: Callable[[float], int]) -> None:
        self._shown = shown

    def of(self, text: str) -> str:
        """A time as the JSON and XML APIs write it, ``2026-11-23T06:33:52.705995Z``.

        The fraction stays as it is: clocks differ by whole seconds.
        """
        whole, dot, fraction = text.removesuffix("Z").partition(".")
        real = datetime.fromisoformat(whole).replace(tzinfo=UTC)
        # A time in whole seconds was cut off: it belongs to the clock of its second's end.
        exact = real.timestamp() + (float(f"0.{fraction}") if fraction else 1)
        moved = real + timedelta(seconds=self._shown(exact))
        return f"{moved.strftime('%Y-%m-%dT%H:%M:%S')}{dot}{fraction}Z"

    def of_header(self, text: str) -> str:
        """A time as headers have it, ``Mon, 23 Nov 2026 06:33:52 GMT``."""
        real = parsedate_to_datetime(text)
        moved = real + timedelta(seconds=self._shown(real.timestamp() + 1))
        return format_datetime(moved, usegmt=True)

    def in_json(self, body: bytes, *, origin: str, front: str) -> bytes:
        """An answer of the JSON API; what is no JSON stays as it is.

        Args:
            body: The answer.
            origin: The server's address, with which its links begin.
            front: What takes its place.
        """
        try:
            value = json.loads(body)
        except ValueError:
            return body
        return json.dumps(self._in(value, origin, front), separators=(",", ":")).encode()

    def in_listing(self, body: bytes) -> bytes:
        """A listing of the XML API."""
        return _LISTED.sub(lambda found: self.of(found[0].decode()).encode(), body)

    def _in(self, value: Any, origin: str, front: str) -> Any:
        if isinstance(value, list):
            return [self._in(one, origin, front) for one in value]
        if not isinstance(value, dict):
            return value
        moved = {}
        for name, one in value.items():
            if name in _TIMES and isinstance(one, str) and one:
                moved[name] = self.of(one)
            elif name in _LINKS and isinstance(one, str):
                moved[name] = one.replace(origin, front, 1)
            else:
                moved[name] = one if name in _GIVEN else self._in(one, origin, front)
        return moved
