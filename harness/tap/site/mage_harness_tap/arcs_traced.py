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


class Traced:
    """Hears of all calls of the threads that run code of the project, and of lines in that."""

    def __init__(self) -> None:
        self._codes: Dict[int, _Code] = {}

    def begin(self) -> None:
        """See to it that this thread, and those that are started from now on, are heard."""
        if sys.gettrace() is None:
            sys.settrace(self._called)
            threading.settrace(self._called)

    def add(self, code: CodeType, arcs: Arcs) -> None:
        """Collect what runs of some code."""
        # By identity: code that is equal may be that of another block.
        self._codes[id(code)] = _Code(code, arcs)

    def _called(self, frame: FrameType, *_: Any) -> Optional[Callable[..., Any]]:
        code = self._codes.get(id(frame.f_code))
        return None if code is None else _Frame(code, frame).heard


class _Code:
    def __init__(self, code: CodeType, arcs: Arcs) -> None:
        # Kept, so that no other code can have its identity.
        self.code = code
        self.steps = code.co_code
        self.first = code.co_firstlineno
        self.add = arcs.add


class _Frame:
    """One call, or one turn of a generator."""

    __slots__ = ("_code", "_line")

    def __init__(self, code: _Code, frame: FrameType) -> None:
        self._code = code
        self._line = -code.first if _begins(code, frame) else frame.f_lineno

    def heard(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            # An exception that is raised shows the line of a `with` or `try` that ends by it.
            if self._code.steps[frame.f_lasti] != _UNWINDING:
                line = frame.f_lineno
                self._code.add(self._line, line)
                self._line = line
        elif event == "return" and self._code.steps[frame.f_lasti] == _RETURN:
            # Neither a generator that waits nor an exception is a way to the end.
            self._code.add(self._line, -self._code.first)
        return self.heard


def _begins(code: _Code, frame: FrameType) -> bool:
    """Whether a function begins, rather than that a generator goes on."""
    if _RESUME is None:
        return frame.f_lasti < 0
    return code.steps[frame.f_lasti + 1] == 0
