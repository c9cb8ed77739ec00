"""One trouble, as a test declares it, and one call that may meet it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from harness.errors import InputError
from harness.plain import counted
from harness.replay.urls import masked

RESET, STALL, KILLED, REFUSED, CUT = "reset", "stall", "killed", "refused", "cut"
FULL = "full"
MAGE, DISK, CLOCK = "mage", "disk", "clock"
"""What is no service: Mage's process, the files that it writes, and its clock."""
COPY, STATEMENT, PREPARED, CONNECTION = "COPY", "statement", "prepared", "connection"
REQUEST, ANSWER = "request", "answer"
_LONGEST_STALL = 86_400
_STATUSES = range(400, 600)
_SQLSTATE = re.compile(r"[0-9A-Z]{5}")
_OF_SERVICES = (RESET, STALL, KILLED)
_OF_HTTP = (*_OF_SERVICES, CUT)
_OF_POSTGRES = (CUT, STALL, KILLED, REFUSED)
# What they stand around says whether a transaction is one; they are no work of their own.
_CONTROL = re.compile(
    r"\s*(BEGIN|START|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|SET|SHOW)\b", re.IGNORECASE
)
# What an upload or a job is about, where the path does not say so.
_NAMED_IN_QUERY = re.compile(r"(?:^|&)name=([^&]+)")
_NAMED_IN_BODY = re.compile(rb'"(?:name|query|tableId)"\s*:\s*"((?:[^"\\]|\\.)+)"')
_HEAD_OF_BODY = 1 << 14


@dataclass(frozen=True, kw_only=True)
class Call:
    """Something that a client asks of a service.

    Attributes:
        service: The service's name.
        kind: ``request``, or ``answer`` once it is known; of PostgreSQL ``connection``,
            ``statement``, ``prepared`` (a statement that gets its values later) or ``COPY`` (rows).
        text: What is asked: method and address, or the statement.
        body: The beginning of what is sent with it.
        size: Bytes of rows that a COPY has sent so far, with those of this call; of an answer.
    """

    service: str
    kind: str
    text: str
    body: bytes = b""
    size: int = 0

    @property
    def shown(self) -> str:
        """What is asked, fit to be kept: without the secrets that an address holds."""
        if self.kind not in (REQUEST, ANSWER):
            return self.text
        method, _, address = self.text.partition(" ")
        return f"{method} {masked(address)}"

    @property
    def again(self) -> tuple[str, str, str, bytes]:
        """The same for a call that repeats this one: an upload's own id differs each time."""
        kind = REQUEST if self.kind == ANSWER else self.kind
        path, _, query = self.text.partition("?")
        named = _NAMED_IN_QUERY.search(query)
        inside = _NAMED_IN_BODY.search(self.body[:_HEAD_OF_BODY])
        if named is not None:
            return self.service, kind, path, unquote_to_bytes(named[1])
        return self.service, kind, path, inside[1] if inside is not None else b""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One trouble.

    Attributes:
        service: The service's name.
        what: An HTTP status, ``reset``, ``stall`` or ``killed``; of the web also ``cut``; of
            PostgreSQL ``cut``, ``stall``, ``refused``, ``killed`` or the SQLSTATE of an error.
        block: The block whose calls meet it; empty for those of any.
        times: How many calls meet it.
        after: How many calls that fit pass by before the first one meets it.
        containing: A text that the call must contain: its address, statement or body.
        seconds: How long a stall takes.
        size: Bytes of a COPY, or of an answer of the web, that arrive before it is cut.
        met: How many calls have met it.
        passed: How many calls have passed by.
    """

    service: str
    what: str
    block: str = ""
    times: int = 1
    after: int = 0
    containing: str = ""
    seconds: float = 0.0
    size: int = 0
    met: int = field(default=0, compare=False)
    passed: int = field(default=0, compare=False)

    @property
    def status(self) -> int:
        """The HTTP status that is answered; 0 where there is none."""
        return int(self.what) if self.service != "postgres" and self.what.isdecimal() else 0

    @property
    def sqlstate(self) -> str:
        """The SQLSTATE that a statement fails with; empty where it does not."""
        return self.what if self.service == "postgres" and _SQLSTATE.fullmatch(self.what) else ""

    @property
    def is_met(self) -> bool:
        """Whether as many calls have met it as were to."""
        return self.met >= self.times

    @property
    def harms(self) -> bool:
        """Whether the client is refused by something that the service itself knows nothing of."""
        cut = self.what == CUT and self.service == "http"
        return bool(self.status) or cut or self.what in (RESET, REFUSED)

    def fits(self, call: Call) -> bool:
        """Whether a call is one of those that it is declared for, whatever the block.

        Args:
            call: The call.
        """
        if call.service != self.service or not self._is_of_kind(call):
            return False
        return self.containing in call.text or self.containing.encode() in call.body

    def _is_of_kind(self, call: Call) -> bool:
        if self.service != "postgres":
            # An answer that is no longer than that would not be cut.
            is_cut = call.kind == ANSWER and call.size > self.size
            return is_cut if self.what == CUT else call.kind == REQUEST
        if self.what == REFUSED:
            return call.kind == CONNECTION
        if self.size:
            return call.kind == COPY and call.size >= self.size
        if self.sqlstate and call.kind == PREPARED:
            # It cannot be exchanged: values for the other one would follow.
            return False
        if call.kind not in (STATEMENT, PREPARED):
            return False
        return bool(self.containing) or not _CONTROL.match(call.text)

    def __str__(self) -> str:
        told = [f"{self.service} {self.what}"]
        if self.size:
            told.append(f"after {counted(self.size, 'byte')}")
        if self.containing:
            told.append(f"for what contains {self.containing!r}")
        if self.after:
            told.append(f"after {counted(self.after, 'call')}")
        told.append(f"in block {self.block}" if self.block else "in any block")
        return " ".join(told) + f", {counted(self.times, 'time')}"


def check(fault: Fault) -> None:
    """Refuse what cannot happen.

    Args:
        fault: The fault, as it was declared.

    Raises:
        InputError: There is no such trouble there, it never comes, or it takes no time.
    """
    known = {"postgres": _OF_POSTGRES, "http": _OF_HTTP}.get(fault.service, _OF_SERVICES)
    if fault.what not in known and fault.status not in _STATUSES and not fault.sqlstate:
        numbers = "a SQLSTATE" if fault.service == "postgres" else "a status from 400 to 599"
        raise _refused(fault, f"{fault.what!r} is none of {', '.join(known)} or {numbers}")
    if not 0 <= fault.seconds <= _LONGEST_STALL:
        raise _refused(fault, f"seconds are from 0 to {_LONGEST_STALL}")
    if fault.times < 1 or min(fault.after, fault.size) < 0:
        raise _refused(fault, "times must be at least 1, and no number less than 0")
    if (fault.what == STALL) != bool(fault.seconds):
        raise _refused(fault, "a stall takes seconds, and nothing else does")
    if fault.size and fault.what not in (CUT, KILLED):
        raise _refused(fault, "only a cut, or the end of the process, comes after some bytes")


def _refused(fault: Fault, cause: str) -> InputError:
    return InputError(
        f"no such fault can be declared: {fault}", cause=cause, remedy="see docs/faults.md"
    )
