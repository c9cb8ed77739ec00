"""The code of modules that each run imports itself, found and read beforehand.

Their bodies run in the run, and are looked for as in a run of its own: only reading a file that is
as it was is left out.
"""

import os
from importlib.machinery import SourceFileLoader
from types import CodeType
from typing import Any, Dict, Mapping, Optional, Tuple

_State = Tuple[int, int]
_known: Dict[str, Tuple[_State, CodeType]] = {}
_real = SourceFileLoader.get_code
read: Dict[str, Optional[_State]] = {}
"""How the files were whose code this process has asked for."""


def keep(modules: Mapping[str, str]) -> None:
    """Read the code of modules.

    Args:
        modules: Their files, by name.
    """
    for name, file in modules.items():
        state = state_of(file)
        code = _real(SourceFileLoader(name, file), name)
        if state is not None and code is not None:
            _known[file] = state, code
    # As frames of Python's own import, which tracebacks leave out.
    _get_code.__code__ = _get_code.__code__.replace(co_filename=_real.__code__.co_filename)
    SourceFileLoader.get_code = _get_code  # type: ignore[method-assign, assignment]


def state_of(file: str) -> Optional[_State]:
    """What changes with a file's content; None where it is not there.

    Args:
        file: Its path.
    """
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _get_code(loader: Any, name: str) -> Optional[CodeType]:
    state, code = _known.get(loader.path, (None, None))
    read[loader.path] = state_of(loader.path)
    if code is not None and read[loader.path] == state:
        return code
    return _real(loader, name)
