"""What the runs of a session share: the seeds, the time, and what ran before, until a reset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.running.last_runs import LastRuns
from harness.running.moments import Moments
from harness.running.reconcile import Standing
from harness.seeds.planting import plant_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.services.stack import Stack
    from harness.settings import Settings


class World:
    """The state of a stack's services between the runs of a session.

    Args:
        stack: The services.
        settings: With the seeds, and the moment at which the world begins.
        progress: Told in a line what is being prepared, where that takes time.

    Attributes:
        moments: The time that runs have.
        last: The last run of each pipeline.
        standing: What the services hold around a run.
    """

    def __init__(
        self, stack: Stack, *, settings: Settings, progress: Callable[[str], None]
    ) -> None:
        self._stack = stack
        self._settings = settings
        self._progress = progress
        self._planted = False
        self.moments = Moments(stack, settings=settings)
        self.last = LastRuns()
        self.standing = Standing(stack.inventory)

    def reset(self) -> None:
        """Forget everything that runs have written, as for a new test."""
        self._stack.reset()
        self.moments.forget()
        self._planted = False
        self.last.clear()
        self.standing.move()

    def plant(self) -> None:
        """Put the seeds into the services, once until the next reset; the world's time begins.

        Raises:
            InputError: A seed cannot be loaded.
            EnvironmentNotAbleError: A service cannot be started.
        """
        if self._planted:
            return
        self.moments.tell()
        plant_all(self._settings, self._stack, progress=self._progress)
        self._planted = True
