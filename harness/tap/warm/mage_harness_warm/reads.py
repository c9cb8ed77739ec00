"""Which variables modules look at while they are imported, and which of them does."""

import os
import sys
from types import TracebackType
from typing import Any, Dict, List, Optional, Set, Type

_BY_ITSELF = ("os", "_collections_abc", "importlib._bootstrap", "importlib._bootstrap_external")
_LATER = "sysconfig"
"""What it keeps of the environment is forgotten in each run."""


class Reads:
    """Notes the variables that are read in a ``with`` block.

    Attributes:
        modules: The modules that read a variable, by its name.
    """

    def __init__(self) -> None:
        self.modules: Dict[str, Set[str]] = {}
        self._kind = type(os.environ)
        self._read = self._kind.__getitem__

    def __enter__(self) -> "Reads":  # noqa: PYI034 - Python 3.10 has no Self
        read, modules = self._read, self.modules

        def noted(environ: Any, name: Any) -> Any:
            reader = importing()
            if reader is not None:
                modules.setdefault(os.fsdecode(name), set()).add(reader)
            return read(environ, name)

        self._kind.__getitem__ = noted  # type: ignore[method-assign]
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._kind.__getitem__ = self._read  # type: ignore[method-assign]

    def readers(self, names: List[str]) -> Set[str]:
        """The modules that read one of some variables."""
        return {module for name in names for module in self.modules.get(name, ())}


def importing() -> Optional[str]:
    """The module that is being imported and has led to the caller's call; None for one to skip."""
    frame = sys._getframe(2)
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if name == _LATER:
            return None
        if frame.f_code.co_name == "<module>" and name not in _BY_ITSELF:
            return name
        frame = frame.f_back  # type: ignore[assignment]
    return ""
