"""The stub's HTTP server: uvicorn in a thread of this process."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from harness.bigquery.catalog import Catalog
from harness.errors import InputError
from harness.machine.ports import HOST, taken

if TYPE_CHECKING:
    from harness.bigquery.faults import Faults
    from harness.bigquery.log import CallLog
    from harness.bigquery.rest.api import Api
    from harness.bigquery.rest.application import Application
    from harness.bigquery.snapshots import Snapshots
    from harness.bigquery.storage.server import StorageServer
    from harness.clock.clock import Clock


@dataclass
class Running:
    """What a started server consists of."""

    api: Api
    application: Application
    server: Any
    thread: threading.Thread
    port: int
    snapshots: Snapshots
    storage: StorageServer


def listen(host: str, port: int | None) -> socket.socket:
    """A socket that listens already, so that no other can take the port in between.

    Args:
        host: The address.
        port: The port, or None for a free one.

    Raises:
        EnvironmentNotAbleError: The fixed port is taken.
        InputError: The address is one of IPv6.
    """
    if ":" in host:
        raise InputError(
            f"the BigQuery stub cannot listen on {host}",
            cause="it knows addresses of IPv4 only",
            remedy=f"give one such as {HOST}",
        )
    # asyncio turns Nagle's delay off (40 ms a call) only for a socket that says it is TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port or 0))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if port is None:
            raise
        raise taken(service="bigquery", number=port, refusal=error) from error
    except BaseException:
        listener.close()
        raise
    return listener


def serve(
    listener: socket.socket,
    *,
    clock: Clock,
    location: str,
    gcs_endpoint: str | None,
    log: CallLog,
    faults: Faults,
    grace: int,
) -> Running:
    """Answer what comes to a socket, in a thread.

    Args:
        listener: A socket that listens.
        clock: The time that the server gives.
        location: Of datasets that are made without one.
        gcs_endpoint: URL of the GCS emulator for ``gs://`` URIs.
        log: Takes the calls.
        faults: Errors that a test has it answer with.
        grace: Seconds that calls under way may take at the end.
    """
    # Loaded here, so that who only imports the package does not wait for them.
    import uvicorn  # noqa: PLC0415

    from harness.bigquery.database import Database  # noqa: PLC0415
    from harness.bigquery.jobs.jobs import JobStore  # noqa: PLC0415
    from harness.bigquery.rest.api import Api  # noqa: PLC0415
    from harness.bigquery.rest.application import Application  # noqa: PLC0415
    from harness.bigquery.rest.streaming import Streamed  # noqa: PLC0415
    from harness.bigquery.rest.uploads import Uploads  # noqa: PLC0415
    from harness.bigquery.snapshots import Snapshots  # noqa: PLC0415
    from harness.bigquery.storage.door import Door  # noqa: PLC0415
    from harness.bigquery.storage.server import StorageServer  # noqa: PLC0415

    catalog = Catalog(Database(clock=clock), location=location)
    api = Api(
        catalog=catalog,
        jobs=JobStore(catalog, gcs_endpoint=gcs_endpoint),
        uploads=Uploads(),
        streamed=Streamed(),
    )
    application = Application(api, log, faults)
    storage = StorageServer(catalog, api.jobs, log, faults)
    config = uvicorn.Config(
        application,
        access_log=False,
        http=partial(Door, storage=storage, spool=api.uploads.spool),  # type: ignore[arg-type]
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=grace,
        ws="none",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="bigquery-stub", daemon=True
    )
    port = int(listener.getsockname()[1])
    running = Running(
        api=api,
        application=application,
        server=server,
        thread=thread,
        port=port,
        snapshots=Snapshots(catalog, api.jobs),
        storage=storage,
    )
    thread.start()
    return running
