"""The mark by which a session has a Cloud Storage for itself: a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.services.gcs_api import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from harness.services.gcs_api import GcsApi

LEASE = "mage-harness-lease"
_OWNER = "owner.json"
_CONFLICT = 409


class BucketMark:
    """A bucket with an object that tells whose it is; see ``lease.Mark``.

    Args:
        api: Gives a connection to the service.
        url: The service's address.
    """

    def __init__(self, api: Callable[[], AbstractContextManager[GcsApi]], *, url: str) -> None:
        self._api = api
        bucket = f"{url}/storage/v1/b/{LEASE}"
        self.place = f"the bucket {LEASE}: curl -X DELETE {bucket}/o/{_OWNER} {bucket}"

    def make(self, facts: Mapping[str, Any]) -> bool:
        """Make the bucket; False where there is one already."""
        with self._api() as api:
            try:
                api.create_bucket(LEASE)
            except RefusedError as error:
                if error.status == _CONFLICT:
                    return False
                raise
            api.write_json(LEASE, _OWNER, dict(facts))
        return True

    def read(self) -> Any:
        """Whose it is; None where there is no such bucket, or nothing in it."""
        with self._api() as api:
            return api.read_json(LEASE, _OWNER)

    def remove(self) -> None:
        """Delete the bucket."""
        with self._api() as api:
            api.delete_bucket(LEASE)
