"""Clients of the web that heed the proxy of the recordings, or its authority, only when told to.

aiohttp reads the proxy's variables with ``trust_env=True`` only. DuckDB's httpfs reads the proxy's
since 1.2, but knows the authorities by a setting, which exists once the extension is there.
"""

import contextlib
import functools
import os
import sys
from typing import Any, Callable, Type

from mage_harness_tap.after_import import after_import

_PROXY = "HTTPS_PROXY"
_TRUSTED = "SSL_CERT_FILE"
_ASKING = ("execute", "sql", "query", "from_query", "load_extension")
_READING = ("read_csv", "read_json", "read_parquet", "from_parquet", "from_csv_auto")
_ASK = compile(
    "_mage_harness_ask(*_mage_harness_given, **_mage_harness_named)", "<the tap>", "eval"
)
_THERE = (
    "SELECT count(*) FROM duckdb_extensions() "
    "WHERE extension_name = 'httpfs' AND (installed OR loaded)"
)


def watch() -> None:
    """Lead the clients of this process to the proxy, where there is one."""
    if os.environ.get(_PROXY):
        after_import("aiohttp.client", _heed_environment)
        after_import("duckdb", _trust)


def _heed_environment(module: Any) -> None:
    begin = module.ClientSession.__init__

    @functools.wraps(begin)
    def begun(self: Any, *given: Any, **named: Any) -> None:
        named.setdefault("trust_env", True)
        begin(self, *given, **named)

    module.ClientSession.__init__ = begun


def _trust(module: Any) -> None:
    kind = module.DuckDBPyConnection
    trust = functools.partial(_set, kind.execute, module.Error)
    for name in (*_ASKING, *_READING):
        for owner, connection in ((kind, _own), (module, functools.partial(_default, module))):
            if hasattr(owner, name):
                setattr(owner, name, _with_trust(getattr(owner, name), trust, connection))


def _own(connection: Any, *_: Any, **__: Any) -> Any:
    return connection


def _default(module: Any, *_: Any, **named: Any) -> Any:
    return named.get("connection") or module.default_connection()


def _with_trust(
    ask: Callable[..., Any], trust: Callable[[Any], None], connection: Callable[..., Any]
) -> Callable[..., Any]:
    @functools.wraps(ask)
    def asked(*given: Any, **named: Any) -> Any:
        text = _text(given, named)
        if "https:" in text:
            trust(connection(*given, **named))
        found = _as_caller(sys._getframe(1), ask, given, named)
        if "httpfs" in text:
            # It may have been loaded only now.
            trust(connection(*given, **named))
        return found

    return asked


def _as_caller(caller: Any, ask: Callable[..., Any], given: Any, named: Any) -> Any:
    """Ask within a frame that has the caller's names.

    DuckDB looks for a table that a statement names (``SELECT * FROM df``) among the names of the
    Python function that called it, and of no other.
    """
    own = {"_mage_harness_ask": ask, "_mage_harness_given": given, "_mage_harness_named": named}
    return eval(_ASK, caller.f_globals, {**caller.f_locals, **own})  # noqa: S307 - fixed above


def _text(given: Any, named: Any) -> str:
    values = (*given, *named.values())
    return " ".join(str(one).lower() for one in values if isinstance(one, (str, list, tuple)))


def _set(execute: Callable[..., Any], error: Type[Exception], connection: Any) -> None:
    # A cursor, since a statement on the connection itself would end what that is reading. What is
    # closed, or lets nobody set anything, fails where it is asked, as it would without this.
    with contextlib.suppress(error), connection.cursor() as aside:
        if execute(aside, _THERE).fetchone()[0]:
            trusted = os.environ.get(_TRUSTED, "").replace("'", "''")
            execute(aside, "SET GLOBAL ca_cert_file = '%s'" % trusted)
