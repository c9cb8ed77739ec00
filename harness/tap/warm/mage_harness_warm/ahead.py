"""A run that begins before it is asked for: it imports what ``mage run`` does, and waits.

It is in the very folder and within the walls that the run will have. What it has seen of that
folder, which is still all but empty, must be so when the run comes, and so must be Mage's code.
"""

import ast
import builtins
import hashlib
import importlib
import io
import json
import os
import socket
import sys
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

from . import codes

_LOOKS = ((os, "stat"), (os, "lstat"), (os, "access"), (builtins, "open"), (io, "open"))
_LISTS = ((os, "listdir"), (os, "scandir"))
_LARGEST = 1 << 18
_TEST = "unittest"
"""In a word of the command line, it tells Mage that its own tests run."""


class Imported:
    """What Mage imports before it looks at a pipeline, and how all was that this has seen.

    Args:
        words: The command that is expected, and may have other arguments.
        folder: The run's own, above its project.
    """

    def __init__(self, words: List[str], *, folder: str) -> None:
        before = set(sys.modules)
        self._words = words
        with _Seen(folder) as self._seen:
            _import_as_run(words[3])
        files = [getattr(sys.modules[name], "__file__", None) for name in {*sys.modules} - before]
        # Of what is no source, the file is looked at when it has been read.
        self._states = {**{file: codes.state_of(file) for file in files if file}, **codes.read}

    def awaited(self, line: int) -> List[str]:
        """Wait, and return the command; this process ends where none comes, or another.

        Args:
            line: A descriptor of a socket: the run is asked for at it.
        """
        asked = socket.socket(fileno=line)
        holds = False
        try:
            told = json.loads(asked.recv(_LARGEST))
            holds = self._holds(told["command"])
            asked.send(b"1" if holds else b"0")
        finally:
            if not holds:
                os._exit(1)
        asked.close()
        importlib.invalidate_caches()
        os.environ.update(told["env"])
        return list(told["command"])

    def _holds(self, words: List[str]) -> bool:
        return (
            self._seen.holds()
            and all(codes.state_of(file) == state for file, state in self._states.items())
            and _is_test(words) == _is_test(self._words)
        )


def _is_test(words: List[str]) -> bool:
    return any(_TEST in word for word in words)


def _import_as_run(project: str) -> None:
    """Import what the function behind ``mage run`` does first, by its own lines."""
    main = importlib.import_module("mage_ai.cli.main")
    with open(str(main.__file__), "rb") as file:
        tree = ast.parse(file.read())
    lines = next(one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "run")
    kept = [one for one in lines.body if _is_import(one) or _is_of_the_path(one)]
    code = compile(ast.Module(body=kept, type_ignores=[]), str(main.__file__), "exec")
    exec(code, {**vars(main), "project_path": project})  # noqa: S102 - Mage's own lines
    # Its turn comes again.
    added = os.path.dirname(os.path.abspath(project))
    del sys.path[len(sys.path) - 1 - sys.path[::-1].index(added)]


def _is_import(line: ast.stmt) -> bool:
    return isinstance(line, (ast.Import, ast.ImportFrom))


def _is_of_the_path(line: ast.stmt) -> bool:
    """Whether it says where the project is, which what is imported next asks for."""
    called = getattr(getattr(getattr(line, "value", None), "func", None), "id", "")
    given = [getattr(one, "id", "") for one in getattr(line, "targets", [])]
    return called == "set_repo_path" or given == ["project_path"]


class _Seen:
    """Notes in a ``with`` block what is looked at of a folder, and what is sought in it in vain."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._own = os.environ.get("MAGE_DATA_DIR", "")
        self._states: Dict[Tuple[str, bool], Any] = {}
        self._missed: Set[Tuple[str, str]] = set()
        self._real: List[Tuple[ModuleType, str, Any]] = []

    def __enter__(self) -> "_Seen":  # noqa: PYI034 - Python 3.10 has no Self
        for lists, places in ((False, _LOOKS), (True, _LISTS)):
            for module, name in places:
                real = getattr(module, name)
                self._real.append((module, name, real))
                setattr(module, name, self._noting(real, lists=lists))
        sys.meta_path.append(self)
        return self

    def __exit__(self, *_error: object) -> None:
        sys.meta_path.remove(self)
        for module, name, real in self._real:
            setattr(module, name, real)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:  # noqa: ARG002
        """Is asked last, for what is nowhere."""
        if path is None:
            places = [place for place in sys.path if place.startswith(self._folder)]
            self._missed.update((name, place) for place in places)

    def holds(self) -> bool:
        """Whether all is as it was seen."""
        importlib.invalidate_caches()
        return all(_state(*one) == state for one, state in self._states.items()) and not any(
            PathFinder.find_spec(name, [place]) for name, place in self._missed
        )

    def _noting(self, real: Callable[..., Any], *, lists: bool) -> Callable[..., Any]:
        def noted(*args: Any, **kwargs: Any) -> Any:
            path = self._of_the_run(args[0] if args else ".")
            if path is not None and (path, lists) not in self._states:
                self._states[path, lists] = None
                self._states[path, lists] = _state(path, lists)
            return real(*args, **kwargs)

        return noted

    def _of_the_run(self, given: Any) -> Optional[str]:
        if isinstance(given, int):
            return None
        path = os.path.abspath(os.fsdecode(given))
        own = not self._own or path == self._own or path.startswith(self._own + os.sep)
        return path if path.startswith(self._folder) and not own else None


def _state(path: str, lists: bool) -> Any:  # noqa: FBT001 - one of two, as it is kept
    if os.path.isdir(path):
        return sorted(os.listdir(path)) if lists else True
    if not os.path.lexists(path):
        return None
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()
