"""Clients of MySQL and MariaDB end at the private server, whatever host and user they name.

The databases stay the author's: one that is not there is made when a client first names it.
"""

import functools
import os
from typing import Any, Callable, Dict, FrozenSet, Sequence, Set
from urllib.parse import quote, unquote, urlsplit

from mage_harness_tap import blocks, events, mysql_dialect, mysql_wire, place
from mage_harness_tap.after_import import after_import

URL_VARIABLE = "MAGE_HARNESS_MYSQL"
ALLOWED_VARIABLE = "MAGE_HARNESS_ALLOWED"
_PORT = 3306
# What says where to connect to and how to be let in; the rest of a client's wishes is kept.
_WHERE = frozenset(
    (
        *("host", "port", "user", "username", "password", "passwd", "password1", "unix_socket"),
        *("read_default_file", "read_default_group", "option_files", "option_groups", "named_pipe"),
        *("default_file", "default_group", "auth_plugin", "server_public_key", "password_creator"),
        *("password2", "password3", "failover", "plugin_dir", "tls_versions", "tls_ciphersuites"),
    )
)
_DATABASES = ("database", "db")
_ORDER = ("host", "user", "password", "database", "port")
# MariaDB does not have it, and it is what Oracle's connector takes where nobody says another.
_ORACLES = "utf8mb4_0900_ai_ci"
_COLLATION = "utf8mb4_general_ci"


def watch() -> None:
    """Lead the clients of this process, where there is a private server."""
    url = os.environ.get(URL_VARIABLE, "")
    if url:
        lead = Lead(url, frozenset(os.environ.get(ALLOWED_VARIABLE, "").split(",")))
        for module in ("pymysql.connections", "MySQLdb.connections"):
            after_import(module, lead.watch_connection)
        after_import("aiomysql.connection", lead.watch_aiomysql)
        after_import("mysql.connector.abstracts", lead.watch_connector)
        for module in ("mysql.connector.connection", "mysql.connector.connection_cext"):
            after_import(module, lead.watch_statements)
        after_import("mysql.connector.aio.abstracts", lead.watch_connector_aio)
        for module in ("asyncmy", "mariadb"):
            after_import(module, lead.watch_functions)
        after_import("connectorx", lead.watch_connectorx)


