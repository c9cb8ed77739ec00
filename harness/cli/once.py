"""What many runs say anew, said once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def once(tell: Callable[[str], None]) -> Callable[[str], None]:
    """Tell each line the first time only.

    Args:
        tell: Who tells it.
    """
    told: set[str] = set()

    def tell_once(line: str) -> None:
        if line not in told:
            told.add(line)
            tell(line)

    return tell_once
