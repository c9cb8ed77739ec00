"""The private services, reached through gates, so that what is missing is fetched first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from harness.machine.ports import HOST
from harness.services.stack import Stack
from harness.tap import STORAGE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from harness.enclosure.plan import Door
    from harness.services.protocol import Incident, Sink
    from harness.settings import Settings


class Settling(Protocol):
    """What notes what a run has read."""

    def settle(self) -> None:
        """Note what the pipeline has read so far, before anybody else reads."""

    def is_unchanged(self, sink: Sink) -> bool:
        """Whether something came over from the source and has not been written since."""


# What holds the port of a service, in variables, keys of io_config.yaml and placeholders.
_PORTS = {
    "postgres": ("POSTGRES_PORT", "PGPORT", "postgres_port"),
    "gcs": ("STORAGE_EMULATOR_HOST", "CLOUD_STORAGE_EMULATOR_ENDPOINT", "gcs_endpoint"),
    "bigquery": ("BIGQUERY_EMULATOR_HOST", STORAGE_VARIABLE, "bigquery_endpoint"),
}


class GatedStack(Stack):
    """A stack whose pipelines, and nobody else, come through gates.

    Args:
        settings: The settings; all services are private ones.
        progress: Is told what is being started.

    Attributes:
        gates: For a service that has a gate, its port and the gate's.
        sources: Told when a run has ended, before the harness itself reads anything.
    """

    def __init__(self, settings: Settings, *, progress: Callable[[str], None]) -> None:
        super().__init__(settings, progress=progress)
        self.gates: dict[str, tuple[int, int]] = {}
        self.sources: Sequence[Settling] = ()

    def environment(self) -> dict[str, str]:
        """The variables of all running services, with the gates' ports."""
        return self._through(super().environment())

    def overlay(self) -> dict[str, str]:
        """The keys of io_config.yaml of all running services, with the gates' ports."""
        return self._through(super().overlay())

    def values(self) -> dict[str, str]:
        """What ``{name}`` stands for in ``settings.env``, with the gates' ports."""
        return self._through(super().values())

    def doors(self) -> tuple[Door, ...]:
        """Hosts and ports that pipelines may reach: the gates' too."""
        return (*super().doors(), *((HOST, port) for _, port in self.gates.values()))

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

    def _through(self, values: Mapping[str, str]) -> dict[str, str]:
        found = dict(values)
        for service, (own, gate) in self.gates.items():
            for name in _PORTS[service]:
                if name in found:
                    before, found_port, after = found[name].rpartition(str(own))
                    found[name] = f"{before}{gate}{after}" if found_port else found[name]
        return found
