"""Words of Oracle's MySQL that MariaDB, which plays it, has others for.

Mage's own export writes ``INSERT ... AS new ON DUPLICATE KEY UPDATE a = new.a``.
"""

import functools
import re
from typing import Any, Union

_UPDATE = re.compile(rb"(?i)\bON\s+DUPLICATE\s+KEY\s+UPDATE\b")
_ALIAS = re.compile(rb"(?i)\)\s*(AS\s+(`?)(\w+)\2\s*)$")
_MADE = re.compile(rb"(?i)\s*(?:CREATE|ALTER|SET)\b")
_COLLATION = re.compile(rb"(?i)\butf8mb4_0900_\w+")
_OWN_COLLATION = b"utf8mb4_general_ci"
_QUOTES = (b"'", b'"')
_NEAR = 200
"""Bytes before ``ON DUPLICATE`` in which the name of the new row stands."""
_LAST = 1 << 16
"""Bytes of a statement's end in which ``ON DUPLICATE`` stands."""


def watch_connection(kind: Any, method: str) -> None:
    """Have a class of connections send statements in MariaDB's words.

    Args:
        kind: The class.
        method: The name of its method that sends one, which is its first argument.
    """
    send = getattr(kind, method)

    @functools.wraps(send)
    def sent(connection: Any, statement: Any, *args: Any, **kwargs: Any) -> Any:
        return send(connection, as_mariadb(statement), *args, **kwargs)

    setattr(kind, method, sent)


def as_mariadb(statement: Union[str, bytes, bytearray]) -> Any:
    """A statement in MariaDB's words, of the same kind; most are so already.

    Args:
        statement: The statement.
    """
    if isinstance(statement, str):
        said = statement.encode("utf-8", "surrogateescape")
        changed = _changed(said)
        return statement if changed is said else changed.decode("utf-8", "surrogateescape")
    if not isinstance(statement, (bytes, bytearray)):
        return statement
    return _changed(statement)


def _changed(said: Any) -> Any:
    if _MADE.match(said):
        return _COLLATION.sub(_OWN_COLLATION, said) if b"_0900_" in said else said
    # What comes last alone: before it there may be data of any size.
    ends = list(_UPDATE.finditer(said, max(0, len(said) - _LAST)))
    if not ends:
        return said
    found = ends[-1]
    tail = said[found.end() :]
    start = max(0, found.start() - _NEAR)
    alias = _ALIAS.search(said[start : found.start()])
    if alias is None or any(quote in tail for quote in _QUOTES):
        return said
    name = re.escape(bytes(alias.group(3)))
    columns = re.compile(rb"(?i)`?\b" + name + rb"\b`?\s*\.\s*(`[^`]+`|\w+)")
    head = said[: start + alias.start(1)]
    return head + said[found.start() : found.end()] + columns.sub(rb"VALUES(\1)", bytes(tail))
