"""The URL of a PostgreSQL that is there already: read, and never shown with its password."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg2
from psycopg2.extensions import parse_dsn

from harness.errors import SettingsError
from harness.services.postgres_server import Login

if TYPE_CHECKING:
    from collections.abc import Mapping

_PORT = 5432
_LARGEST = 65_535
_SCHEMES = {"postgresql", "postgres"}
# The harness's own sessions have a name of their own, and this is no list of hosts.
_LEFT_OUT = {"host", "port", "user", "password", "dbname", "application_name", "hostaddr"}
_FORM = "postgresql://user:password@host:port/database"


@dataclass(frozen=True, kw_only=True)
class Address:
    """A server, and who connects to it.

    Attributes:
        host: Its name or address.
        port: Its port.
        login: Who connects, and where to.
        options: libpq's other parameters, such as ``sslmode``.
    """

    host: str
    port: int
    login: Login
    options: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.login.user}@{self.host}:{self.port}/{self.login.database}"


def parse(url: str) -> Address:
    """Read a URL as libpq does. A password that is not in it is that of ``PGPASSWORD``.

    Args:
        url: ``postgresql://user:password@host:port/database``, with libpq's parameters behind
            a question mark; the database is ``postgres`` if it names none.

    Raises:
        SettingsError: It is no such URL.
    """
    try:
        parts = parse_dsn(url) if urlsplit(url).scheme in _SCHEMES else None
    except (ValueError, psycopg2.ProgrammingError):
        # Its text shows what it stumbled over, which may be a part of the password.
        parts = None
    if parts is None:
        raise _refused(url, f"it is not of the form {_FORM}")
    host, user, database = (parts.get(name, "") for name in ("host", "user", "dbname"))
    port = parts.get("port", str(_PORT))
    if not host or not user:
        raise _refused(url, f"it names no {'user' if host else 'host'}")
    if "," in f"{host}{port}":
        raise _refused(url, "it names several servers")
    if "@" in f"{host}{database}" or not port.isdecimal() or not 0 < int(port) <= _LARGEST:
        raise _refused(url, "host, port and database cannot be told apart in it")
    password = parts.get("password") or os.environ.get("PGPASSWORD", "")
    return Address(
        host=host,
        port=int(port),
        login=Login(user=user, password=password, database=database or "postgres"),
        options={name: value for name, value in parts.items() if name not in _LEFT_OUT},
    )


def _refused(url: str, cause: str) -> SettingsError:
    # Nothing that could be a part of the password: only what stands behind the last @.
    scheme, slashes, rest = url.partition("://")
    behind = re.sub(r"(password=)[^&]*", r"\1***", rest[rest.rfind("@") :] if "@" in rest else "")
    return SettingsError(
        "the address of PostgreSQL cannot be used",
        cause=cause,
        evidence=[f"given: {scheme}://***{behind}" if slashes else "given: a text without ://"],
        remedy=f"write {_FORM}; in a password, write @ as %40, / as %2F, : as %3A and % as %25, "
        "or leave it out and set PGPASSWORD",
    )
