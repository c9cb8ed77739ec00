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
) -> None:
    """Run the BigQuery stub alone, for any client, until Ctrl-C.

    What it holds is gone at its end.
    """
    from harness.bigquery import BigQueryServer  # noqa: PLC0415

    server = BigQueryServer(host=host, port=port, gcs_endpoint=gcs_endpoint)
    server.start()
    console = Output(soft_wrap=True)
    try:
        console.print(f"BigQuery listens on {server.url}", markup=False)
        console.print(f"export BIGQUERY_EMULATOR_HOST={server.url}", markup=False)
        console.print("Ctrl-C ends it.")
        threading.Event().wait()
    finally:
        server.stop()
