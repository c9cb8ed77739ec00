"""Which modules say something while they are imported: a warning, or what they print."""

import sys
import warnings
from types import TracebackType
from typing import Any, Optional, Set, Type

from .reads import importing


class Says:
    """Notes in a ``with`` block who says something, which is not shown.

    Attributes:
        modules: The modules that did.
    """

    def __init__(self) -> None:
        self.modules: Set[str] = set()
        self._real = (sys.stdout, sys.stderr, warnings.showwarning)

    def __enter__(self) -> "Says":  # noqa: PYI034 - Python 3.10 has no Self
        sys.stdout = sys.stderr = _Heard(self, sys.stdout)
        warnings.showwarning = self._warned
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        sys.stdout, sys.stderr, warnings.showwarning = self._real

    def _warned(self, *_warning: Any, **_more: Any) -> None:
        self.modules.add(str(importing()))


class _Heard:
    """Notes who writes to a stream, and is as that is otherwise.

    Args:
        says: Where it is noted.
        stream: The stream.
    """

    def __init__(self, says: Says, stream: Any) -> None:
        self._says = says
        self._stream = stream

    def write(self, text: str) -> int:
        """Note it."""
        self._says.modules.add(str(importing()))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
