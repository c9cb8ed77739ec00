"""``mage-harness bigquery``: the BigQuery stub alone, until Ctrl-C."""

from __future__ import annotations

import ipaddress
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.output import Output
from harness.machine.ports import HOST

if TYPE_CHECKING:
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


def bigquery(
    port: Annotated[int | None, typer.Option(help="The port; a free one if not given.")] = None,
    host: Annotated[
        str, typer.Option(help="The IPv4 address to listen on; others than loopback are reachable.")
    ] = "127.0.0.1",
    gcs_endpoint: Annotated[
        str | None, typer.Option(help="URL of a Cloud Storage emulator for gs:// addresses.")
    ] = None,
    gcp_project: Annotated[
        str, typer.Option(help="The project that the throw-away service account belongs to.")
    ] = "test-project",
    location: Annotated[
        str, typer.Option(help="Of datasets that are made without one, and of jobs.")
    ] = "US",
) -> None:
    """Run the BigQuery stub alone, for any client, until Ctrl-C.

    It says which variables lead Google's clients to it, and lets them sign in with a throw-away
    key. What it holds is gone at its end.
    """
    from harness.bigquery import BigQueryServer  # noqa: PLC0415

    # An address that stands for all is none that a client could go to.
    known = HOST if host in _ALL else host
    server = BigQueryServer(
        host=known, bind=host, port=port, gcs_endpoint=gcs_endpoint, location=location
    )
    console = Output(soft_wrap=True)
    with ExitStack() as ending:
        ending.callback(server.stop)
        server.start()
        if not _is_loopback(host):
            console.print(
                f"WARNING: it listens on {host}, not on this machine alone. Whoever reaches that "
                "address can read, change and delete everything in it, without a password.",
                markup=False,
            )
        console.print(f"BigQuery listens on {server.url}", markup=False)
        console.print(f"export BIGQUERY_EMULATOR_HOST={server.url}", markup=False)
        # The key takes longer to make than the stub to start.
        identity = _identity(gcp_project, known=known, bind=host)
        ending.callback(identity.stop)
        identity.start()
        for name, value in identity.environment().items():
            console.print(f"export {name}={value}", markup=False)
        console.print(_STORAGE.format(address=server.url.removeprefix("http://")), markup=False)
        console.print("Ctrl-C ends it.")
        # While nobody asks yet: the first statement need not wait for the parser to be loaded.
        threading.Thread(target=_get_ready, daemon=True).start()
        threading.Event().wait()


def _identity(project: str, *, known: str, bind: str) -> GoogleIdentity:
    from platformdirs import user_cache_path  # noqa: PLC0415

    from harness.services.google import GoogleIdentity  # noqa: PLC0415

    return GoogleIdentity(
        project=project, cache=user_cache_path("mage-harness"), host=known, bind=bind
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _get_ready() -> None:
    from harness.bigquery.sql import parse, query  # noqa: F401, PLC0415
