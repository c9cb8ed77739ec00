"""Arcs by ``sys.monitoring``, for Python 3.12 and later: code of others runs as fast as ever."""

import sys
from _thread import get_ident
from collections import defaultdict
from types import CodeType
from typing import Any, Dict, List

from mage_harness_tap.arcs_of_file import Arcs

_monitoring: Any = getattr(sys, "monitoring", None)
# Not those of debuggers, profilers and optimisers.
_NUMBERS = (1, 3, 4)
_NAME = "mage-harness"


class Monitored:
    """Hears of lines in code of the project, in whichever thread."""

    def __init__(self) -> None:
        self._codes: Dict[int, _Code] = {}
        self._tool = 0

    def begin(self) -> None:
        """Be heard by the interpreter, once."""
        if self._tool:
            return
        self._tool = next(one for one in _NUMBERS if _monitoring.get_tool(one) is None)
        _monitoring.use_tool_id(self._tool, _NAME)
        threads, events = _Threads(self._codes), _monitoring.events
        for event, told in (
            (events.PY_START, threads.began),
            (events.PY_RESUME, threads.resumed),
            (events.PY_THROW, threads.resumed),
            (events.LINE, threads.went),
            (events.PY_RETURN, threads.returned),
            (events.PY_YIELD, threads.left),
            (events.PY_UNWIND, threads.left),
        ):
            _monitoring.register_callback(self._tool, event, told)
        # These two cannot be asked for of some code alone.
        _monitoring.set_events(self._tool, events.PY_UNWIND | events.PY_THROW)

    def add(self, code: CodeType, arcs: Arcs) -> None:
        """Collect what runs of some code."""
        # By identity: code that is equal may be that of another block.
        self._codes[id(code)] = _Code(code, arcs)
        events = _monitoring.events
        wanted = (
            events.PY_START | events.PY_RESUME | events.LINE | events.PY_RETURN | events.PY_YIELD
        )
        _monitoring.set_local_events(self._tool, code, wanted)


class _Code:
    def __init__(self, code: CodeType, arcs: Arcs) -> None:
        # Kept, so that no other code can have its identity.
        self.code = code
        self.first = code.co_firstlineno
        self.arcs = arcs

    def line(self, offset: int) -> int:
        """The line of an instruction."""
        for start, end, line in self.code.co_lines():
            if start <= offset < end and line is not None:
                return line
        return self.first


class _Call:
    """A call that a thread is in, or one turn of a generator, and its last line."""

    __slots__ = ("code", "known", "line", "seen")

    def __init__(self, known: _Code, line: int) -> None:
        self.code = known.code
        self.known = known
        self.seen = known.arcs.seen
        self.line = line


class _Threads:
    """Hears of each event; what it needs is kept at hand, since they are many."""

    __slots__ = ("_calls", "_codes")

    def __init__(self, codes: Dict[int, _Code]) -> None:
        self._codes = codes
        self._calls: Dict[int, List[_Call]] = defaultdict(list)

    def began(self, code: CodeType, _: int) -> None:
        known = self._codes[id(code)]
        self._calls[get_ident()].append(_Call(known, -known.first))

    def resumed(self, code: CodeType, offset: int, *_: Any) -> None:
        known = self._codes.get(id(code))
        if known is not None:
            self._calls[get_ident()].append(_Call(known, known.line(offset)))

    def went(self, code: CodeType, line: int) -> None:
        calls = self._calls[get_ident()]
        if not calls or calls[-1].code is not code:
            self.began(code, 0)
        call = calls[-1]
        if (call.line, line) not in call.seen:
            call.known.arcs.add(call.line, line)
        call.line = line

    def returned(self, code: CodeType, *_: Any) -> None:
        calls = self._calls[get_ident()]
        if calls and calls[-1].code is code:
            call = calls.pop()
            call.known.arcs.add(call.line, -call.known.first)

    def left(self, code: CodeType, *_: Any) -> None:
        # A way to the end is neither a generator that waits nor an exception.
        calls = self._calls[get_ident()]
        if calls and calls[-1].code is code:
            calls.pop()
