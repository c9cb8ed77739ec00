"""Where the tap leads clients that name a server of their author's."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from harness.tap import ALLOWED_VARIABLE, MYSQL_VARIABLE, POSTGRES_VARIABLE, S3_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def redirects(environment: Mapping[str, str], *, allow: Iterable[str]) -> dict[str, str]:
    """The tap's variables.

    Args:
        environment: The variables of the services.
        allow: What the settings allow; it is reached as it is named.
    """
    s3 = environment.get("AWS_ENDPOINT_URL_S3")
    found = {} if s3 is None else {S3_VARIABLE: s3}
    if "MYSQL_HOST" in environment:
        found[MYSQL_VARIABLE] = _mysql(environment)
    if "PGHOST" not in environment:
        return found
    user, password, database = (
        quote(environment[name], safe="") for name in ("PGUSER", "PGPASSWORD", "PGDATABASE")
    )
    place = _place(environment["PGHOST"])
    return {
        **found,
        POSTGRES_VARIABLE: f"postgresql://{user}:{password}@{place}:{environment['PGPORT']}"
        f"/{database}",
        ALLOWED_VARIABLE: ",".join(one for one in allow if not one.startswith("/")),
    }


def _mysql(environment: Mapping[str, str]) -> str:
    """Without a database: each client names its own."""
    user, password = (
        quote(environment[name], safe="") for name in ("MYSQL_USER", "MYSQL_PASSWORD")
    )
    place = _place(environment["MYSQL_HOST"])
    return f"mysql://{user}:{password}@{place}:{environment['MYSQL_PORT']}"


def _place(host: str) -> str:
    return f"[{host}]" if ":" in host else quote(host, safe="")
