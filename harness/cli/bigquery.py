"""``mage-harness bigquery``: the BigQuery stub alone, until Ctrl-C."""

from __future__ import annotations

import threading
from typing import Annotated

import typer

from harness.cli.options import Output


def bigquery(
    port: Annotated[int | None, typer.Option(help="The port; a free one if not given.")] = None,
    host: Annotated[
        str, typer.Option(help="The address to listen on; others than loopback are reachable.")
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
    from platformdirs import user_cache_path  # noqa: PLC0415

    from harness.bigquery import BigQueryServer  # noqa: PLC0415
    from harness.services.google import GoogleIdentity  # noqa: PLC0415

    server = BigQueryServer(host=host, port=port, gcs_endpoint=gcs_endpoint, location=location)
    identity = GoogleIdentity(
        project=gcp_project, cache=user_cache_path("mage-harness"), host=host, bind=host
    )
    console = Output(soft_wrap=True)
    try:
        server.start()
        console.print(f"BigQuery listens on {server.url}", markup=False)
        console.print(f"export BIGQUERY_EMULATOR_HOST={server.url}", markup=False)
        # The key takes longer to make than the stub to start.
        identity.start()
        for name, value in identity.environment().items():
            console.print(f"export {name}={value}", markup=False)
        console.print("Ctrl-C ends it.")
        threading.Event().wait()
    finally:
        identity.stop()
        server.stop()
