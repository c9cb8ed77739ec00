"""A program that fails or is not there says so by its status only, which few look at."""

import functools
import os
import subprocess
import sys
from typing import Any, Callable, Optional

from mage_harness_tap import blocks, events, place

_BLOCK_CODE = "<string>"
_NOT_FOUND = 127
_NO_PROGRAM = (126, _NOT_FOUND)
# They ask whether there is a program, and say so by the same status.
_PROBES = ("command", "type", "hash")
_LINE = "_mage_harness_line"


def watch(project: str) -> None:
    """Write an event when a program that the project's code starts fails.

    Programs that libraries start are their own affair.

    Args:
        project: The project's folder.
    """
    system = os.system

    @functools.wraps(system)
    def watched(command: Any) -> int:
        status = system(command)
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
        _tell(command, code, _line(project))
        return status

    os.system = watched
    _watch_popen(project)


def _watch_popen(project: str) -> None:
    init = subprocess.Popen.__init__

    @functools.wraps(init)
    def started(self: Any, args: Any, *rest: Any, **given: Any) -> None:
        line = _line(project)
        try:
            init(self, args, *rest, **given)
        except FileNotFoundError as error:
            if error.filename == _first(args):
                _tell(args, _NOT_FOUND, line)
            raise
        setattr(self, _LINE, line)

    subprocess.Popen.__init__ = started  # type: ignore[method-assign]
    for name in ("wait", "poll"):
        setattr(subprocess.Popen, name, _ended(getattr(subprocess.Popen, name)))


def _ended(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def told(self: Any, *args: Any, **given: Any) -> Any:
        status = original(self, *args, **given)
        if status is not None:
            _tell(self.args, status, self.__dict__.pop(_LINE, None))
        return status

    return told


def _tell(command: Any, status: int, line: Optional[int]) -> None:
    name = _name(command) if line is not None and status else ""
    if name and name not in _PROBES:
        events.emit(
            "program_missing" if status in _NO_PROGRAM else "program_failed",
            block=blocks.current(),
            line=line,
            program=name,
            status=status,
        )


def _line(project: str) -> Optional[int]:
    """The line of block code that led here, where it is the project's code that calls."""
    frame: Any = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename == subprocess.__file__:
        frame = frame.f_back
    if frame is None:
        return None
    file = frame.f_code.co_filename
    ours = file == _BLOCK_CODE or (bool(project) and file.startswith(project + os.sep))
    return place.of_frame(frame) if ours else None


def _first(command: Any) -> str:
    """What is started: the whole of a text, or the first word of a list; of others, nothing."""
    try:
        alone = isinstance(command, (str, bytes, os.PathLike))
        return os.fsdecode(command if alone else command[0])
    except (TypeError, LookupError):
        return ""


def _name(command: Any) -> str:
    """The program's name alone: what else a command holds may be a secret."""
    first = _first(command)
    words = first.split() if isinstance(command, (str, bytes)) else [first]
    named = [os.path.basename(word) for word in words if "=" not in word]
    return next(filter(None, named), "a program")
