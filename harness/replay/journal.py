"""The log of what was asked for: JSON lines in a private file."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

FILE = "requests.jsonl"
Kind = Literal[
    "recording",
    "file",
    "noise",
    "unrecorded",
    "refused",
    "untrusted",
    "captured",
    "unreachable",
]


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request, and what became of it.

    Attributes:
        at: Seconds since the epoch.
        method: The request's method.
        url: The URL that was asked for; the values of query keys that look like secrets are
            masked.
        status: The status that was sent, or 0 where no answer could be sent.
        bytes: Size of the body that was sent.
        recorded: Whether a recording or a mapped file answered it.
        kind: ``recording`` or ``file``: it was answered. ``noise``: background noise of a client,
            answered 404. ``unrecorded``: nothing answers it. ``refused``: not a request that can
            be recorded (a tunnel to another protocol, a WebSocket). ``untrusted``: the client did
            not accept the proxy's certificate. ``captured``: its origin answered, and the answer
            was kept. ``unreachable``: its origin could not be asked.
        generated: Whether what answered it was made up, and no origin gave it.
        nearest: The nearest URLs that would have been answered.
        note: More about the cause.
        volatile: The names in its body that may be such as differ each time.
    """

    at: float
    method: str
    url: str
    status: int
    bytes: int
    recorded: bool
    kind: Kind
    generated: bool = False
    nearest: tuple[str, ...] = ()
    note: str = ""
    volatile: tuple[str, ...] = ()


class Journal:
    """Writes the log; each line with one system call, so that a reader never sees half of one.

    Args:
        file: The file, made private if it does not exist.
    """

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def write(self, exchange: Exchange) -> None:
        """Append one exchange."""
        os.write(self._descriptor, json.dumps(asdict(exchange)).encode() + b"\n")

    def clear(self) -> None:
        """Forget all exchanges."""
        os.ftruncate(self._descriptor, 0)


def read(file: Path) -> tuple[Exchange, ...]:
    """The exchanges of a log, in order; none where there is no log.

    Args:
        file: The log.
    """
    if not file.exists():
        return ()
    values = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    lists = ("nearest", "volatile")
    return tuple(
        Exchange(**{**value, **{name: tuple(value[name]) for name in lists}}) for value in values
    )
