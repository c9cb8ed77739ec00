"""What all running services hold and tell, as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.services.by_name import ByName
from harness.services.protocol import Telling
from harness.services.through import through

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from harness.services.protocol import Incident, Service, Sink


class Together(ByName):
    """The services that run, asked all at once.

    Attributes:
        gates: For a service that pipelines reach through a gate, its port and the gate's.
        troubled: Tells what went wrong at gates that the services themselves know nothing of.
    """

    def __init__(self) -> None:
        self._services: dict[str, Service] = {}
        self.gates: dict[str, tuple[int, int]] = {}
        self.troubled: Callable[[float], Iterable[Incident]] = lambda _since: ()

    @property
    def services(self) -> Mapping[str, Service]:
        """The services that run, by name."""
        return dict(self._services)

    def environment(self) -> dict[str, str]:
        """The variables of all running services, with the gates' ports."""
        return through(merged(one.environment() for one in self._services.values()), self.gates)

    def overlay(self) -> dict[str, str]:
        """The keys of io_config.yaml of all running services, with the gates' ports."""
        return through(merged(one.overlay() for one in self._services.values()), self.gates)

    def inventory(self) -> list[Sink]:
        """What all running services hold, by service and name."""
        found = [sink for service in self._services.values() for sink in service.inventory()]
        return sorted(found, key=lambda sink: (sink.service, sink.name))

    def incidents(self, since: float) -> list[Incident]:
        """What went wrong at any running service, in order of time.

        Args:
            since: Seconds since the epoch.
        """
        found = [one for service in self._services.values() for one in service.incidents(since)]
        return sorted([*found, *self.troubled(since)], key=lambda one: one.at)

    def told(self, since: float) -> list[str]:
        """What services did for pipelines that their source does not say, a line each.

        Args:
            since: Seconds since the epoch.
        """
        services = self._services.values()
        return [line for one in services if isinstance(one, Telling) for line in one.told(since)]


def merged(parts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The texts of several parts by their names, those of the last where two have one."""
    return {name: value for part in parts for name, value in part.items()}
