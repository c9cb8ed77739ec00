"""Finds the secrets of captured exchanges, and puts a plain word in their place."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit, urlunsplit

from harness.record.bodies import is_text, plain_body
from harness.replay.secrecy import SCRUBBED, is_secret, read_json, secrets_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from urllib.parse import SplitResult

    from harness.replay.capture import Capture

# A shorter value may stand anywhere by chance; it is replaced where its name stands, only.
SHORTEST = 8
_URL = re.compile(r"https?://[^\s\"'<>\\]+")
_COOKIES = frozenset(("set-cookie", "cookie"))


class Secrets:
    """All secrets of some exchanges, and the way to take them out.

    Args:
        captures: The exchanges.
        known: Secrets that are known already, such as values of the pipeline's variables.

    Attributes:
        count: How many different ones there are.
    """

    def __init__(self, captures: Iterable[Capture], *, known: Iterable[str] = ()) -> None:
        found = set(known)
        for capture in captures:
            found |= _of_headers(capture) | _of_url(capture.url)
            for body in (plain_body(capture)[0], _request_body(capture)):
                found |= _of_body(body)
        found -= {SCRUBBED, ""}
        self.count = len(found)
        self._short = frozenset(value for value in found if 0 < len(value) < SHORTEST)
        values = {form for value in found if len(value) >= SHORTEST for form in _forms(value)}
        # The longest first: one may hold another.
        self._values = sorted(values, key=lambda value: (-len(value), value))

    @property
    def values(self) -> tuple[str, ...]:
        """Every secret in every form in which it may be written, the longest first."""
        return tuple(self._values)

    def text(self, text: str) -> str:
        """A text without secrets.

        Args:
            text: The text.
        """
        text = _URL.sub(lambda found: self.url(found.group()), text)
        for value in self._values:
            text = text.replace(value, SCRUBBED)
        return text

    def body(self, body: bytes) -> bytes:
        """A body without secrets; only text is changed, and nothing else of it.

        Args:
            body: The body, without content coding.
        """
        if not is_text(body):
            return body
        for value in self._values:
            body = body.replace(value.encode(), SCRUBBED.encode())
        text = body.decode("utf-8", "surrogateescape")
        if "://" in text:
            text = _URL.sub(lambda found: self.url(found.group()), text)
        for value in self._short:
            text = _named(value).sub(_without_value, text)
        return text.encode("utf-8", "surrogateescape")

    def url(self, url: str) -> str:
        """A URL without user, password and the values of keys that are secret by their name.

        Args:
            url: The URL.
        """
        try:
            parts = urlsplit(url)
        except ValueError:
            return url
        pairs = [_scrubbed_pair(pair) for pair in parts.query.split("&")]
        host = parts.netloc.rpartition("@")[2]
        found = urlunsplit((parts.scheme, host, parts.path, "&".join(pairs), parts.fragment))
        for value in self._values:
            found = found.replace(value, SCRUBBED)
        return found

    def header(self, name: str, text: str) -> str:
        """The value of an answer's header without secrets.

        Args:
            name: The header's name.
            text: Its value.
        """
        if name.lower() == "set-cookie":
            pair, semicolon, rest = text.partition(";")
            return f"{pair.partition('=')[0]}={SCRUBBED}{semicolon}{rest}"
        return SCRUBBED if is_secret(name) else self.text(text)


def secret_keys(url: str) -> tuple[str, ...]:
    """The keys of a URL's query whose values are secret by their name.

    Args:
        url: The URL.
    """
    query = urlsplit(url).query
    keys = (key for key, _ in parse_qsl(query, keep_blank_values=True))
    return tuple(dict.fromkeys(key for key in keys if is_secret(key, in_url=True)))


def _of_headers(capture: Capture) -> set[str]:
    found = set()
    for name, text in (*capture.request_headers, *capture.headers):
        if name.lower() in _COOKIES:
            pairs = text.split(";") if name.lower() == "cookie" else [text.partition(";")[0]]
            values = {pair.partition("=")[2].strip() for pair in pairs}
            # A language or a date in a cookie is no secret, and stands in the data too.
            found |= {value for value in values if _like_a_key(value)}
        elif name.lower() in ("authorization", "proxy-authorization"):
            found |= _of_authorization(text)
        elif is_secret(name):
            found.add(text)
        elif name.lower() == "location":
            found |= _of_url(text)
    return found


def _of_authorization(text: str) -> set[str]:
    scheme, _, value = text.partition(" ")
    if scheme.lower() != "basic":
        return {value or text}
    try:
        password = base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        password = ""
    return {value, password}


def _of_url(url: str) -> set[str]:
    try:
        parts: SplitResult = urlsplit(url)
        password = unquote(parts.password or "")
    except ValueError:
        return set()
    values = {value for key, value in parse_qsl(parts.query) if is_secret(key, in_url=True)}
    return {password, *values}


def _of_body(body: bytes) -> set[str]:
    if not body or not is_text(body):
        return set()
    found = set()
    try:
        found = secrets_of(read_json(body))
    except ValueError:
        if len(body) < 1 << 16 and b"=" in body and b"\n" not in body.strip():
            text = body.decode("utf-8", "replace")
            found = {value for key, value in parse_qsl(text) if is_secret(key)}
    for url in _URL.findall(body.decode("utf-8", "replace")) if b"://" in body else ():
        found |= _of_url(url)
    return found


def _request_body(capture: Capture) -> bytes:
    return b"" if capture.request_body is None else capture.request_body.read_bytes()


def _like_a_key(value: str) -> bool:
    return (
        len(value) >= 2 * SHORTEST
        and any(character.isdigit() for character in value)
        and any(character.isalpha() for character in value)
    )


def _forms(value: str) -> set[str]:
    """A secret as it stands in plain text, in a URL, in a form and in JSON."""
    return {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]}


def _named(value: str) -> re.Pattern[str]:
    """A short value behind the name of a field of JSON or of a form."""
    return re.compile(
        rf"""(?P<name>[\w.-]+)(?P<between>["']?\s*[:=]\s*["']?)(?P<value>{re.escape(value)})\b"""
    )


def _without_value(found: re.Match[str]) -> str:
    if not is_secret(found["name"]):
        return found.group()
    return f"{found['name']}{found['between']}{SCRUBBED}"


def _scrubbed_pair(pair: str) -> str:
    key, equals, value = pair.partition("=")
    return f"{key}={SCRUBBED}" if equals and value and is_secret(key, in_url=True) else pair
