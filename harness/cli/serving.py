"""The BigQuery stub as a program, without what parses a command line: typer takes 0.1 s to load."""

from __future__ import annotations

import argparse
import sys
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from harness.cli import until_told
from harness.machine.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.services.google import GoogleIdentity

_ALL = ("0.0.0.0", "")  # noqa: S104 - told apart, not listened on

# Its client knows no variable for an emulator.
_STORAGE = """The Storage Read API listens there too. Its client dials Google unless it is told so:
    import grpc
    from google.cloud.bigquery_storage import BigQueryReadClient
    transport = BigQueryReadClient.get_transport_class("grpc")
    storage = BigQueryReadClient(transport=transport(channel=grpc.insecure_channel("{address}")))
    client.query(sql).to_dataframe(bqstorage_client=storage)
or have rows come by REST: to_dataframe(create_bqstorage_client=False)"""


def serve(
    *,
    port: int | None = None,
    host: str = HOST,
    gcs_endpoint: str | None = None,
    gcp_project: str = "test-project",
    location: str = "US",
) -> None:
    """Run the BigQuery stub until Ctrl-C, and say how it is reached.

    Args:
        port: The port, or None for a free one.
        host: The IPv4 address to listen on.
        gcs_endpoint: URL of a Cloud Storage emulator for ``gs://`` addresses.
        gcp_project: The project that the throw-away service account belongs to.
        location: Of datasets that are made without one, and of jobs.

    Raises:
        HarnessError: It cannot listen there.
    """
    from harness.bigquery import BigQueryServer  # noqa: PLC0415

    # An address that stands for all is none that a client could go to.
    known = HOST if host in _ALL else host
    server = BigQueryServer(
        host=known, bind=host, port=port, gcs_endpoint=gcs_endpoint, location=location
    )
    with ExitStack() as ending:
        ending.callback(server.stop)
        server.start()
        if not _is_loopback(host):
            _say(
                f"WARNING: it listens on {host}, not on this machine alone. Whoever reaches that "
                "address can read, change and delete everything in it, without a password."
            )
        _say(f"BigQuery listens on {server.url}")
        _say(f"export BIGQUERY_EMULATOR_HOST={server.url}")
        # The key takes longer to make than the stub to start.
        identity = _identity(gcp_project, known=known, bind=host)
        ending.callback(identity.stop)
        identity.start()
        for name, value in identity.environment().items():
            _say(f"export {name}={value}")
        _say(_STORAGE.format(address=server.url.removeprefix("http://")))
        _say("Ctrl-C ends it.")
        # While nobody asks yet: the first statement and the first read need not wait for imports.
        threading.Thread(target=server.get_ready, daemon=True).start()
        until_told()


def plain_options(arguments: Sequence[str]) -> dict[str, Any] | None:
    """What ``serve`` takes, of a command line that typer would understand in the same way.

    Args:
        arguments: What stands behind ``bigquery``.

    Returns:
        None where help is asked for or something is to be refused, which is typer's to do.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for name in ("port", "host", "gcs_endpoint", "gcp_project", "location"):
        kind = int if name == "port" else str
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=argparse.SUPPRESS)
    try:
        options, others = parser.parse_known_args(arguments)
    except argparse.ArgumentError:
        return None
    return None if others else vars(options)


def _say(line: str) -> None:
    # Who reads it through a pipe waits for it.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _identity(project: str, *, known: str, bind: str) -> GoogleIdentity:
    from platformdirs import user_cache_path  # noqa: PLC0415

    from harness.services.google import GoogleIdentity  # noqa: PLC0415

    return GoogleIdentity(
        project=project, cache=user_cache_path("mage-harness"), host=known, bind=bind
    )


def _is_loopback(host: str) -> bool:
    import ipaddress  # noqa: PLC0415

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
