"""BigQuery's Storage client knows no variable for an emulator: it is given a channel to the stub.

``google-cloud-bigquery`` dials Google itself for each ``to_dataframe()`` once the Storage client is
installed, and waits for long where there is no network.
"""

import functools
import os
from typing import Any, Dict, List, Tuple

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
            after_import(module + "grpc", functools.partial(_lead, address, name + "GrpcTransport"))
            after_import(
                module + "grpc_asyncio",
                functools.partial(_lead_async, address, name + "GrpcAsyncIOTransport"),
            )


def _lead(address: str, name: str, module: Any) -> None:
    """Have a transport open its channels to an address, whatever its client was told."""

    def create_channel(*_: Any, **asked: Any) -> Any:
        return module.grpc.insecure_channel(address, options=_options(asked))

    getattr(module, name).create_channel = staticmethod(create_channel)


def _lead_async(address: str, name: str, module: Any) -> None:
    """Do so with a transport of asyncio."""

    def create_channel(*_: Any, **asked: Any) -> Any:
        return module.aio.insecure_channel(
            address, options=_options(asked), interceptors=asked.get("interceptors")
        )

    getattr(module, name).create_channel = staticmethod(create_channel)


def _options(asked: Dict[str, Any]) -> List[Tuple[str, Any]]:
    # The proxy of the recordings speaks no HTTP/2.
    return [*(asked.get("options") or ()), ("grpc.enable_http_proxy", 0)]


def _use_rest(module: Any) -> None:
    """Have ``google.cloud.bigquery.Client`` do without a Storage client of its own."""

    def ensure(_: Any, bqstorage_client: Any = None, *__: Any, **___: Any) -> Any:
        return bqstorage_client

    module.Client._ensure_bqstorage_client = ensure
