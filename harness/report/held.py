"""The checks of a test that hold, as properties of the test in JUnit's XML."""

from __future__ import annotations

import json
import threading
from collections import Counter

NAME = "mage-harness-held"
_MOST = 50
"""Properties of one test: a loop over a thousand partitions makes no report of megabytes."""
_LONGEST = 120


class Held:
    """Counts the checks of one test that hold; to be called with each."""

    def __init__(self) -> None:
        self._counted: Counter[tuple[str, str]] = Counter()
        # Runs side by side are checked in threads.
        self._lock = threading.Lock()

    def __call__(self, about: str, check: str) -> None:
        """Count one.

        Args:
            about: What was looked at.
            check: The check's name.
        """
        with self._lock:
            self._counted[about, check] += 1

    def properties(self) -> list[tuple[str, str]]:
        """One for each check of each thing, in the order of their first times; JSON."""
        told = list(self._counted.items())
        facts: list[dict[str, str | int]] = [
            {"about": _short(about), "check": check, "times": times}
            for (about, check), times in told[:_MOST]
        ]
        if len(told) > _MOST:
            facts.append({"more": len(told) - _MOST})
        return [(NAME, json.dumps(one)) for one in facts]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
