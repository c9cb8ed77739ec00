"""BigQuery's Storage client knows no variable for an emulator: it is given a channel to the stub.

``google-cloud-bigquery`` dials Google itself for each ``to_dataframe()`` once the Storage client is
installed, and waits for long where there is no network.
"""

import functools
import os
from typing import Any, Callable, Dict, List, Tuple

from mage_harness_tap.after_import import after_import

STORAGE_VARIABLE = "BIGQUERY_STORAGE_GRPC_ENDPOINT"
_EMULATOR = "BIGQUERY_EMULATOR_HOST"
_VERSIONS = ("v1", "v1beta2", "v1alpha")
_SERVICES = (("big_query_read", "BigQueryRead"), ("big_query_write", "BigQueryWrite"))


def watch() -> None:
    """Lead the clients of this process to the stub; where that has no such API, to REST."""
    address = os.environ.get(STORAGE_VARIABLE, "")
    if not address and os.environ.get(_EMULATOR):
        after_import("google.cloud.bigquery.client", _use_rest)
    for version in _VERSIONS if address else ():
        for folder, name in _SERVICES:
            module = "google.cloud.bigquery_storage_%s.services.%s.transports." % (version, folder)
            lead = functools.partial(_lead, name + "GrpcTransport", _Channels(address).open)
            after_import(module + "grpc", lead)
            lead = functools.partial(_lead, name + "GrpcAsyncIOTransport", _Channels(address).aopen)
            after_import(module + "grpc_asyncio", lead)


class _Channels:
    """Opens channels to an address, whatever the client was told."""

    def __init__(self, address: str) -> None:
        self._address = address

    def open(self, *_: Any, **asked: Any) -> Any:
        import grpc  # noqa: PLC0415 - there once a client is

        return grpc.insecure_channel(self._address, options=_options(asked))

    def aopen(self, *_: Any, **asked: Any) -> Any:
        from grpc import aio  # noqa: PLC0415

        return aio.insecure_channel(
            self._address, options=_options(asked), interceptors=asked.get("interceptors")
        )


def _options(asked: Dict[str, Any]) -> List[Tuple[str, Any]]:
    # The proxy of the recordings speaks no HTTP/2.
    return [*(asked.get("options") or ()), ("grpc.enable_http_proxy", 0)]


def _lead(name: str, opens: Callable[..., Any], module: Any) -> None:
    """Have a transport open its channels so."""
    getattr(module, name).create_channel = staticmethod(opens)


def _use_rest(module: Any) -> None:
    """Have ``google.cloud.bigquery.Client`` do without a Storage client of its own."""

    def ensure(_: Any, bqstorage_client: Any = None, *__: Any, **___: Any) -> Any:
        return bqstorage_client

    module.Client._ensure_bqstorage_client = ensure
