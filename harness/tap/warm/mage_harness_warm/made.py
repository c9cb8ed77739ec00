"""What is made in a run's folder while Mage is imported: each run makes it itself."""

import os
from types import TracebackType
from typing import Dict, List, Optional, Tuple, Type

_File = Tuple[int, Optional[bytes]]
"""Its mode, and its content; None for a folder."""


class Made:
    """Notes in a ``with`` block what is made in a folder.

    Args:
        folder: The folder.

    Attributes:
        unfit: Why a fork of this process could not make it; empty where it can.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._files: Dict[str, _File] = {}
        self.unfit = ""

    def __enter__(self) -> "Made":  # noqa: PYI034 - Python 3.10 has no Self
        self._before = set(_below(self._folder))
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        for path in _below(self._folder):
            if path not in self._before:
                self._files[path] = _file(path)
        opened = [path for path in map(_opened, os.listdir("/proc/self/fd")) if path]
        held = [path for path in opened if path.startswith(self._folder + os.sep)]
        self.unfit = "%s is open" % held[0] if held else ""

    def make(self) -> None:
        """Make what is not there."""
        for path, (mode, content) in self._files.items():
            if os.path.lexists(path):
                continue
            if content is None:
                os.mkdir(path, mode)
            else:
                with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                    file.write(content)


def _below(folder: str) -> List[str]:
    """All paths below a folder, those above before those within."""
    return [
        os.path.join(place, name)
        for place, folders, files in os.walk(folder)
        for name in (*folders, *files)
    ]


def _file(path: str) -> _File:
    mode = os.stat(path).st_mode & 0o777
    if os.path.isdir(path):
        return mode, None
    with open(path, "rb") as file:
        return mode, file.read()


def _opened(number: str) -> str:
    """The path of a file that is open; empty where it is none."""
    try:
        return os.readlink("/proc/self/fd/" + number)
    except OSError:
        return ""
