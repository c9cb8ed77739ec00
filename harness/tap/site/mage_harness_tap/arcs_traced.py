"""Arcs by ``sys.settrace``, for Python before 3.12."""

import dis
import sys
import threading
from types import CodeType, FrameType
from typing import Any, Callable, Dict, Optional

from mage_harness_tap.arcs_of_file import Arcs

_RESUME = dis.opmap.get("RESUME")
_RETURN = dis.opmap["RETURN_VALUE"]
_UNWINDING = dis.opmap.get("PUSH_EXC_INFO")
_Listener = Callable[..., Any]


class Traced:
    """Hears of all calls of the threads that run code of the project, and of lines in that."""

    def __init__(self) -> None:
        self._codes: Dict[int, _Code] = {}
        self._called = _listener(self._codes)

    def begin(self) -> None:
        """See to it that this thread, and those that are started from now on, are heard."""
        if sys.gettrace() is None:
            sys.settrace(self._called)
            threading.settrace(self._called)

    def add(self, code: CodeType, arcs: Arcs) -> None:
        """Collect what runs of some code."""
        # By identity: code that is equal may be that of another block.
        self._codes[id(code)] = _Code(code, arcs)


class _Code:
    def __init__(self, code: CodeType, arcs: Arcs) -> None:
        # Kept, so that no other code can have its identity.
        self.code = code
        self.steps = code.co_code
        self.first = code.co_firstlineno
        self.arcs = arcs
        # There may be an argument of the same number, and then it is looked at in vain.
        self.unwinds = _UNWINDING is not None and _UNWINDING in self.steps


# Functions with what they need at hand: they are called for each call and each line.


def _listener(codes: Dict[int, _Code]) -> _Listener:
    """What hears of each call, of whichever code."""

    def called(frame: FrameType, *_: Any) -> Optional[_Listener]:
        code = codes.get(id(frame.f_code))
        return None if code is None else _frame_listener(code, frame)

    return called


def _frame_listener(code: _Code, frame: FrameType) -> _Listener:
    """What hears of the lines of one call, or of one turn of a generator."""
    last = -code.first if _begins(code, frame) else frame.f_lineno
    steps, seen, add, unwinds = code.steps, code.arcs.seen, code.arcs.add, code.unwinds

    def heard(frame: FrameType, event: str, _: Any) -> _Listener:
        nonlocal last
        if event == "line":
            # An exception that is raised shows the line of a `with` or `try` that ends by it.
            if not (unwinds and steps[frame.f_lasti] == _UNWINDING):
                line = frame.f_lineno
                if (last, line) not in seen:
                    add(last, line)
                last = line
        elif event == "return" and steps[frame.f_lasti] == _RETURN:
            # Neither a generator that waits nor an exception is a way to the end.
            add(last, -code.first)
        return heard

    return heard


def _begins(code: _Code, frame: FrameType) -> bool:
    """Whether a function begins, rather than that a generator goes on."""
    if _RESUME is None:
        return frame.f_lasti < 0
    return code.steps[frame.f_lasti + 1] == 0
