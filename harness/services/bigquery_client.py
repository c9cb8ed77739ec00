"""A google client of the stub: loaded only when one is wanted, since it takes a second."""

from __future__ import annotations

from typing import Any

from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from harness.services.bigquery_storage import installed, read_client


class StubClient(bigquery.Client):
    """A client of the stub, with anonymous credentials; rows come as Arrow where they can.

    Args:
        url: Where the stub listens.
        project: The project of names without one.
    """

    def __init__(self, url: str, *, project: str) -> None:
        super().__init__(
            project=project,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options={"api_endpoint": url},
        )
        self._url = url

    def _ensure_bqstorage_client(
        self, bqstorage_client: Any = None, *others: Any, **options: Any
    ) -> Any:
        if bqstorage_client is None and installed():
            return read_client(self._url)
        return super()._ensure_bqstorage_client(bqstorage_client, *others, **options)
