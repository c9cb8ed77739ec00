"""The names that exist and are nearest to one that does not."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, names: Iterable[str], *, most: int = 3) -> list[str]:
    """Names like the one given, the best first.

    Case and punctuation count for nothing, as ``VendorID``, ``vendor_id`` and ``vendorid`` are
    what one column is called before and after its standardisation.

    Args:
        name: The name that was looked for.
        names: Those that exist.
        most: How many to return at most.
    """
    spelled: dict[str, list[str]] = {}
    for candidate in names:
        spelled.setdefault(_letters(candidate), []).append(candidate)
    close = difflib.get_close_matches(_letters(name), spelled, n=most, cutoff=0.6)
    return [candidate for letters in close for candidate in spelled[letters]][:most]


def meant(name: str, names: Iterable[str]) -> str:
    """The one name that is most like the one given, or an empty string.

    Args:
        name: The name that was looked for.
        names: Those that exist.
    """
    return next(iter(nearest(name, names, most=1)), "")


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
