"""The end of a run's interpreter, without taking down what was loaded before it.

A run's own modules and objects are taken down as ever: buffers are flushed, finalizers run. The
libraries that the server has loaded stay as they are: to take them down would copy all their memory
to the run first. So do Mage's modules of a run that had begun, whose end nobody waits for gladly.
Where one of them may hold something of the run whose end is seen, they are taken down too.
"""

import atexit
import ctypes
import dis
import gc
import io
import os
import sys
from types import CodeType, GeneratorType, ModuleType
from typing import Any, Dict

from .leaving import the_end

_NEEDED = frozenset(("sys", "builtins", "__main__"))
"""What the interpreter itself takes down."""
_CLOSING = frozenset(("google.auth.transport.requests",))
"""Modules whose objects only close connections at their end, as the end of the process does."""
_CLEANUP = frozenset(
    (
        *("PUSH_EXC_INFO", "SETUP_FINALLY", "SETUP_WITH", "SETUP_ASYNC_WITH"),
        *("SEND", "YIELD_FROM"),
    )
)
"""What compiled lines of ``try``, ``with`` and ``yield from`` have, in any version of Python."""
_loaded: Dict[str, ModuleType] = {}
_begun: Dict[str, ModuleType] = {}


def prepare() -> None:
    """Be the last of the handlers of ``atexit``: to be called before others register."""
    atexit.register(_leave_out)


def keep() -> None:
    """Note what is loaded, which is to be kept at the end of runs."""
    _loaded.update((name, one) for name, one in sys.modules.items() if name not in _NEEDED)
    # One reference that is never given back.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(_loaded))
    the_end.note_libraries()


def keep_begun() -> None:
    """Note what a run that is not asked for yet has imported, unless it has an end that is seen."""
    if _has_an_end():
        return
    _begun.update(
        (name, one)
        for name, one in sys.modules.items()
        if name not in _NEEDED and _loaded.get(name) is not one
    )
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(_begun))
    the_end.note_libraries()
    gc.freeze()


def _leave_out() -> None:
    if _has_an_end():
        return
    for name, module in [*_loaded.items(), *_begun.items()]:
        if sys.modules.get(name) is module:
            # As the interpreter itself does with each module next.
            sys.modules[name] = None  # type: ignore[assignment]
    the_end.shorten()


def _has_an_end() -> bool:
    """Whether an object that the run has made is finalized in a way that is seen."""
    own = os.path.dirname(os.environ.get("MAGE_HARNESS_EVENTS", ""))
    kinds: Dict[int, bool] = {}
    for one in gc.get_objects():
        kind = type(one)
        if id(kind) not in kinds:
            kinds[id(kind)] = _does_something_last(kind)
        if kinds[id(kind)] and _is_seen(one, own):
            return True
    return False


def _does_something_last(kind: type) -> bool:
    """Whether objects of a type have a finalizer, and it is not one of a library of the server's.

    Args:
        kind: A type, of which the run has made an object.
    """
    if not any("__del__" in vars(one) for one in kind.__mro__):
        return False
    module = str(kind.__module__)
    return issubclass(kind, io.IOBase) or (module not in _loaded and module not in _CLOSING)


def _is_seen(one: Any, own: str) -> bool:
    """Whether it makes a difference that an object is finalized."""
    if isinstance(one, GeneratorType):
        return one.gi_frame is not None and _has_cleanup(one.gi_code)
    if not isinstance(one, io.IOBase):
        return True
    if isinstance(one, (io.BytesIO, io.StringIO)):
        return False
    try:
        inside = os.path.dirname(str(getattr(one, "name", ""))) == own
        return not (one.closed or inside) and one.writable()
    except Exception:
        return True


def _has_cleanup(code: CodeType) -> bool:
    """Whether a generator that is ended early may do anything: a handler's lines, or another's."""
    return any(one.opname in _CLEANUP for one in dis.get_instructions(code))
