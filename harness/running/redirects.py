"""Where the tap leads clients that name a server of their author's."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from harness.tap import ALLOWED_VARIABLE, POSTGRES_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def redirects(environment: Mapping[str, str], *, allow: Iterable[str]) -> dict[str, str]:
    """The tap's variables.

    Args:
        environment: The variables of the services.
        allow: What the settings allow; it is reached as it is named.
    """
    if "PGHOST" not in environment:
        return {}
    user, password, database = (
        quote(environment[name], safe="") for name in ("PGUSER", "PGPASSWORD", "PGDATABASE")
    )
    host = environment["PGHOST"]
    place = f"[{host}]" if ":" in host else quote(host, safe="")
    return {
        POSTGRES_VARIABLE: f"postgresql://{user}:{password}@{place}:{environment['PGPORT']}"
        f"/{database}",
        ALLOWED_VARIABLE: ",".join(one for one in allow if not one.startswith("/")),
    }
