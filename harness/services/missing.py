"""The error for a sink that is not there: it names those that look like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import MissingSinkError
from harness.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = 5


def missing(kind: str, name: str, existing: Iterable[str]) -> MissingSinkError:
    """Build the error.

    Args:
        kind: What was looked for and where, such as ``table in PostgreSQL``.
        name: The name that was looked for.
        existing: The names that there are.
    """
    names = sorted(existing)
    close = nearest(name, names, most=SHOWN)
    shown = close or names[:SHOWN]
    if not names:
        evidence = ["there is none at all"]
    else:
        label = "nearest" if close else "there are"
        more = f" and {len(names) - len(shown)} more" if not close and len(names) > SHOWN else ""
        evidence = [f"{label}: {', '.join(shown)}{more}"]
    return MissingSinkError(
        f"there is no {kind} named {name}",
        evidence=evidence,
        remedy="correct the name, or look why the pipeline did not write it",
    )
