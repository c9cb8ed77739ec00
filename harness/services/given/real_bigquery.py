"""A throw-away dataset in a real Google Cloud project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.services.given.bigquery_client import BigQueryByClient, asked
from harness.services.given.real import BIGQUERY, LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.cloud import bigquery

    from harness.machine.guardian import Guardian
    from harness.services.given.real import RealProject

DAY_MS = 24 * 60 * 60 * 1000
"""Milliseconds after which BigQuery itself deletes a table that was left behind."""
_THROW_AWAY = re.compile(r"mage[-_]harness[-_]([0-9a-f]{16})")


class RealBigQuery(BigQueryByClient):
    """One dataset, ``mage_harness_<token>``, and nothing else of the project.

    It is made at the start, made anew between tests and removed with its content at the end, or by
    the guardian when the harness is killed. Should that fail too, BigQuery deletes its tables
    after a day. The inventory and expectations look only at this dataset. A failed job of the
    same account counts as an incident, unless it names the bucket or dataset of another session.

    Args:
        real: The project.
        guardian: Who removes the dataset when the harness cannot.
    """

    def __init__(self, real: RealProject, *, guardian: Guardian) -> None:
        super().__init__(project=real.project)
        self.real = real
        self.dataset = real.dataset
        self._guardian = guardian
        self._key = f"google-dataset-{real.token}"
        self._made = False

    @property
    def url(self) -> str:
        """BigQuery's address."""
        return self.real.bigquery

    @property
    def notes(self) -> tuple[str, ...]:
        """What cannot be seen here."""
        return ("BigQuery tells of failed jobs only: refused rows and other calls are not seen",)

    def start(self) -> None:
        """Make the dataset.

        Raises:
            EnvironmentNotAbleError: Google does not let us make it.
            ServiceError: There is one of this name, or Google does not answer.
        """
        if self._made:
            return
        command, environment = self.real.removal("--dataset")
        # Announced before it is made: a process that is killed in between leaves nothing.
        self._guardian.command(self._key, command, environment=environment)
        self._made = True
        try:
            self._make()
        except _RefusedError as error:
            # It is not there, or it is somebody else's.
            self._made = False
            self._guardian.forget_command(self._key)
            self._close()
            raise error.told from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Remove the dataset with its tables. Safe to call twice, or before start.

        Raises:
            ServiceError: It could not be removed; the message has the command that does.
        """
        if not self._made:
            return
        try:
            self.remove()
        except ServiceError as error:
            name = f"{self.project}:{self.dataset}"
            raise ServiceError(
                f"the dataset {name} is left in BigQuery",
                cause=error.cause,
                evidence=error.evidence,
                remedy=f"bq rm -r -f -d {name}",
            ) from error
        finally:
            self._close()
        self._made = False
        self._guardian.forget_command(self._key)

    def reset(self) -> None:
        """Remove the dataset with all that is in it, and make it anew."""
        self.remove()
        try:
            self._make()
        except _RefusedError as error:
            raise error.told from error

    def remove(self) -> None:
        """Delete the session's dataset with all that is in it, if there is one.

        Raises:
            ServiceError: Google does not let us, or does not answer.
        """
        with asked() as retry:
            self._client.delete_dataset(
                f"{self.project}.{self.dataset}",
                delete_contents=True,
                not_found_ok=True,
                retry=retry,
            )

    def environment(self) -> Mapping[str, str]:
        """Nothing: clients go to Google by themselves. In tests, what leads them elsewhere."""
        return {} if self.real.bigquery == BIGQUERY else {"BIGQUERY_EMULATOR_HOST": self.url}

    def values(self) -> Mapping[str, str]:
        """The placeholders ``{bigquery_endpoint}`` and ``{bigquery_dataset}``."""
        return {"bigquery_endpoint": self.url, "bigquery_dataset": self.dataset}

    def datasets(self) -> list[str]:
        """The throw-away dataset.

        Raises:
            ServiceError: The service is not started.
        """
        if not self._made:
            raise ServiceError("the bigquery service is not started", remedy="start it")
        return [self.dataset]

    def client(self) -> bigquery.Client:
        """Google's own client, with the machine's credentials. The caller closes it."""
        from google.api_core.client_options import ClientOptions  # noqa: PLC0415
        from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415
        from google.cloud import bigquery  # noqa: PLC0415 - takes a second

        anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call]
        return bigquery.Client(
            project=self.project,
            credentials=self.real.sign_in.credentials or anonymous,
            client_options=ClientOptions(api_endpoint=self.url),
            location=self.real.location,
        )

    def _make(self) -> None:
        from google.api_core.exceptions import Conflict, Forbidden  # noqa: PLC0415
        from google.cloud import bigquery  # noqa: PLC0415 - takes a second

        dataset = bigquery.Dataset(f"{self.project}.{self.dataset}")
        dataset.location = self.real.location
        dataset.labels = LABELS
        dataset.default_table_expiration_ms = DAY_MS
        with asked() as retry:
            try:
                self._client.create_dataset(dataset, retry=retry)
            except Forbidden as error:
                raise _RefusedError(
                    EnvironmentNotAbleError(
                        f"no dataset can be made in the project {self.project}",
                        cause=str(error.message),
                        remedy="give the account the role BigQuery User in this project",
                    )
                ) from error
            except Conflict as error:
                raise _RefusedError(
                    ServiceError(
                        f"there is a dataset named {self.dataset} already in {self.project}",
                        cause=str(error.message),
                        remedy="start again: each session takes another name",
                    )
                ) from error

    def _is_incident(self, job: Any) -> bool:
        return super()._is_incident(job) and not self._is_of_another(job)

    def _is_of_another(self, job: Any) -> bool:
        """Whether a job names what another session made, and nothing of this one."""
        named = [getattr(job, part, "") for part in ("query", "destination", "source_uris")]
        tokens = set(_THROW_AWAY.findall(" ".join(map(str, named))))
        return bool(tokens) and self.real.token not in tokens


class _RefusedError(Exception):
    """Google said no; nothing was made."""

    def __init__(self, told: EnvironmentNotAbleError) -> None:
        super().__init__(str(told))
        self.told = told
