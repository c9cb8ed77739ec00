"""Where in a block's code something happened.

Mage runs a block's file by ``exec(content)``, line for line, so its frames are named ``<string>``
and their line numbers are the file's own.
"""

import inspect
import sys
import traceback
from types import FrameType
from typing import Any, Optional

BLOCK_CODE = "<string>"


def of_error(error: BaseException) -> Optional[int]:
    """The line of block code that an exception came from: the innermost one, or None."""
    if isinstance(error, SyntaxError) and error.filename == BLOCK_CODE:
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if frame.filename == BLOCK_CODE:
            return frame.lineno
    return None


def words(error: BaseException) -> str:
    """What an exception says; of one that ends the process, what it was given."""
    try:
        return repr(error.code) if isinstance(error, SystemExit) else str(error)
    except Exception:
        return "an exception that cannot say what it is"


def of_function(function: Any) -> Optional[int]:
    """The first line of a function, its decorators included; None for another callable."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None or code.co_filename != BLOCK_CODE:
        return None
    return int(code.co_firstlineno)


def of_caller() -> Optional[int]:
    """Line of the block code that led to the present call, or None."""
    return of_frame(sys._getframe(1))


def of_frame(frame: Optional[FrameType]) -> Optional[int]:
    """Line of the block code that led to a frame, or None."""
    while frame is not None:
        if frame.f_code.co_filename == BLOCK_CODE:
            return frame.f_lineno
        frame = frame.f_back
    return None
