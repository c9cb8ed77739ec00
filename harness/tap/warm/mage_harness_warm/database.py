"""Mage's own database, which it connects to when it is imported: no fork shares a connection."""

import sys
from typing import Any

_MODULE = "mage_ai.orchestration.db"


def part() -> None:
    """Close the connections that are kept for the next use."""
    engine = _engine()
    if engine is not None:
        engine.dispose()


def meet() -> None:
    """Connect, and keep the connection for the next use, as that module does."""
    engine = _engine()
    if engine is not None:
        engine.connect().close()


def _engine() -> Any:
    return getattr(sys.modules.get(_MODULE), "engine", None)
