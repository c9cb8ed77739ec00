"""BigQuery by its address: another emulator, or one that others use too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from harness.errors import ServiceError
from harness.services.given.bigquery_client import BigQueryByClient, asked
from harness.services.given.endpoint import ask, endpoint
from harness.services.given.lease import Lease
from harness.services.given.will import Will
from harness.services.names import DATASET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from google.cloud import bigquery

    from harness.machine.guardian import Guardian
    from harness.services.protocol import Incident

LEASE = "mage_harness_lease"


class GivenBigQuery(BigQueryByClient):
    """A server that somebody else runs. Only datasets made since the start are ever deleted.

    Emptying the service, and its end, delete the datasets that were not there when the session
    began. A dataset that was there keeps what pipelines write into it, and ``notes`` names it.

    Who made a dataset cannot be seen, so whatever appears while the session lasts counts as its
    own. Therefore a session marks the project as taken (by the dataset ``mage_harness_lease``) and
    a second one is refused. With ``datasets`` several sessions can share a server: each looks at
    its own datasets only, deletes nothing else, and takes no mark; pipelines must then take their
    dataset's name from ``{bigquery_dataset}``.

    Loads from ``gs://`` read where that server has been told to.

    Args:
        url: Its address, ``http://host:port``.
        project: The Google Cloud project that it plays.
        datasets: The session's own datasets, if the server is shared.
        guardian: Who deletes what was made when the harness cannot.

    Raises:
        InputError: The address is none, or it is Google's own.
    """

    def __init__(
        self,
        url: str,
        *,
        project: str,
        datasets: Iterable[str] = (),
        guardian: Guardian | None = None,
    ) -> None:
        super().__init__(project=project)
        self.url = endpoint(url, service="bigquery")
        self._own = tuple(datasets)
        self.dataset = self._own[0] if self._own else DATASET
        self._before: frozenset[str] = frozenset()
        self._will = Will("bigquery", guardian=guardian)
        self._lists_jobs = True
        self._running = False
        self._lease = Lease(
            self.url,
            make=self._make_lease,
            read=self._read_lease,
            remove=self._remove_lease,
            place=f"the dataset {LEASE}: curl -X DELETE "
            f"{self.url}/bigquery/v2/projects/{project}/datasets/{LEASE}",
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What cannot be seen or undone here."""
        blind = (
            f"{self.url} tells of failed jobs only: refused rows and other calls are not seen"
            if self._lists_jobs
            else f"{self.url} lists no jobs: what fails there is not seen"
        )
        kept = (
            f"the dataset {name} was there before: what is written into it stays"
            for name in sorted(self._before)
        )
        return (blind, *kept)

    def start(self) -> None:
        """Make sure that it answers, take it for this session and see what is there.

        Raises:
            ServiceError: It does not answer, or another session uses it.
        """
        if self._running:
            return
        ask(self.url, f"/bigquery/v2/projects/{self.project}/datasets", service="bigquery")
        self._running = True
        try:
            if not self._own:
                self._lease.take()
            self._before = frozenset(self.datasets())
            self._will.write(
                url=self.url,
                project=self.project,
                own=self._own,
                before=sorted(self._before),
                lease=self._lease.facts,
            )
            self._lists_jobs = self._can_list_jobs()
        except BaseException:
            self._lose()
            raise

    def stop(self) -> None:
        """Delete the datasets made since the start. Safe to call twice, or before start.

        Raises:
            ServiceError: It no longer answers.
        """
        if not self._running:
            return
        try:
            self.reset()
        finally:
            self._lose()

    def carry_out(self, will: Mapping[str, Any]) -> None:
        """Do what ``stop`` would have done, for a session that is gone.

        Args:
            will: What that session left.
        """
        self._running = True
        if not self._own and not self._lease.take_over(will["lease"]):
            return
        self._before = frozenset(will["before"])
        self.stop()

    def reset(self) -> None:
        """Delete the datasets made since the start."""
        with asked() as retry:
            for name in self.datasets():
                if name not in self._before:
                    self._client.delete_dataset(
                        f"{self.project}.{name}",
                        delete_contents=True,
                        not_found_ok=True,
                        retry=retry,
                    )

    @property
    def listens_at(self) -> tuple[str, int]:
        """Its host and port."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or {"http": 80, "https": 443}[parts.scheme]

    def environment(self) -> Mapping[str, str]:
        """The variable that leads the google client there."""
        return {"BIGQUERY_EMULATOR_HOST": self.url}

    def values(self) -> Mapping[str, str]:
        """The placeholders ``{bigquery_endpoint}`` and ``{bigquery_dataset}``."""
        return {"bigquery_endpoint": self.url, "bigquery_dataset": self.dataset}

    def client(self) -> bigquery.Client:
        """A google client of the server, with anonymous credentials; the caller closes it."""
        from google.api_core.client_options import ClientOptions  # noqa: PLC0415
        from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415
        from google.cloud import bigquery  # noqa: PLC0415 - takes a second

        return bigquery.Client(
            project=self.project,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options=ClientOptions(api_endpoint=self.url),
        )

    def datasets(self) -> list[str]:
        """All datasets of the project, or those of the own ones that there are.

        Raises:
            ServiceError: The service is not started, or does not answer.
        """
        if not self._running:
            raise ServiceError("the bigquery service is not started", remedy="start it")
        with asked() as retry:
            found = sorted(one.dataset_id for one in self._client.list_datasets(retry=retry))
        return [name for name in found if name != LEASE and (not self._own or name in self._own)]

    def incidents(self, since: float) -> Sequence[Incident]:
        """Jobs that failed, except look-ups that expect it, where the server lists jobs."""
        return super().incidents(since) if self._lists_jobs else ()

    def _can_list_jobs(self) -> bool:
        try:
            with asked() as retry:
                list(self._client.list_jobs(max_results=1, retry=retry))
        except ServiceError:
            return False
        return True

    def _lose(self) -> None:
        try:
            self._lease.give_back()
            self._will.revoke()
        finally:
            self._running = False
            self._close()

    def _make_lease(self, facts: dict[str, Any]) -> bool:
        from google.api_core.exceptions import Conflict  # noqa: PLC0415 - takes a second
        from google.cloud import bigquery  # noqa: PLC0415

        mark = bigquery.Dataset(f"{self.project}.{LEASE}")
        mark.description = json.dumps(facts)
        with asked() as retry:
            try:
                self._client.create_dataset(mark, retry=retry)
            except Conflict:
                return False
        return True

    def _read_lease(self) -> Any:
        try:
            with asked() as retry:
                mark = self._client.get_dataset(f"{self.project}.{LEASE}", retry=retry)
            return json.loads(mark.description or "")
        except (ServiceError, ValueError):
            return None

    def _remove_lease(self) -> None:
        with asked() as retry:
            self._client.delete_dataset(
                f"{self.project}.{LEASE}", delete_contents=True, not_found_ok=True, retry=retry
            )
