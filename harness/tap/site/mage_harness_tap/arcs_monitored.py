"""Arcs by ``sys.monitoring``, for Python 3.12 and later: code of others runs as fast as ever."""

import sys
import threading
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
        self._threads: Dict[int, List[_Call]] = {}
        self._tool = 0

    def begin(self) -> None:
        """Be heard by the interpreter, once."""
        if self._tool:
            return
        self._tool = next(one for one in _NUMBERS if _monitoring.get_tool(one) is None)
        _monitoring.use_tool_id(self._tool, _NAME)
        events = _monitoring.events
        for event, told in (
            (events.PY_START, self._begun),
            (events.PY_RESUME, self._resumed),
            (events.PY_THROW, self._resumed),
            (events.LINE, self._went),
            (events.PY_RETURN, self._returned),
            (events.PY_YIELD, self._left),
            (events.PY_UNWIND, self._left),
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

    def _calls(self) -> List["_Call"]:
        """The calls of the project's code that this thread is in."""
        return self._threads.setdefault(threading.get_ident(), [])

    def _begun(self, code: CodeType, _: int) -> None:
        self._calls().append(_Call(code, -code.co_firstlineno))

    def _resumed(self, code: CodeType, offset: int, *_: Any) -> None:
        known = self._codes.get(id(code))
        if known is not None:
            self._calls().append(_Call(code, known.line(offset)))

    def _went(self, code: CodeType, line: int) -> None:
        call = self._calls()[-1]
        self._codes[id(code)].add(call.line, line)
        call.line = line

    def _returned(self, code: CodeType, *_: Any) -> None:
        self._codes[id(code)].add(self._calls().pop().line, -code.co_firstlineno)

    def _left(self, code: CodeType, *_: Any) -> None:
        # A way to the end is neither a generator that waits nor an exception.
        calls = self._calls()
        if calls and calls[-1].code is code:
            calls.pop()


class _Call:
    __slots__ = ("code", "line")

    def __init__(self, code: CodeType, line: int) -> None:
        self.code = code
        self.line = line


class _Code:
    def __init__(self, code: CodeType, arcs: Arcs) -> None:
        # Kept, so that no other code can have its identity.
        self._code = code
        self.add = arcs.add

    def line(self, offset: int) -> int:
        """The line of an instruction."""
        for start, end, line in self._code.co_lines():
            if start <= offset < end and line is not None:
                return line
        return self._code.co_firstlineno
