"""Checks that hold, told to whoever keeps a record of them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Hearer: TypeAlias = "Callable[[str, str], None]"

_hearers: list[Hearer] = []
"""Of this process, and not of a thread: runs side by side are checked in threads of their own."""


def held(about: str, check: str) -> None:
    """Tell that a check holds.

    Args:
        about: What was looked at, for example ``Postgres table ny_taxi.trips``.
        check: The check's name, for example ``rows``.
    """
    for hear in tuple(_hearers):
        hear(about, check)


@contextmanager
def heard(hearer: Hearer) -> Iterator[None]:
    """Tell somebody of each check that holds meanwhile.

    Args:
        hearer: Is told what was looked at, and the check's name.
    """
    _hearers.append(hearer)
    try:
        yield
    finally:
        _hearers.remove(hearer)
