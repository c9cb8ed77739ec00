"""Clients of PostgreSQL end at the private server, whatever host, user and database they name.

One private database stands for all that a pipeline names, as it does for the profiles of
io_config.yaml: what one block writes by a URL, another reads by a profile.
"""

import contextlib
import functools
import importlib
import os
from typing import Any, Dict, FrozenSet, Optional
from urllib.parse import parse_qsl, unquote, urlsplit

from mage_harness_tap import blocks, events, place
from mage_harness_tap.after_import import after_import

URL_VARIABLE = "MAGE_HARNESS_POSTGRES"
ALLOWED_VARIABLE = "MAGE_HARNESS_ALLOWED"
_PORT = "5432"
# What says where to connect to and how to be let in; the rest of a client's wishes is kept.
_WHERE = frozenset(
    (
        *("host", "hostaddr", "port", "dbname", "user", "password", "passfile", "service"),
        *("channel_binding", "gssencmode", "krbsrvname", "load_balance_hosts", "require_auth"),
        *("requirepeer", "target_session_attrs"),
    )
)
_SCHEMES = ("postgres", "postgresql")


def watch() -> None:
    """Lead the clients of this process, where there is a private server."""
    lead = private()
    if lead is not None:
        after_import("psycopg2", lead.watch_psycopg2)
        after_import("mage_ai.data_preparation.models.block", _import_before_threads)
        for module in ("psycopg.connection", "psycopg.connection_async"):
            after_import(module, lead.watch_psycopg)
        after_import("asyncpg.connect_utils", lead.watch_asyncpg)
        after_import("pg8000.core", lead.watch_pg8000)
        after_import("connectorx", lead.watch_connectorx)
        after_import("adbc_driver_postgresql", lead.watch_adbc)


def _import_before_threads(_block: Any) -> None:
    """Import ``psycopg2`` before blocks run in threads.

    Where one thread imports a package while another imports a part of it, CPython may raise
    _DeadlockError: the part waits for its package, which itself imports the part.
    """
    with contextlib.suppress(ImportError):
        importlib.import_module("psycopg2")


def private() -> "Optional[Lead]":
    """The private server; None where there is none."""
    url = os.environ.get(URL_VARIABLE, "")
    allowed = frozenset(os.environ.get(ALLOWED_VARIABLE, "").split(","))
    return Lead(url, allowed) if url else None


