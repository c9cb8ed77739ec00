"""Whether runs are warm, as the settings say."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from harness.running.spawn import Cold

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.running.spawn import Spawner
    from harness.running.warm.ahead import Ahead
    from harness.settings import Settings


_AFTER_CI = 30.0
"""Seconds after the last command that a server is kept where the variable ``CI`` is set."""


def spawner_of(settings: Settings, *, progress: Callable[[str], None]) -> Spawner:
    """What makes the processes of a session's runs.

    Args:
        settings: Which runner.
        progress: Told why a run is cold, where warm ones are asked for.
    """
    # Where all runs go cold, a server is not even started; with "warm", each of them says why.
    never = settings.runner == "auto" and settings.at is not None
    if settings.runner == "cold" or settings.provider == "docker" or never:
        return Cold()
    from harness.running.warm.server import IDLE  # noqa: PLC0415 - what it takes is for it alone
    from harness.running.warm.spawner import Warm  # noqa: PLC0415

    # What CI has started is not to be there after it; commands that follow at once find it still.
    return Warm(
        settings.runner, progress=progress, unasked=_AFTER_CI if os.environ.get("CI") else IDLE
    )


def ahead_of(spawner: Spawner) -> Ahead | None:
    """What begins runs before they are asked for; None where runs are cold.

    Args:
        spawner: Makes the processes of runs.
    """
    if isinstance(spawner, Cold) or sys.platform != "linux":
        return None
    from harness.running.warm.ahead import Ahead  # noqa: PLC0415 - what it takes is for it alone
    from harness.running.warm.spawner import Warm  # noqa: PLC0415

    return Ahead(spawner) if isinstance(spawner, Warm) else None
