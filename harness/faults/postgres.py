"""Trouble at PostgreSQL: connections refused or cut, within a COPY too, and statements that fail.

Source of the messages: "Message Formats" of PostgreSQL's manual.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, BinaryIO

from harness.faults.fault import (
    CONNECTION,
    COPY,
    CUT,
    KILLED,
    PREPARED,
    REFUSED,
    STALL,
    STATEMENT,
    Call,
)
from harness.gates.gate import CutError, exactly
from harness.gates.wire_postgres import greeting

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.faults.fault import Fault
    from harness.gates.gate import Reader, Send

    Meet = Callable[[Call], Fault | None]

_SERVICE = "postgres"
_HEAD = 5
_DATA = b"d"
# A server says so whose connections are all taken; one that is not there cannot count.
_FULL = (b"SFATAL", b"VFATAL", b"C53300", b"Msorry, too many clients already")


def reader_of(meet: Meet) -> Reader:
    """A reader for the gate before PostgreSQL.

    Args:
        meet: Gives the fault that a call meets.
    """

    def read(stream: BinaryIO, send: Send, answer: Send) -> None:
        for message in greeting(stream):
            if message.starts:
                fault = meet(Call(service=_SERVICE, kind=CONNECTION, text=""))
                if fault is not None and fault.what == REFUSED:
                    answer(_message(b"E", b"\0".join(_FULL) + b"\0\0"))
                    return
            send(message.sent)
            if message.cancels:
                return
        _Conversation(meet, send).follow(stream)

    return read


class _Conversation:
    """What a client says after the greeting; a COPY is what comes after its statement."""

    def __init__(self, meet: Meet, send: Send) -> None:
        self._meet = meet
        self._send = send
        self._statement = ""
        self._copied = 0

    def follow(self, stream: BinaryIO) -> None:
        while len(head := stream.read(_HEAD)) == _HEAD:
            body = exactly(stream, int.from_bytes(head[1:], "big") - 4)
            kind = head[:1]
            if kind == _DATA:
                self._copy(head + body, len(body))
            elif kind in (b"Q", b"P"):
                self._send(self._asked(kind, head + body, body))
            else:
                self._send(head + body)

    def _asked(self, kind: bytes, message: bytes, body: bytes) -> bytes:
        """The message that the server gets for a statement."""
        named = STATEMENT if kind == b"Q" else PREPARED
        text = body if named == STATEMENT else body.partition(b"\0")[2]
        self._statement = text.partition(b"\0")[0].decode("utf-8", "replace")
        self._copied = 0
        fault = self._meet(Call(service=_SERVICE, kind=named, text=self._statement))
        if fault is None:
            return message
        _suffer(fault)
        if fault.sqlstate:
            # The server itself fails, and so knows what it means for the transaction.
            return _message(b"Q", _failing(fault.sqlstate).encode() + b"\0")
        return message

    def _copy(self, message: bytes, size: int) -> None:
        self._copied += size
        call = Call(service=_SERVICE, kind=COPY, text=self._statement, size=self._copied)
        fault = self._meet(call)
        if fault is not None:
            self._send(message[: len(message) - (self._copied - fault.size)])
            _suffer(fault)
        self._send(message)


def _suffer(fault: Fault) -> None:
    if fault.what in (CUT, KILLED):
        raise CutError(f"mage-harness: declared fault {fault}")
    if fault.what == STALL:
        time.sleep(fault.seconds)


def _failing(sqlstate: str) -> str:
    return (
        f"DO $$ BEGIN RAISE EXCEPTION 'mage-harness: declared fault {sqlstate}' "
        f"USING ERRCODE = '{sqlstate}'; END $$"
    )


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body
