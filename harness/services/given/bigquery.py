"""BigQuery by its address: another emulator, or one that others use too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from harness.errors import ServiceError
from harness.services.given.bigquery_client import BigQueryByClient, asked
from harness.services.given.bigquery_mark import LEASE, DatasetMark
from harness.services.given.endpoint import ask, endpoint
from harness.services.given.tenure import Tenure
from harness.services.names import DATASET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from google.cloud import bigquery

    from harness.machine.guardian import Guardian
    from harness.services.protocol import Incident


class GivenBigQuery(BigQueryByClient):
    """A server that somebody else runs. Only datasets made since the start are ever deleted.

    Emptying the service, and its end, delete the datasets that were not there when the session
    began. A dataset that was there keeps what pipelines write into it, and ``notes`` names it.

    Who made a dataset cannot be seen, so whatever appears while the session lasts counts as its
    own. Therefore a session marks the project as taken (by the dataset ``mage_harness_lease``) and
    a second one is refused.

    Loads from ``gs://`` read where that server has been told to.

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
        super().__init__(project=project)
        self.url = endpoint(url, service="bigquery")
        self.dataset = DATASET
        self._through = through or self.url
        self._before: frozenset[str] = frozenset()
        self._lists_jobs = True
        self._running = False
        mark = DatasetMark(lambda: self._client, url=self.url, project=project)
        self._tenure = Tenure(
            "bigquery", url=self.url, project=project, mark=mark, guardian=guardian
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
            self._lists_jobs = self._can_list_jobs()
            self._before = frozenset(self._tenure.begin(self.datasets))
        except BaseException:
            self._leave()
            raise

    def stop(self) -> None:
        """Delete the datasets made since the start. Safe to call twice, or before start.

        Raises:
            ServiceError: It no longer answers.
        """
        if not self._running:
            return
        try:
            self._tenure.end(self.reset)
        finally:
            self._leave()

    def carry_out(self, will: Mapping[str, Any]) -> None:
        """Do what ``stop`` would have done, for a session that is gone.

        Args:
            will: What that session left.
        """
        self._running = True
        if self._tenure.inherit(will):
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
        """The host and port by which pipelines reach it."""
        parts = urlsplit(self._through)
        return parts.hostname or "", parts.port or {"http": 80, "https": 443}[parts.scheme]

    def environment(self) -> Mapping[str, str]:
        """The variable that leads the google client there."""
        return {"BIGQUERY_EMULATOR_HOST": self._through}

    def values(self) -> Mapping[str, str]:
        """The placeholders ``{bigquery_endpoint}`` and ``{bigquery_dataset}``."""
        return {"bigquery_endpoint": self._through, "bigquery_dataset": self.dataset}

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
        """All datasets of the project.

        Raises:
            ServiceError: The service is not started, or does not answer.
        """
        if not self._running:
            raise ServiceError("the bigquery service is not started", remedy="start it")
        with asked() as retry:
            found = sorted(one.dataset_id for one in self._client.list_datasets(retry=retry))
        return [name for name in found if name != LEASE]

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

    def _leave(self) -> None:
        self._running = False
        self._close()
