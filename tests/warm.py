"""Runs of tests that are not about how a process begins: forks of a server, which is quicker.

``tests/integration/warm`` holds them against cold runs of the same projects. With
``MAGE_HARNESS_RUNNER=cold`` all runs are cold.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.settings import Settings


def warmed(settings: Settings) -> Settings:
    """Settings with warm runs, unless the environment says which runs it wants.

    Args:
        settings: The session's.
    """
    if "MAGE_HARNESS_RUNNER" in os.environ:
        return settings
    return settings.model_copy(update={"runner": "warm"})
