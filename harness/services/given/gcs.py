"""Cloud Storage by its address: another emulator, or a server that others use too."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.services.gcs import Gcs
from harness.services.gcs_api import GcsApi, RefusedError
from harness.services.gcs_server import Running
from harness.services.given.endpoint import ask, endpoint
from harness.services.given.lease import Lease
from harness.services.given.will import Will

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from harness.machine.guardian import Guardian
    from harness.services.gcs_api import StoredObject
    from harness.services.protocol import Incident

LEASE = "mage-harness-lease"
_OWNER = "owner.json"
_CONFLICT = 409


class GivenGcs(Gcs):
    """A server that somebody else runs. What was there before the session is never deleted.

    Emptying the service, and its end, delete the buckets that were not there when the session
    began, and the objects that were not there in buckets that were. An object that was there and
    was written again cannot be brought back: it is left as it is, and ``notes`` names it.

    Who made a bucket cannot be seen, so whatever appears while the session lasts counts as its
    own. Therefore a session marks the server as taken (by the bucket ``mage-harness-lease``) and a
    second one is refused. People and programs that know nothing of the harness must not put
    anything into the server meanwhile. With ``buckets`` several sessions can share a server: each
    looks at its own buckets only, deletes nothing else, and takes no mark; pipelines must then
    take their bucket's name from ``{gcs_bucket}``.

    Args:
        url: Its address, ``http://host:port``.
        project: The Google Cloud project that it plays.
        log: The file that fake-gcs-server's output goes to, if it can be read here.
        buckets: The session's own buckets, if the server is shared.
        guardian: Who deletes what was made when the harness cannot.

    Raises:
        InputError: The address is none, or it is Google's own.
    """

    def __init__(
        self,
        url: str,
        *,
        project: str,
        log: Path | None = None,
        buckets: Iterable[str] = (),
        guardian: Guardian | None = None,
    ) -> None:
        self.address = endpoint(url, service="gcs")
        super().__init__(GivenServer(self.address, project=project, log=log), project=project)
        self._own = tuple(buckets)
        if self._own:
            self.bucket = self._own[0]
        self._log_file = log
        self._will = Will("gcs", guardian=guardian)
        self._before = Before()
        self._overwritten: set[str] = set()
        self._lease = Lease(
            self.address,
            make=self._make_lease,
            read=self._read_lease,
            remove=self._remove_lease,
            place=f"the bucket {LEASE}: curl -X DELETE "
            f"{self.address}/storage/v1/b/{LEASE}/o/{_OWNER} {self.address}/storage/v1/b/{LEASE}",
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What cannot be seen or undone here."""
        blind = f"{self.address} gives no log: failed downloads and uploads are not seen"
        written = (
            f"gs://{name} was there before and was written again: it stays so"
            for name in sorted(self._overwritten)
        )
        return (*(() if self._log_file else (blind,)), *written)

    def start(self) -> None:
        """Make sure that it answers, take it for this session and see what is there.

        Raises:
            InputError: The log is not that of this server.
            ServiceError: It does not answer, or another session uses it.
        """
        if self._running is not None:
            return
        super().start()
        try:
            self._check_log()
            if not self._own:
                self._lease.take()
            with self._api() as api:
                self._before = Before.of(self._all(api))
            self._will.write(
                url=self.address,
                project=self.project,
                own=self._own,
                before=self._before.objects,
                lease=self._lease.facts,
            )
        except BaseException:
            self._lose()
            raise

    def stop(self) -> None:
        """Delete what was made since the start. Safe to call twice, or before start.

        Raises:
            ServiceError: It no longer answers.
        """
        if self._running is None:
            return
        try:
            self._remove_new()
        finally:
            self._lose()

    def carry_out(self, will: Mapping[str, Any]) -> None:
        """Do what ``stop`` would have done, for a session that is gone.

        Args:
            will: What that session left.
        """
        super().start()
        if not self._own and not self._lease.take_over(will["lease"]):
            return
        self._before = Before(objects=will["before"])
        self.stop()

    def reset(self) -> None:
        """Delete what was made since the start."""
        self._remove_new()
        self._forget()

    def incidents(self, since: float) -> Sequence[Incident]:
        """Downloads and uploads that failed, at the own buckets if these are given."""
        found = super().incidents(since)
        if not self._own:
            return found
        own = tuple(f"gs://{bucket}/" for bucket in self._own)
        return [one for one in found if one.detail.startswith(own)]

    def _buckets(self, api: GcsApi) -> list[str]:
        found = [bucket for bucket in api.buckets() if bucket != LEASE]
        return [bucket for bucket in found if bucket in self._own] if self._own else found

    def _all(self, api: GcsApi) -> dict[str, list[StoredObject]]:
        return {bucket: api.objects(bucket) for bucket in self._buckets(api)}

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

    def _lose(self) -> None:
        try:
            self._lease.give_back()
            self._will.revoke()
        finally:
            super().stop()

    def _check_log(self) -> None:
        mark = secrets.token_hex(8)
        if self._log is None:
            return
        with self._api() as api:
            api.mark(mark)
        if not self._log.read_to(mark):
            raise InputError(
                f"{self._log_file} is not the log of the GCS server at {self.address}",
                cause="a request to that server did not appear in it",
                remedy="name the file that fake-gcs-server's output goes to, or none",
            )
        self._log.clear()

    def _make_lease(self, facts: dict[str, Any]) -> bool:
        with self._api() as api:
            try:
                api.create_bucket(LEASE)
            except RefusedError as error:
                if error.status == _CONFLICT:
                    return False
                raise
            api.write_json(LEASE, _OWNER, facts)
        return True

    def _read_lease(self) -> Any:
        with self._api() as api:
            return api.read_json(LEASE, _OWNER)

    def _remove_lease(self) -> None:
        with self._api() as api:
            api.delete_bucket(LEASE)


class GivenServer:
    """A server that is not started and not ended.

    Args:
        address: What ``endpoint`` gave.
        project: The project that buckets are listed for.
        log: The file of its output, or None.
    """

    def __init__(self, address: str, *, project: str, log: Path | None) -> None:
        self._address = address
        self._project = project
        self._log = log

    def start(self) -> Running:
        """Make sure that it answers as Cloud Storage does.

        Raises:
            ServiceError: It does not.
        """
        ask(self._address, f"/storage/v1/b?project={self._project}", service="gcs")
        return Running(endpoint=self._address, log=self._log, shared=True)

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