class Lead:
    """The private server, in the place of others.

    Args:
        url: Its URL, without a database.
        allowed: What is reached as it is named, as ``host:port``.
    """

    def __init__(self, url: str, allowed: FrozenSet[str]) -> None:
        parts = urlsplit(url)
        self.own: Dict[str, Any] = {
            "host": parts.hostname or "",
            "port": parts.port or _PORT,
            "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
        }
        self._netloc = parts.netloc
        self._allowed = allowed
        self._made: Set[str] = set()

    def led(self, asked: Dict[str, Any]) -> Dict[str, Any]:
        """A client's parameters, with the private server in them.

        Args:
            asked: What it was given, by name.
        """
        host, port = str(asked.get("host") or "localhost"), int(asked.get("port") or _PORT)
        if "%s:%s" % (host, port) in self._allowed:
            return asked
        database = next((str(asked[name]) for name in _DATABASES if asked.get(name)), "")
        made = self._make(database)
        own = (host, port) == (self.own["host"], self.own["port"])
        if made or not own:
            events.emit(
                "mysql_led",
                block=blocks.current(),
                line=place.of_caller(),
                server="" if own else "%s:%s" % (host, port),
                made=database if made else "",
            )
        kept = {
            name: value
            for name, value in asked.items()
            if name not in _WHERE and not name.startswith("ssl")
        }
        return {**kept, **self.own}

    def led_url(self, url: Any) -> Any:
        """A URL for what a client asks for; one of another kind of database stays."""
        parts = urlsplit(str(url))
        if parts.scheme.partition("+")[0] not in ("mysql", "mariadb"):
            return url
        database = unquote(parts.path.lstrip("/"))
        asked = {"host": parts.hostname, "port": parts.port, "database": database}
        if self.led(asked) is asked:
            return url
        # Rust would change over to the server's socket, which no run sees.
        return "mysql://%s/%s?prefer_socket=false" % (self._netloc, quote(database, safe=""))

    def watch_connection(self, module: Any) -> None:
        """Watch ``pymysql.connections``, or ``MySQLdb.connections``."""
        kind = module.Connection
        mysql_dialect.watch_connection(kind, "query")
        kind.__init__ = self._led_method(kind.__init__, _ORDER)

    def watch_aiomysql(self, module: Any) -> None:
        """Watch ``aiomysql.connection``."""
        kind = module.Connection
        mysql_dialect.watch_connection(kind, "query")
        kind.__init__ = self._led_method(kind.__init__, ("host", "user", "password", "db", "port"))

    def watch_connector(self, module: Any) -> None:
        """Watch ``mysql.connector.abstracts``: Mage's client, in Python and in C."""
        kind = module.MySQLConnectionAbstract
        kind.config = self._led_connector(kind.config)

    def watch_statements(self, module: Any) -> None:
        """Watch a module of Oracle's connector that sends statements."""
        for name in ("MySQLConnection", "CMySQLConnection"):
            # One names the other, and is watched itself.
            kind = getattr(module, name, None)
            if kind is not None and kind.__module__ == module.__name__:
                mysql_dialect.watch_connection(kind, "cmd_query")

    def watch_connector_aio(self, module: Any) -> None:
        """Watch ``mysql.connector.aio.abstracts``."""
        kind = module.MySQLConnectionAbstract
        kind.__init__ = self._led_connector(kind.__init__)

    def watch_functions(self, module: Any) -> None:
        """Watch a module whose functions take a connection's parameters by name."""
        for name in ("connect", "create_pool"):
            if hasattr(module, name):
                setattr(module, name, self._led_function(getattr(module, name)))

    def watch_connectorx(self, module: Any) -> None:
        """Watch ``connectorx``, which polars uses too; it connects in Rust."""
        for name in ("read_sql", "read_sql_pandas", "partition_sql", "get_meta"):
            if hasattr(module, name):
                setattr(module, name, self._with_url(getattr(module, name)))

    def _led_method(self, begin: Callable[..., Any], order: Sequence[str]) -> Any:
        @functools.wraps(begin)
        def begun(connection: Any, *args: Any, **kwargs: Any) -> Any:
            asked = dict(zip(order, args), **kwargs)  # noqa: B905 - Python 3.8
            return begin(connection, *args[len(order) :], **self.led(asked))

        return begun

    def _led_connector(self, begin: Callable[..., Any]) -> Any:
        @functools.wraps(begin)
        def begun(connection: Any, *args: Any, **kwargs: Any) -> Any:
            asked = self.led(kwargs)
            if asked is not kwargs:
                asked["ssl_disabled"] = True
                charset = str(asked.get("charset") or "utf8mb4")
                if asked.get("collation", _ORACLES) == _ORACLES and charset == "utf8mb4":
                    asked["collation"] = _COLLATION
            return begin(connection, *args, **asked)

        return begun

    def _led_function(self, function: Callable[..., Any]) -> Any:
        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **self.led(kwargs))

        return called

    def _with_url(self, function: Callable[..., Any]) -> Any:
        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            if args and isinstance(args[0], str):
                args = (self.led_url(args[0]), *args[1:])
            if isinstance(kwargs.get("conn"), str):
                kwargs["conn"] = self.led_url(kwargs["conn"])
            return function(*args, **kwargs)

        return called

    def _make(self, database: str) -> bool:
        """Make a database that is named for the first time; whether it was not there."""
        if not database or database in self._made:
            return False
        self._made.add(database)
        made: bool = mysql_wire.make_database(database, **self.own)
        return made
