"""URLs as recordings compare them and as people may see them."""

from __future__ import annotations

import difflib
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from urllib.parse import SplitResult

_PORTS = {"http": 80, "https": 443}
_UNDECODED = re.compile("[\udc80-\udcff]")
_SECRET = re.compile(r"sig|token|secret|passw|pwd|key|credential|auth", re.IGNORECASE)
# Beyond this many candidates, comparing each with difflib would no longer be "at once".
_MANY = 2000


def is_web_url(url: str) -> bool:
    """Whether a text is an absolute http or https URL."""
    try:
        parts = urlsplit(url)
        return parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def readable_url(url: str) -> str:
    """A URL in which each byte that is no UTF-8 is percent-encoded, so that a file can hold it.

    Args:
        url: The URL, as ``surrogateescape`` decodes it.
    """
    return _UNDECODED.sub(lambda found: f"%{ord(found.group()) - 0xDC00:02X}", url)


def normalised(url: str, *, ignore: Sequence[str] = ()) -> str:
    """The form in which two URLs are compared.

    Scheme and host in lower case, without user, default port and fragment. The query is as it is
    on the wire, without the keys to be ignored and sorted by key: clients build it from mappings.
    The values of a key that comes more than once stay in their order.

    Args:
        url: An absolute URL.
        ignore: Names of query keys that do not count; ``*`` and ``?`` are wildcards.
    """
    url = readable_url(url)
    try:
        parts = urlsplit(url)
        host = _host(parts)
    except ValueError:
        return url
    pairs = [
        pair
        for pair in parts.query.split("&")
        if not any(fnmatchcase(_key(pair), pattern) for pattern in ignore)
    ]
    query = "&".join(sorted(pairs, key=_key))
    return urlunsplit((parts.scheme, host, parts.path or "/", query, ""))


def masked(url: str) -> str:
    """The URL without user, password and the values of query keys that look like secrets."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.split("?", 1)[0]
    host = parts.netloc.rpartition("@")[2]
    query = "&".join(
        f"{pair.partition('=')[0]}=***" if "=" in pair and _SECRET.search(_key(pair)) else pair
        for pair in parts.query.split("&")
    )
    return urlunsplit((parts.scheme, host, parts.path, query, parts.fragment))


def nearest(url: str, known: Iterable[str], *, count: int = 3) -> tuple[str, ...]:
    """The known URLs that are most like a URL, the best first.

    Args:
        url: The URL that was asked for.
        known: The URLs to choose from.
        count: How many at most.
    """
    wanted = _bare(normalised(url))
    choices = {_bare(choice): choice for choice in known}
    if len(choices) > _MANY:
        host = wanted.partition("/")[0] + "/"
        same_host = [choice for choice in choices if choice.startswith(host)]
        choices = {choice: choices[choice] for choice in same_host[:_MANY]}
    found = difflib.get_close_matches(wanted, choices, n=count, cutoff=0.5)
    return tuple(choices[best] for best in found)


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    if parts.port is None or parts.port == _PORTS.get(parts.scheme):
        return host
    return f"{host}:{parts.port}"


def _bare(url: str) -> str:
    """Without the scheme, which nearly all URLs have in common."""
    return url.partition("://")[2]


def _key(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])
