"""``mage-harness bigquery``: the BigQuery stub alone, until Ctrl-C."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli.serving import serve


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
    serve(
        port=port,
        host=host,
        gcs_endpoint=gcs_endpoint,
        gcp_project=gcp_project,
        location=location,
    )
