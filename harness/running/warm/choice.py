"""Whether runs are warm, as the settings say."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harness.running.spawn import Cold

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.running.spawn import Spawner
    from harness.running.warm.ahead import Ahead
    from harness.settings import Settings


def spawner_of(settings: Settings, *, progress: Callable[[str], None]) -> Spawner:
    """What makes the processes of a session's runs.

    Args:
        settings: Which runner.
        progress: Told why a run is cold, where warm ones are asked for.
    """
    if settings.runner == "cold" or settings.provider == "docker":
        return Cold()
    from harness.running.warm.spawner import Warm  # noqa: PLC0415 - what it takes is for it alone

    return Warm(settings.runner, progress=progress)


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
