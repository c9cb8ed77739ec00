"""Which modules say something while they are imported: a warning, or what they print."""

import sys
import warnings
from contextlib import contextmanager
from typing import Any, Iterator, Set

from .reads import importing


@contextmanager
def sayings() -> Iterator[Set[str]]:
    """Gives the modules that say something in the ``with`` block, which is not shown."""
    modules: Set[str] = set()

    def warned(*_warning: Any, **_more: Any) -> None:
        modules.add(str(importing()))

    real = sys.stdout, sys.stderr, warnings.showwarning
    sys.stdout = sys.stderr = _Heard(modules, sys.stdout)
    warnings.showwarning = warned
    try:
        yield modules
    finally:
        sys.stdout, sys.stderr, warnings.showwarning = real


class _Heard:
    """Notes who writes to a stream, and is as that is otherwise.

    Args:
        modules: Where it is noted.
        stream: The stream.
    """

    def __init__(self, modules: Set[str], stream: Any) -> None:
        self._modules = modules
        self._stream = stream

    def write(self, text: str) -> int:
        """Note it."""
        self._modules.add(str(importing()))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
