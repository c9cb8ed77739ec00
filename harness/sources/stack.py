"""The private services, reached through gates, so that what is missing is fetched first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from harness.services.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.services.protocol import Incident, Sink
    from harness.settings import Settings


class Settling(Protocol):
    """What notes what a run has read."""

    def settle(self) -> None:
        """Note what the pipeline has read so far, before anybody else reads."""

    def is_unchanged(self, sink: Sink) -> bool:
        """Whether something came over from the source and has not been written since."""


class GatedStack(Stack):
    """A stack whose pipelines, and nobody else, come through gates.

    Args:
        settings: The settings; all services are private ones.
        progress: Is told what is being started.

    Attributes:
        sources: Told when a run has ended, before the harness itself reads anything.
    """

    def __init__(self, settings: Settings, *, progress: Callable[[str], None]) -> None:
        super().__init__(settings, progress=progress)
        self.sources: Sequence[Settling] = ()

    def incidents(self, since: float) -> list[Incident]:
        """What went wrong at any running service, in order of time; what was read is settled."""
        found = super().incidents(since)
        for source in self.sources:
            source.settle()
        return found

    def inventory(self) -> list[Sink]:
        """What all running services hold, but what came over and nobody has written since."""
        return [
            sink
            for sink in super().inventory()
            if not any(source.is_unchanged(sink) for source in self.sources)
        ]
