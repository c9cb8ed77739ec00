"""A throw-away bucket in a real Google Cloud project."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.services.gcs import Gcs
from harness.services.gcs_api import GcsApi, RefusedError
from harness.services.gcs_server import Running
from harness.services.given.real import GCS, LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.cloud.storage import Client  # type: ignore[import-untyped]
    from pyarrow import fs as pafs

    from harness.machine.guardian import Guardian
    from harness.services.given.real import RealProject

_TAKEN = 409
_MISSING = 404


class RealGcs(Gcs):
    """One bucket, ``mage-harness-<token>``, and nothing else of the project.

    It is made at the start, emptied between tests and removed with its content at the end, or by
    the guardian when the harness is killed. Should that fail too, Google deletes what is in it a
    day after it was written. The inventory and expectations look only at this bucket. The project
    gives no log, so failed downloads and uploads are not seen.

    Args:
        real: The project.
        guardian: Who removes the bucket when the harness cannot.
    """

    def __init__(self, real: RealProject, *, guardian: Guardian) -> None:
        super().__init__(RealBucket(real, guardian=guardian), project=real.project)
        self.real = real
        self.bucket = real.bucket

    @property
    def notes(self) -> tuple[str, ...]:
        """What cannot be seen here."""
        return ("Cloud Storage gives no log: failed downloads and uploads are not seen",)

    def reset(self) -> None:
        """Empty the bucket; make it again if a pipeline removed it."""
        with self._api() as api:
            try:
                api.empty_bucket(self.bucket)
            except RefusedError as error:
                if error.status != _MISSING:
                    raise
                api.create_bucket(self.bucket, **_facts(self.real))

    def environment(self) -> Mapping[str, str]:
        """Nothing: clients go to Google by themselves. In tests, what leads them elsewhere."""
        return {} if self.real.gcs == GCS else super().environment()

    def client(self) -> Client:
        """Google's own client, with the machine's credentials. The caller closes it."""
        if self.real.sign_in.credentials is None:
            return super().client()
        from google.cloud import storage  # noqa: PLC0415 - takes a second

        return storage.Client(project=self.project, credentials=self.real.sign_in.credentials)

    def filesystem(self) -> pafs.GcsFileSystem:
        """The file system of pyarrow, with a token of the machine's credentials."""
        if self.real.sign_in.credentials is None:
            return super().filesystem()
        from pyarrow import fs as pafs  # noqa: PLC0415 - a stack starts before anything is read

        token = self.real.sign_in.token()
        expiry: datetime | None = self.real.sign_in.credentials.expiry
        until = datetime.now(UTC) + timedelta(minutes=5)
        return pafs.GcsFileSystem(
            access_token=token,
            # Google's library tells it without a zone, and means UTC.
            credential_token_expiration=expiry.replace(tzinfo=UTC) if expiry else until,
            project_id=self.project,
            retry_time_limit=timedelta(seconds=30),
        )

    def _buckets(self, api: GcsApi) -> list[str]:
        del api
        return [self.bucket]


class RealBucket:
    """Makes the bucket and removes it.

    Args:
        real: The project.
        guardian: Who removes it when the harness cannot.
    """

    def __init__(self, real: RealProject, *, guardian: Guardian) -> None:
        self._real = real
        self._guardian = guardian
        self._key = f"google-bucket-{real.token}"
        self._made = False

    def start(self) -> Running:
        """Make the bucket.

        Raises:
            EnvironmentNotAbleError: Google does not let us make it.
            ServiceError: The name is taken, or Google does not answer.
        """
        real = self._real
        command, environment = real.removal("--bucket")
        # Announced before it is made: a process that is killed in between leaves nothing.
        self._guardian.command(self._key, command, environment=environment)
        self._made = True
        try:
            with _api(real) as api:
                api.create_bucket(real.bucket, **_facts(real))
        except RefusedError as error:
            # It is not there, or it is somebody else's.
            self._made = False
            self._guardian.forget_command(self._key)
            raise _not_made(real, error) from error
        return Running(endpoint=real.gcs, token=_token(real))

    def stop(self) -> None:
        """Remove the bucket with its content. Safe to call twice, or before start.

        Raises:
            ServiceError: It could not be removed; the message has the command that does.
        """
        if not self._made:
            return
        real = self._real
        try:
            remove_bucket(real)
        except EnvironmentNotAbleError as error:
            raise ServiceError(
                f"the bucket gs://{real.bucket} is left in the project {real.project}",
                cause=error.symptom,
                evidence=[error.cause, *error.evidence],
                remedy=f"gcloud storage rm --recursive gs://{real.bucket} --project {real.project}",
            ) from error
        self._made = False
        self._guardian.forget_command(self._key)

    def check(self) -> None:
        """Nothing: a request says it."""


def remove_bucket(real: RealProject) -> None:
    """Delete the session's bucket with all that is in it, if there is one.

    Raises:
        EnvironmentNotAbleError: Google does not let us, or does not answer.
    """
    with _api(real) as api:
        api.delete_bucket(real.bucket)


def _api(real: RealProject) -> GcsApi:
    return GcsApi(real.gcs, project=real.project, token=_token(real))


def _token(real: RealProject) -> Callable[[], str] | None:
    return None if real.sign_in.credentials is None else real.sign_in.token


def _facts(real: RealProject) -> dict[str, object]:
    return {
        "location": real.location,
        "labels": LABELS,
        "lifecycle": {"rule": [{"action": {"type": "Delete"}, "condition": {"age": 1}}]},
        "iamConfiguration": {
            "uniformBucketLevelAccess": {"enabled": True},
            "publicAccessPrevention": "enforced",
        },
        # Otherwise what is deleted is kept, and paid for, for another week.
        "softDeletePolicy": {"retentionDurationSeconds": "0"},
    }


def _not_made(real: RealProject, error: RefusedError) -> EnvironmentNotAbleError:
    if error.status == _TAKEN:
        return ServiceError(
            f"there is a bucket named {real.bucket} already, in this project or another",
            evidence=error.evidence,
            remedy="start again: each session takes another name",
        )
    return EnvironmentNotAbleError(
        f"no bucket can be made in the project {real.project}",
        cause=error.cause,
        evidence=error.evidence,
        remedy="give the account the role Storage Admin in this project",
    )
