"""Leads Google's clients in this process to the stub's Storage Read API, where it is installed.

The client of that API knows no variable for an emulator, and google-cloud-bigquery would dial
Google for each ``to_dataframe()``.
"""

from __future__ import annotations

from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from harness.errors import EnvironmentNotAbleError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = 10.0


def installed() -> bool:
    """Whether google-cloud-bigquery-storage is there."""
    return find_spec("google.cloud.bigquery_storage") is not None


def read_client(url: str) -> Any:
    """A ``BigQueryReadClient`` of the stub.

    Args:
        url: Where the stub listens.

    Raises:
        EnvironmentNotAbleError: google-cloud-bigquery-storage is not installed.
    """
    if not installed():
        raise EnvironmentNotAbleError(
            "there is no client of BigQuery's Storage Read API",
            cause="google-cloud-bigquery-storage is not installed",
            remedy="install google-cloud-bigquery[bqstorage], or read by REST",
        )
    import grpc  # noqa: PLC0415
    from google.cloud import bigquery_storage_v1  # noqa: PLC0415

    options = [
        ("grpc.max_receive_message_length", -1),
        ("grpc.max_send_message_length", -1),
        ("grpc.enable_http_proxy", 0),
    ]
    channel = grpc.insecure_channel(urlsplit(url).netloc, options=options)
    client: Any = bigquery_storage_v1.BigQueryReadClient
    transport = client.get_transport_class("grpc")(channel=channel)
    _limit_patience(transport)
    return client(transport=transport)


def _limit_patience(transport: Any) -> None:
    """Have a transport give up a stub that is gone; by itself the client tries for a day."""
    from google.api_core.exceptions import ServiceUnavailable  # noqa: PLC0415
    from google.api_core.gapic_v1 import method as wrapping  # noqa: PLC0415
    from google.api_core.retry import Retry, if_exception_type  # noqa: PLC0415

    retry = Retry(predicate=if_exception_type(ServiceUnavailable), initial=0.1, timeout=_PATIENCE)
    wrapped = transport._wrapped_methods  # noqa: SLF001 - its only way
    wrap: Any = wrapping.wrap_method
    for method in tuple(wrapped):
        wrapped[method] = wrap(method, default_retry=retry)


@contextmanager
def redirected(url: str) -> Iterator[None]:
    """While it is open, clients that anybody makes with the stub's address read from it too.

    Args:
        url: Where the stub listens.
    """
    if not installed():
        yield
        return
    from google.cloud.bigquery import Client  # noqa: PLC0415

    name = "_ensure_bqstorage_client"
    before = getattr(Client, name)

    def ensure(self: Any, bqstorage_client: Any = None, *others: Any, **options: Any) -> Any:
        here = self._connection.API_BASE_URL.rstrip("/") == url
        if bqstorage_client is None and here:
            return read_client(url)
        return before(self, bqstorage_client, *others, **options)

    setattr(Client, name, ensure)
    try:
        yield
    finally:
        setattr(Client, name, before)
