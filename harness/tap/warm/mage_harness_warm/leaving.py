"""How a run's process leaves when Python has nothing more to do for it.

After all modules are taken down, an interpreter gives back its own memory, piece by piece, and
then do the libraries in C: nobody sees it, and in a forked process each piece is copied first. The
process leaves before that, with the status that it would have had. What a library has in the
buffers of C's own files is written; one that the run itself has loaded may do more at the end, and
does.
"""

import ctypes
import sys
from typing import Any, Optional

_MOMENT = b"cpython.PyInterpreterState_Clear"
"""Python's audit event at the moment when all modules and their objects are gone."""
_HIGHEST = 255
_HOOK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p)
_VISIT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)


class _Library(ctypes.Structure):
    """``struct dl_phdr_info`` of glibc."""

    _fields_ = [
        *(("address", ctypes.c_void_p), ("name", ctypes.c_void_p), ("header", ctypes.c_void_p)),
        *(("count", ctypes.c_uint16), ("loads", ctypes.c_ulonglong)),
    ]


class Leaving:
    """The end of a process.

    Attributes:
        status: What the process ends with; None where that is not known.
    """

    def __init__(self) -> None:
        self.status: Optional[int] = None
        self._loads = 0

    def note_libraries(self) -> None:
        """Note that what libraries in C that are loaded by now do at their end is not seen."""
        self._loads = _loads()

    def note(self, error: SystemExit) -> None:
        """Note what the process ends with.

        Args:
            error: By which it ends.
        """
        code = 0 if error.code is None else error.code
        known = isinstance(code, int) and 0 <= code <= _HIGHEST
        self.status = int(code) if known else None

    def shorten(self) -> None:
        """Have the process leave when all modules are gone, where its status is known."""
        status = self.status
        if status is None or not _flushed():
            return
        own = ctypes.PyDLL(None)
        leave = own._exit if _loads() == self._loads else own.exit
        flush, moment = own.fflush, _MOMENT

        # It has nothing but its own names: all others are gone by then.
        def hook(event: bytes, _arguments: Any, _given: Any) -> int:
            if event == moment:
                flush(None)
                leave(status)
            return 0

        called = _HOOK(hook)
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(called))
        ctypes.pythonapi.PySys_AddAuditHook(called, None)


def _flushed() -> bool:
    """Whether what was printed can be written; the status is another where it cannot."""
    try:
        for file in (sys.stdout, sys.stderr):
            if file is not None and not file.closed:
                file.flush()
    except Exception:
        return False
    return True


def _loads() -> int:
    """How many libraries in C this process has ever loaded."""
    found = []

    def visit(library: int, _size: int, _given: Any) -> int:
        found.append(_Library.from_address(library).loads)
        return 1

    ctypes.CDLL(None).dl_iterate_phdr(_VISIT(visit), None)
    return int(found[0])


the_end = Leaving()
