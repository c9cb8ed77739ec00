"""Which lines of the project's own code run, and which line comes after which.

They are collected for coverage.py, which runs in the harness's process only.
"""

import json
import os
import sys
from types import CodeType
from typing import Any, Dict, Iterator, Optional, Tuple

from mage_harness_tap.appended import Appended
from mage_harness_tap.arcs_monitored import Monitored
from mage_harness_tap.arcs_of_file import Arcs
from mage_harness_tap.arcs_traced import Traced

_BLOCKS = "mage_ai.data_preparation.models.block"
_Place = Tuple[str, str, str]


def watch(path: str, project: str) -> None:
    """Collect arcs for the life of this process and of its forked children.

    Args:
        path: The file that they are written to; nothing is done for an empty string.
        project: The folders that hold the project's code, as JSON: for each the place that it has
            in the project.
    """
    global _hearer  # noqa: PLW0603 - one for the whole process
    if path:
        _hearer = _Hearer(path, project)
        sys.addaudithook(_hearer.heard)


def begin() -> None:
    """Collect what this thread runs, too: a function may run in another than its file did."""
    if _hearer is not None:
        _hearer.begin()


class _Hearer:
    """Learns of code just before it runs: Python tells its audit hooks of each ``exec``.

    Mage runs the text of a block's file by ``exec``, and ``import`` runs a module's code by it.
    """

    def __init__(self, path: str, project: str) -> None:
        self._written = Appended(path)
        self._written.make()
        # Mage knows a folder by its real name, and the harness by the one that it was given.
        self._folders = {
            os.path.join(name, ""): place
            for folder, place in json.loads(project).items()
            for name in (folder, os.path.realpath(folder))
        }
        self._arcs: Dict[_Place, Arcs] = {}
        # The newer one costs code of others nothing.
        self._collect: Any = Monitored() if hasattr(sys, "monitoring") else Traced()
        self.begin = self._collect.begin

    def heard(self, event: str, arguments: Tuple[Any, ...]) -> None:
        if event != "exec":
            return
        try:
            code = arguments[0]
            place = self._place(code)
            if place is not None:
                self._add(code, self._arcs_of(place))
        except Exception:
            # Nothing that is wrong here may keep the code from running.
            return

    def _place(self, code: CodeType) -> Optional[_Place]:
        """File, pipeline and block of code; None where it is not the project's."""
        if code.co_filename != "<string>":
            file = self._inside(code.co_filename)
            return None if file is None else (file, "", "")
        # The hook's own, `heard`, and whoever called `exec`.
        caller = sys._getframe(2)
        if caller.f_globals.get("__name__") != _BLOCKS:
            return None
        block = caller.f_locals["self"]
        file = str(block.file_path)
        return self._inside(file) or file, str(block.pipeline_uuid), str(block.uuid)

    def _inside(self, file: str) -> Optional[str]:
        for folder, place in self._folders.items():
            if file.startswith(folder):
                return os.path.normpath(os.path.join(place, file[len(folder) :]))
        return None

    def _arcs_of(self, place: _Place) -> Arcs:
        if place not in self._arcs:
            self._arcs[place] = Arcs(*place, written=self._written)
        return self._arcs[place]

    def _add(self, code: CodeType, arcs: Arcs) -> None:
        self.begin()
        for one in _with_inner(code):
            self._collect.add(one, arcs)


_hearer: Optional[_Hearer] = None


def _with_inner(code: CodeType) -> Iterator[CodeType]:
    """Code, and that of all functions, classes and comprehensions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _with_inner(constant)
