"""How each running service is reached, as people write it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def connections(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What a service is called, and a command or an address that leads to it.

    Args:
        environment: The variables of the running services.
    """
    if "PGHOST" in environment:
        yield "PostgreSQL", f"psql {shlex.quote(_url('postgresql', 'PG', environment))}"
    if "STORAGE_EMULATOR_HOST" in environment:
        yield "Cloud Storage", f"STORAGE_EMULATOR_HOST={environment['STORAGE_EMULATOR_HOST']}"
    if "BIGQUERY_EMULATOR_HOST" in environment:
        yield "BigQuery", f"BIGQUERY_EMULATOR_HOST={environment['BIGQUERY_EMULATOR_HOST']}"
    if "GOOGLE_APPLICATION_CREDENTIALS" in environment:
        key = environment["GOOGLE_APPLICATION_CREDENTIALS"]
        yield "Google's key", f"GOOGLE_APPLICATION_CREDENTIALS={key}"
    if "AWS_ENDPOINT_URL_S3" in environment:
        yield "S3", f"aws --endpoint-url {environment['AWS_ENDPOINT_URL_S3']} s3 ls"
    if "MYSQL_HOST" in environment:
        yield "MySQL", _url("mysql", "MYSQL_", environment)
    if "HTTPS_PROXY" in environment:
        yield "recorded HTTP", f"HTTPS_PROXY={environment['HTTPS_PROXY']}"


def _url(scheme: str, prefix: str, environment: Mapping[str, str]) -> str:
    user, password, database = (
        quote(environment[f"{prefix}{name}"], safe="") for name in ("USER", "PASSWORD", "DATABASE")
    )
    host = environment[f"{prefix}HOST"]
    place = f"[{host}]" if ":" in host else host
    return f"{scheme}://{user}:{password}@{place}:{environment[f'{prefix}PORT']}/{database}"
