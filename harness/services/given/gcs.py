"""Cloud Storage by its address: another emulator, or a server that others use too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.services.gcs import Gcs
from harness.services.gcs_server import Running
from harness.services.given.endpoint import ask, endpoint
from harness.services.given.gcs_mark import LEASE, BucketMark
from harness.services.given.tenure import Tenure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.machine.guardian import Guardian
    from harness.services.gcs_api import GcsApi
    from harness.services.object_layout import StoredObject


class GivenGcs(Gcs):
    """A server that somebody else runs. What was there before the session is never deleted.

    Emptying the service, and its end, delete the buckets that were not there when the session
    began, and the objects that were not there in buckets that were. An object that was there and
    was written again cannot be brought back: it is left as it is, and ``notes`` names it.

    Who made a bucket cannot be seen, so whatever appears while the session lasts counts as its
    own. Therefore a session marks the server as taken (by the bucket ``mage-harness-lease``) and a
    second one is refused. People and programs that know nothing of the harness must not put
    anything into the server meanwhile. It gives no log, so failed downloads and uploads are not
    seen.

    Args:
        url: Its address, ``http://host:port``.
        project: The Google Cloud project that it plays.
        through: A forwarder's address, by which pipelines reach it; the server's own if not given.
        guardian: Who deletes what was made when the harness cannot.

    Raises:
        InputError: The address is none, or it is Google's own.
    """

    def __init__(
        self, url: str, *, project: str, through: str = "", guardian: Guardian | None = None
    ) -> None:
        self.address = endpoint(url, service="gcs")
        server = GivenServer(self.address, project=project, through=through or self.address)
        super().__init__(server, project=project)
        self._before = Before()
        self._overwritten: set[str] = set()
        mark = BucketMark(self._api, url=self.address)
        self._tenure = Tenure(
            "gcs", url=self.address, project=project, mark=mark, guardian=guardian
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What cannot be seen or undone here."""
        blind = f"{self.address} gives no log: failed downloads and uploads are not seen"
        written = (
            f"gs://{name} was there before and was written again: it stays so"
            for name in sorted(self._overwritten)
        )
        return (blind, *written)

    def start(self) -> None:
        """Make sure that it answers, take it for this session and see what is there.

        Raises:
            ServiceError: It does not answer, or another session uses it.
        """
        if self._running is not None:
            return
        super().start()
        try:
            self._before = Before(objects=self._tenure.begin(self._look))
        except BaseException:
            super().stop()
            raise

    def stop(self) -> None:
        """Delete what was made since the start. Safe to call twice, or before start.

        Raises:
            ServiceError: It no longer answers.
        """
        if self._running is None:
            return
        try:
            self._tenure.end(self._remove_new)
        finally:
            super().stop()

    def carry_out(self, will: Mapping[str, Any]) -> None:
        """Do what ``stop`` would have done, for a session that is gone.

        Args:
            will: What that session left.
        """
        super().start()
        if self._tenure.inherit(will):
            self._before = Before(objects=will["before"])
            self.stop()

    def reset(self) -> None:
        """Delete what was made since the start."""
        self._remove_new()

    def _buckets(self, api: GcsApi) -> list[str]:
        return [bucket for bucket in api.buckets() if bucket != LEASE]

    def _all(self, api: GcsApi) -> dict[str, list[StoredObject]]:
        return {bucket: api.objects(bucket) for bucket in self._buckets(api)}

    def _look(self) -> Mapping[str, Mapping[str, str]]:
        with self._api() as api:
            return Before.of(self._all(api)).objects

    def _objects(self, api: GcsApi) -> list[StoredObject]:
        """What was made or written again since the start."""
        return [
            one
            for objects in self._all(api).values()
            for one in objects
            if not self._before.has_still(one)
        ]

    def _remove_new(self) -> None:
        with self._api() as api:
            for bucket, objects in self._all(api).items():
                if bucket not in self._before.buckets:
                    api.delete_bucket(bucket)
                    continue
                for one in objects:
                    if not self._before.had(one):
                        api.delete_object(bucket, one.name)
                    elif not self._before.has_still(one):
                        self._overwritten.add(f"{bucket}/{one.name}")


class GivenServer:
    """A server that is not started and not ended.

    Args:
        address: What ``endpoint`` gave.
        project: The project that buckets are listed for.
        through: By which address it is reached.
    """

    def __init__(self, address: str, *, project: str, through: str) -> None:
        self._address = address
        self._project = project
        self._through = through

    def start(self) -> Running:
        """Make sure that it answers as Cloud Storage does.

        Raises:
            ServiceError: It does not.
        """
        ask(self._address, f"/storage/v1/b?project={self._project}", service="gcs")
        return Running(endpoint=self._through)

    def stop(self) -> None:
        """Nothing: others may use it."""

    def check(self) -> None:
        """Nothing: a request says it."""


@dataclass(frozen=True, kw_only=True)
class Before:
    """What was there when the session began.

    Attributes:
        objects: For each bucket, the generation of each object.
    """

    objects: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Mapping[str, Iterable[StoredObject]]) -> Before:
        """What is there now."""
        return cls(
            objects={
                bucket: {one.name: one.generation for one in objects}
                for bucket, objects in found.items()
            }
        )

    @property
    def buckets(self) -> frozenset[str]:
        """The buckets' names."""
        return frozenset(self.objects)

    def had(self, one: StoredObject) -> bool:
        """Whether there was an object of this name."""
        return one.name in self.objects.get(one.bucket, {})

    def has_still(self, one: StoredObject) -> bool:
        """Whether it was there and has not been written since."""
        return self.objects.get(one.bucket, {}).get(one.name) == one.generation
