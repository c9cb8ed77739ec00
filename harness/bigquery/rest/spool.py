"""The content of a large upload, written down while it comes."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PIECE = 1 << 20


class Spool:
    """A private file that is filled piece by piece; the event loop writes, a thread takes it.

    Args:
        path: A file that is not there yet.

    Attributes:
        size: Bytes so far.
    """

    def __init__(self, path: Path) -> None:
        self.size = 0
        self._path = path
        self._failure: OSError | None = None
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def write(self, piece: bytes) -> None:
        """Add a piece; that the disk is full is told when the content is taken."""
        self.size += len(piece)
        if self._failure is None:
            try:
                self._file.write(piece)
            except OSError as error:
                self._failure = error

    def move_to(self, path: Path, *, whole: bool) -> None:
        """Give the content away.

        Args:
            path: Where it goes.
            whole: Whether it is all that is to be there, not added to what is there.

        Raises:
            OSError: It could not be written.
        """
        if self._failure is None:
            self._file.close()
        else:
            raise self._failure
        if whole:
            self._path.replace(path)
            return
        with self._path.open("rb") as source, path.open("ab") as target:
            shutil.copyfileobj(source, target, _PIECE)

    def close(self) -> None:
        """Remove the file, if it has not been given away."""
        # What is still to be written may find no room, and goes anyway.
        with suppress(OSError):
            self._file.close()
        self._path.unlink(missing_ok=True)
