"""What was done for a pipeline that its source does not say, for the reader of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def notes(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """A line for each kind of help that a run had.

    Args:
        events: The tap's events.
    """
    made = dict.fromkeys(
        f"the {event['kind']} {event['name']}" for event in events if event["event"] == "store_made"
    )
    if not made:
        return []
    return [f"made when the run wrote there, as if production had it: {', '.join(made)}"]
