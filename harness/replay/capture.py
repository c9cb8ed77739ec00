"""What the recording proxy caught: one exchange with an origin, raw, in a private folder.

It still holds every secret that was sent. ``harness.record`` takes them out before anything is
kept.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "captured"
_FILE = "captures.jsonl"
Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Capture:
    """One exchange.

    Attributes:
        at: When the request came, in seconds since the epoch.
        method: The request's method, in upper case.
        url: The absolute URL.
        request_headers: The request's headers in order.
        request_body: The file with the request's body, or None for an empty one.
        status: The answer's status.
        headers: The answer's headers in order.
        body: The file with the answer's body as it was on the wire, or None for an empty one.
        broken: Whether the connection broke before the answer was whole.
        left: Whether it was the client that went.
    """

    at: float
    method: str
    url: str
    request_headers: Fields
    request_body: Path | None
    status: int
    headers: Fields
    body: Path | None
    broken: bool = False
    left: bool = False

    def header(self, name: str) -> str:
        """The value of the answer's header, or an empty text.

        Args:
            name: Its name, in lower case.
        """
        return _first(self.headers, name)

    def request_header(self, name: str) -> str:
        """The value of the request's header, or an empty text.

        Args:
            name: Its name, in lower case.
        """
        return _first(self.request_headers, name)


class Captures:
    """Keeps captures in a folder; the order is that in which requests came.

    Args:
        folder: The folder; it is made, for its owner alone.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self._count = 0

    def new_file(self) -> Path:
        """A file for a body, not yet there."""
        self._count += 1
        return self._folder / f"{self._count}.body"

    def kept(self, body: bytes | None) -> Path | None:
        """The file that keeps a body; None for an empty one.

        Args:
            body: The body.
        """
        if not body:
            return None
        file = self.new_file()
        file.write_bytes(body)
        return file

    def add(self, capture: Capture) -> None:
        """Append one capture, with one system call."""
        line = json.dumps(_as_json(capture)).encode() + b"\n"
        file = self._folder / _FILE
        descriptor = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def read_captures(folder: Path) -> tuple[Capture, ...]:
    """All captures of a folder, in the order in which their requests came.

    Args:
        folder: The folder; it need not exist.
    """
    file = folder / _FILE
    if not file.exists():
        return ()
    found = [_from_json(json.loads(line)) for line in file.read_text("utf-8").splitlines()]
    return tuple(sorted(found, key=lambda capture: capture.at))


def _first(fields: Fields, name: str) -> str:
    return next((text for key, text in fields if key.lower() == name), "")


def _as_json(capture: Capture) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, Path) else value
        for name, value in vars(capture).items()
    }


def _from_json(value: Mapping[str, Any]) -> Capture:
    return Capture(
        **{
            **value,
            "request_headers": tuple((name, text) for name, text in value["request_headers"]),
            "headers": tuple((name, text) for name, text in value["headers"]),
            "request_body": Path(value["request_body"]) if value["request_body"] else None,
            "body": Path(value["body"]) if value["body"] else None,
        }
    )
