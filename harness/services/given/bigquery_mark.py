"""The mark by which a session has a BigQuery for itself: a dataset."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harness.services.given.bigquery_client import asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.cloud import bigquery

LEASE = "mage_harness_lease"


class DatasetMark:
    """A dataset whose description tells whose it is; see ``lease.Mark``.

    Args:
        client: Gives a client of the service, which stays its owner's.
        url: The service's address.
        project: The project that it plays.
    """

    def __init__(self, client: Callable[[], bigquery.Client], *, url: str, project: str) -> None:
        self._client = client
        self._name = f"{project}.{LEASE}"
        path = f"bigquery/v2/projects/{project}/datasets/{LEASE}"
        self.place = f"the dataset {LEASE}: curl -X DELETE {url}/{path}"

    def make(self, facts: Mapping[str, Any]) -> bool:
        """Make the dataset; False where there is one already."""
        from google.api_core.exceptions import Conflict  # noqa: PLC0415 - takes a second
        from google.cloud import bigquery  # noqa: PLC0415

        mark = bigquery.Dataset(self._name)
        mark.description = json.dumps(dict(facts))
        with asked() as retry:
            try:
                self._client().create_dataset(mark, retry=retry)
            except Conflict:
                return False
        return True

    def read(self) -> Any:
        """Whose it is; None where there is no such dataset, or something else in it."""
        from google.api_core.exceptions import NotFound  # noqa: PLC0415 - takes a second

        with asked() as retry:
            try:
                mark = self._client().get_dataset(self._name, retry=retry)
            except NotFound:
                return None
        try:
            return json.loads(mark.description or "")
        except ValueError:
            return None

    def remove(self) -> None:
        """Delete the dataset."""
        with asked() as retry:
            self._client().delete_dataset(
                self._name, delete_contents=True, not_found_ok=True, retry=retry
            )
