"""What services have in common that pipelines write nothing to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.services.missing import missing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from harness.services.protocol import Incident, Sink


class Sinkless:
    """The part of the protocol that is about what a service holds: it holds nothing."""

    title: str
    """What it is called in messages."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Nothing."""
        return ()

    def overlay(self) -> Mapping[str, str]:
        """Nothing: Mage has no key for it."""
        return {}

    def values(self) -> Mapping[str, str]:
        """Nothing: no setting names it."""
        return {}

    def reset(self) -> None:
        """Nothing: it holds nothing that a pipeline put there."""

    def inventory(self) -> Sequence[Sink]:
        """Nothing: pipelines write nothing here."""
        return ()

    def describe(self, name: str) -> Sink:
        """Always refuses: pipelines write nothing here.

        Raises:
            MissingSinkError: In any case.
        """
        raise missing(f"sink in {self.title}", name, ())

    def read(self, name: str) -> pa.Table:
        """Always refuses: pipelines write nothing here.

        Raises:
            MissingSinkError: In any case.
        """
        raise missing(f"sink in {self.title}", name, ())

    def partitions(self, name: str) -> Mapping[str, int]:
        """Always refuses: pipelines write nothing here.

        Raises:
            MissingSinkError: In any case.
        """
        raise missing(f"sink in {self.title}", name, ())

    def incidents(self, since: float) -> Sequence[Incident]:
        """Nothing: it sees nothing go wrong.

        Args:
            since: Seconds since the epoch.
        """
        del since
        return ()
