"""Opens the sources that the settings name: addresses, or a real Google Cloud project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.gates import wire_http, wire_postgres
from harness.services.given.endpoint import ask, endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.gates.gate import Reader
    from harness.services.given.real import RealProject
    from harness.settings import Settings
    from harness.sources.bigquery import BigQuerySource
    from harness.sources.gcs import GcsSource
    from harness.sources.postgres import PostgresSource
    from harness.sources.shelf import Shelf
    from harness.sources.stack import GatedStack

    Source = PostgresSource | GcsSource | BigQuerySource


def sources_of(settings: Settings, stack: GatedStack, shelf: Shelf) -> dict[str, Source]:
    """The sources that the settings name, by service, not yet entered.

    Args:
        settings: The settings.
        stack: The private services.
        shelf: Where the sources put what they fetch.

    Raises:
        InputError: An address is none, or the real project is not the one that was meant.
        EnvironmentNotAbleError: A source does not answer, or there are no credentials for it.
    """
    found: dict[str, Source] = {}
    if settings.postgres is not None:
        from harness.sources.postgres import PostgresSource  # noqa: PLC0415

        found["postgres"] = PostgresSource(settings.postgres, stack=stack, shelf=shelf)
    real = None
    if settings.real_google is not None:
        from harness.services.given.real import real_project  # noqa: PLC0415

        real = real_project(settings.real_google)
    if settings.gcs is not None or real is not None:
        from harness.sources.gcs import GcsSource  # noqa: PLC0415

        shown = settings.gcs or f"Google Cloud project {settings.real_google}"
        found["gcs"] = objects = GcsSource(
            lambda: _storage(settings, real), shown=shown, stack=stack, shelf=shelf
        )
        fetch: Callable[[str], None] = objects.uri
    else:
        fetch = _nothing
    if settings.bigquery is not None or real is not None:
        from harness.sources.bigquery import BigQuerySource  # noqa: PLC0415

        shown = settings.bigquery or f"Google Cloud project {settings.real_google}"
        found["bigquery"] = BigQuerySource(
            lambda: _bigquery(settings, real), shown=shown, stack=stack, shelf=shelf, objects=fetch
        )
    return found


def readers_of(sources: dict[str, Any]) -> dict[str, Reader]:
    """For each service, what reads its wire and tells the source.

    Args:
        sources: The sources by service.
    """
    readers = {}
    for name, source in sources.items():
        readers[name] = (
            wire_postgres.requests_of(source.statement, source.value)
            if name == "postgres"
            else wire_http.requests_of(source.request)
        )
    return readers


def _nothing(_uri: str) -> None:
    """There is no Cloud Storage to fetch from."""


def _storage(settings: Settings, real: RealProject | None) -> Any:
    from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415
    from google.cloud import storage  # noqa: PLC0415

    if real is not None:
        return storage.Client(project=real.project, credentials=real.sign_in.credentials)
    return storage.Client(
        project=settings.gcp_project,
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
        client_options={"api_endpoint": _answering(settings, "gcs", "/storage/v1/b?project={}")},
    )


def _bigquery(settings: Settings, real: RealProject | None) -> Any:
    from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415
    from google.cloud import bigquery  # noqa: PLC0415

    if real is not None:
        return bigquery.Client(project=real.project, credentials=real.sign_in.credentials)
    return bigquery.Client(
        project=settings.gcp_project,
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
        client_options={
            "api_endpoint": _answering(settings, "bigquery", "/bigquery/v2/projects/{}/datasets")
        },
    )


def _answering(settings: Settings, service: str, path: str) -> str:
    """The address of an emulator that answers: Google's clients would ask for minutes."""
    address = endpoint(getattr(settings, service), service=service)
    ask(address, path.format(settings.gcp_project), service=service)
    return address