class Lead:
    """The private server, in the place of others.

    Args:
        url: Its URL.
        allowed: What is reached as it is named, as ``host:port``.
    """

    def __init__(self, url: str, allowed: FrozenSet[str]) -> None:
        self.url = url
        self.own = _parameters(url)
        self._allowed = allowed

    def led(self, asked: Dict[str, Any]) -> Dict[str, Any]:
        """libpq's parameters for what a client asks for."""
        host, port = str(asked.get("host") or ""), str(asked.get("port") or _PORT)
        if "%s:%s" % (host, port) in self._allowed or self._is_own(host, port, asked):
            return asked
        events.emit(
            "postgres_led",
            block=blocks.current(),
            line=place.of_caller(),
            server="%s:%s" % (host or "localhost", port),
            database=str(asked.get("dbname") or ""),
        )
        kept = {
            name: value
            for name, value in asked.items()
            if name not in _WHERE and not name.startswith("ssl") and not _is_route(name, value)
        }
        return {**kept, **self.own}

    def led_url(self, url: Any) -> Any:
        """A URL for what a client asks for; one of another kind of database stays."""
        text = str(url)
        if urlsplit(text).scheme.partition("+")[0] not in _SCHEMES:
            return url
        asked = _parameters(text)
        return url if self.led(asked) is asked else self.url

    def watch_psycopg2(self, module: Any) -> None:
        """Watch ``psycopg2``, which Mage and SQLAlchemy use too."""
        connect, tools = module._connect, module.extensions

        @functools.wraps(connect)
        def connected(dsn: str, *args: Any, **kwargs: Any) -> Any:
            return connect(tools.make_dsn(**self.led(tools.parse_dsn(dsn))), *args, **kwargs)

        module._connect = connected

    def watch_psycopg(self, module: Any) -> None:
        """Watch a module of ``psycopg`` that has connections."""
        read = module.conninfo_to_dict

        @functools.wraps(read)
        def been_read(*args: Any, **kwargs: Any) -> Any:
            return self.led(read(*args, **kwargs))

        module.conninfo_to_dict = been_read

    def watch_asyncpg(self, module: Any) -> None:
        """Watch ``asyncpg.connect_utils``."""
        read = module._parse_connect_dsn_and_args

        @functools.wraps(read)
        def been_read(**asked: Any) -> Any:
            given = {"host": "host", "port": "port", "user": "user", "database": "dbname"}
            wanted = _parameters(asked["dsn"]) if asked.get("dsn") else {}
            wanted.update((given[name], asked[name]) for name in given if asked.get(name))
            if self.led(wanted) is not wanted:
                asked.update(dsn=self.url, host=None, port=None, user=None, password=None)
                asked.update(database=None, passfile=None, ssl=None)
            return read(**asked)

        module._parse_connect_dsn_and_args = been_read

    def watch_pg8000(self, module: Any) -> None:
        """Watch ``pg8000.core``."""
        begin, own = module.CoreConnection.__init__, self.own

        @functools.wraps(begin)
        def begun(
            connection: Any,
            user: Any,
            host: str = "localhost",
            database: Any = None,
            port: Any = _PORT,
            *args: Any,
            **kwargs: Any,
        ) -> None:
            asked = {"host": host, "port": port, "user": user, "dbname": database}
            if self.led(asked) is not asked:
                user, host, database = own["user"], own["host"], own["dbname"]
                port, args = own["port"], (own["password"], *args[1:])
                kwargs = {name: kwargs[name] for name in kwargs if name != "password"}
                kwargs.update(ssl_context=False, unix_sock=None)
            begin(connection, user, host, database, int(port), *args, **kwargs)

        module.CoreConnection.__init__ = begun

    def watch_connectorx(self, module: Any) -> None:
        """Watch ``connectorx``, which polars uses too; it connects in Rust."""
        for name in ("read_sql", "read_sql_pandas", "partition_sql", "get_meta"):
            if hasattr(module, name):
                setattr(module, name, self._with_url(getattr(module, name), "conn"))

    def watch_adbc(self, module: Any) -> None:
        """Watch ``adbc_driver_postgresql``, which connects in C."""
        module.connect = self._with_url(module.connect, "uri")

    def _with_url(self, function: Any, name: str) -> Any:
        """A function that takes a URL as its first argument, or by name."""

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            if args and isinstance(args[0], str):
                args = (self.led_url(args[0]), *args[1:])
            if isinstance(kwargs.get(name), str):
                kwargs[name] = self.led_url(kwargs[name])
            return function(*args, **kwargs)

        return called

    def _is_own(self, host: str, port: str, asked: Dict[str, Any]) -> bool:
        """Whether it is the private server, known as such: by its user too."""
        own = self.own
        return (host, port, asked.get("user")) == (own["host"], own["port"], own["user"])


def _is_route(name: str, value: Any) -> bool:
    """Whether ``options`` says which of a host's servers is meant, as Neon and Supabase have it."""
    return name == "options" and any(word in str(value) for word in ("endpoint", "project"))


def _parameters(url: str) -> Dict[str, Any]:
    """libpq's parameters of a URL; those that are not in it are left out."""
    parts = urlsplit(url)
    found = dict(parse_qsl(parts.query))
    try:
        port = str(parts.port or "")
    except ValueError:
        port = ""
    named = {
        "host": unquote(parts.hostname or ""),
        "port": port,
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "dbname": unquote(parts.path.lstrip("/")),
    }
    return {**found, **{name: value for name, value in named.items() if value}}
