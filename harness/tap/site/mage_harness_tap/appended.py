"""A file that all processes of a run append to: one line of JSON by one system call."""

import json
import os
from typing import Any, Dict


class Appended:
    """Lines of a file, which threads and forked children cannot mix.

    Args:
        path: The file. It is kept here: a block may change the environment.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptors: Dict[int, int] = {}

    def add(self, facts: Dict[str, Any]) -> None:
        """Append a line.

        Args:
            facts: What it says; anything that JSON cannot hold is written as text.
        """
        line = json.dumps(facts, default=str) + "\n"
        os.write(self._descriptor(), line.encode("utf-8", "replace"))

    def make(self) -> None:
        """Make the file, though there is no line yet."""
        self._descriptor()

    def _descriptor(self) -> int:
        """The open file of this very process: a forked child opens its own."""
        process = os.getpid()
        if process not in self._descriptors:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            self._descriptors[process] = os.open(self._path, flags, 0o600)
        return self._descriptors[process]
