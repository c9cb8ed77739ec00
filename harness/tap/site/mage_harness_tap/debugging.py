"""Python's own debugger on the user's terminal, in the block's own file.

Mage runs a block's file by ``exec(content)``, so its frames are named ``<string>``; the debugger
names the file in their place. What blocks print goes to the log as ever: the terminal is the
process's standard input, and the debugger alone writes to it.
"""

import contextlib
import linecache
import os
import pdb  # noqa: T100 - that is what was asked for
import sys
import threading
from types import FrameType, TracebackType
from typing import Any, Dict, Iterator, List, Optional, Tuple

from mage_harness_tap import place, shape

_TERMINAL = 0
_HELP = "up, down: frames; l: the source; p NAME: a value; q: on with the run"
_turn = threading.Lock()


def examine(block: Any, error: BaseException, *, upstream: Dict[str, Any]) -> None:
    """Answer commands at the frame that an exception came from, until the user has seen enough.

    Args:
        block: The block that failed.
        error: The exception.
        upstream: What the blocks above have handed to it, by their uuids.
    """
    with _turn, _streams() as (reading, writing):
        said = "%s: %s" % (type(error).__name__, place.words(error))
        writing.write("\nblock %s failed: %s\n" % (block.uuid, said))
        for name, value in upstream.items():
            writing.write("  upstream[%r]: %s\n" % (name, _described(value)))
        writing.write("  %s\n" % _HELP)
        debugger = _Debugger(block, reading, writing)
        debugger.look_back(error.__traceback__, upstream)


def stop_at(frame: FrameType, block: Any) -> None:
    """Stop in a frame, as ``breakpoint()`` there asks for.

    Args:
        frame: The frame.
        block: The block that runs; None where it is not known.
    """
    reading, writing = _opened()
    _Debugger(block, reading, writing).set_trace(frame)


class _Debugger(pdb.Pdb):
    """Begins in the project's code, and knows the block's file."""

    def __init__(self, block: Any, reading: Any, writing: Any) -> None:
        super().__init__(stdin=reading, stdout=writing)
        self._file = _file(block)
        if self._file:
            # For what shows source by the name in the frame, such as `ll`.
            lines = linecache.getlines(self._file)
            size = sum(map(len, lines))
            linecache.cache[place.BLOCK_CODE] = (size, None, lines, place.BLOCK_CODE)

    def look_back(self, trace: Optional[TracebackType], upstream: Dict[str, Any]) -> None:
        """Answer commands on a traceback, with the inputs of the block as `upstream`."""
        self.reset()
        for frame, _line in self.get_stack(None, trace)[0]:
            if _is_of_project(frame):
                frame.f_globals.setdefault("upstream", upstream)
        self.interaction(None, trace)

    def canonic(self, filename: str) -> str:
        """A file's name: the block's own for its code."""
        if filename == place.BLOCK_CODE and self._file:
            return self._file
        return super().canonic(filename)

    def get_stack(
        self, f: Optional[FrameType], t: Optional[TracebackType]
    ) -> Tuple[List[Tuple[FrameType, int]], int]:
        """The frames, and the one to begin with: of a traceback, the innermost of the project's."""
        stack, index = super().get_stack(f, t)
        own = [number for number, (frame, _) in enumerate(stack) if _is_of_project(frame)]
        return stack, own[-1] if t is not None and own else index


def _is_of_project(frame: FrameType) -> bool:
    name, project = frame.f_code.co_filename, os.environ.get("MAGE_HARNESS_PROJECT", "")
    return name == place.BLOCK_CODE or bool(project and name.startswith(project + os.sep))


@contextlib.contextmanager
def _streams() -> Iterator[Tuple[Any, Any]]:
    """The terminal, which is also what an expression typed in the debugger reads and prints to."""
    reading, writing = _opened()
    kept = sys.stdin, sys.stdout
    sys.stdin, sys.stdout = reading, writing
    try:
        yield reading, writing
    finally:
        sys.stdin, sys.stdout = kept
        writing.flush()


def _opened() -> Tuple[Any, Any]:
    reading = os.fdopen(os.dup(_TERMINAL), "r", errors="replace")
    return reading, os.fdopen(os.dup(_TERMINAL), "w", buffering=1, errors="replace")


def _file(block: Any) -> str:
    """The file of a block's code; an empty string where it has none."""
    try:
        path = str(block.file_path)
    except Exception:
        return ""
    return path if os.path.isfile(path) else ""


def _described(value: Any) -> str:
    facts = shape.describe(value)
    counts = "" if facts["rows"] is None else ", %s rows" % facts["rows"]
    return str(facts["kind"]) + counts
