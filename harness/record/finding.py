"""The secrets of one captured exchange: by the names before them, in whatever form they came."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, unquote_plus, urlsplit

from harness.record.bodies import is_text, plain_body
from harness.replay.secrecy import (
    SCRUBBED,
    is_secret,
    is_secret_query,
    jwts,
    like_a_key,
    may_be_secret_query,
    read_json,
    secrets_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from urllib.parse import SplitResult

    from harness.replay.capture import Capture

# A shorter value may stand anywhere by chance; it is replaced where its name stands, only.
SHORTEST = 8
# So do words ("postgres", "Ethereum") and numbers, up to such a length.
_LONGEST_WORD = 12
_LONGEST_NUMBER = 16
_LONGEST_FORM = 1 << 16
_NO_FORM = re.compile(r"[\s<>\"{]")
_COOKIES = frozenset(("set-cookie", "cookie"))
# A pair of a query, in a URL of any kind, also one that JSON or HTML has escaped. All quantifiers
# of names are possessive: where a name goes on, nothing else can begin.
_BEFORE = r"[?&](?:amp;)?|\\u0026"
_NAME = re.compile(rf"(?:{_BEFORE})([\w.%-]++)=", re.ASCII)
_URL_USER = re.compile(r"https?:\\?/\\?/([^\s/?#\"'<>@\\]+)@")
# Where a text is no JSON document: JSON lines and JSONP, XML, lines of settings, multipart.
_QUOTED = re.compile(r'"(?P<name>[\w.-]+)"\s*:\s*"(?P<value>(?:[^"\\]|\\.)*)"')
_OTHERS = (
    re.compile(r"<(?:\w+:)?(?P<name>[\w.-]+)(?:\s[^<>\n]{0,200})?>(?P<value>[^<>\s]+)</"),
    re.compile(r"\s(?P<name>[\w.-]++)=[\"'](?P<value>[^\"'<>]+)[\"']"),
    re.compile(
        r"^[ \t]*+(?P<name>[\w.-]++)[ \t]*+[:=][ \t]*(?P<value>[^\s,;\"']+)[ \t]*\r?$", re.MULTILINE
    ),
    re.compile(
        r'name="?(?P<name>[\w.-]+)"?\r?\n(?:[\w-]+:[^\n]*\n)*\r?\n(?P<value>[^\r\n]+)\r?\n--'
    ),
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """Secrets, by where they are to be replaced.

    Attributes:
        everywhere: In all that is kept.
        named: Where their name stands only, since the data may hold them too.
    """

    everywhere: frozenset[str]
    named: frozenset[str]


def found(captures: Iterable[Capture], *, known: Iterable[str]) -> Found:
    """The secrets of some exchanges.

    Args:
        captures: The exchanges.
        known: Secrets that are known already.
    """
    sent, answered = set(known), set()
    for capture in captures:
        sent |= _of_headers(capture) | _of_url(capture.url) | _of_body(_request_body(capture))
        answered |= _of_body(plain_body(capture)[0])
    sent -= {SCRUBBED, ""}
    answered -= {SCRUBBED, "", *sent}
    everywhere = {value for value in sent if len(value) >= SHORTEST and not _word(value)}
    everywhere |= {value for value in answered if _distinct(value)}
    return Found(everywhere=frozenset(everywhere), named=frozenset((sent | answered) - everywhere))


def query_pairs(text: str) -> re.Pattern[str] | None:
    """A pattern of the pairs of queries in a text that may be secret, or None if there are none.

    Few names stand in a large body, and often; so the names are found first.

    Args:
        text: The text.
    """
    if "=" not in text:
        return None
    names = {name for name in set(_NAME.findall(text)) if may_be_secret_query(unquote_plus(name))}
    if not names:
        return None
    listed = "|".join(map(re.escape, sorted(names)))
    return re.compile(
        rf"""(?P<before>{_BEFORE})(?P<name>{listed})=(?P<value>[^&\s"'<>\\#]+)""", re.ASCII
    )


def _word(value: str) -> bool:
    if value.isdigit():
        return len(value) < _LONGEST_NUMBER
    return value.isalpha() and value.islower() and len(value) < _LONGEST_WORD


def _distinct(value: str) -> bool:
    """Whether an answer's value cannot be an ordinary word, number or date of its data."""
    letters = any(character.isalpha() for character in value)
    digits = any(character.isdigit() for character in value)
    return like_a_key(value) or (
        len(value) >= SHORTEST
        and not _word(value)
        and letters
        and (digits or not value.isalpha())
        and " " not in value
    )


def _of_headers(capture: Capture) -> set[str]:
    values = set()
    asked = {name.lower() for name, _ in capture.request_headers}
    for name, text in (*capture.request_headers, *capture.headers):
        lower = name.lower()
        if lower in _COOKIES:
            pairs = text.split(";") if lower == "cookie" else [text.partition(";")[0]]
            cookies = {pair.partition("=")[2].strip() for pair in pairs}
            # A language or a date in a cookie is no secret, and stands in the data too.
            values |= {value for value in cookies if like_a_key(value)}
        elif lower in ("authorization", "proxy-authorization"):
            values |= _of_authorization(text)
        elif is_secret(name) or (
            lower in asked and lower.endswith(("-key", "-auth")) and like_a_key(text)
        ):
            values.add(text)
        else:
            values |= _of_pairs(text)
    return values


def _of_authorization(text: str) -> set[str]:
    scheme, _, value = text.partition(" ")
    if scheme.lower() != "basic":
        return {value or text}
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user = password = ""
    return {value, password or user}


def _of_url(url: str) -> set[str]:
    try:
        parts: SplitResult = urlsplit(url)
        user = unquote(parts.password or parts.username or "")
    except ValueError:
        return set()
    pairs = parse_qsl(parts.query)
    return {user, *(value for name, value in pairs if is_secret_query(name, value))}


def _of_body(body: bytes) -> set[str]:
    if not body or not is_text(body):
        return set()
    text = body.decode("utf-8", "replace")
    values = _of_pairs(text)
    try:
        return values | secrets_of(read_json(body))
    except ValueError:
        pass
    form = len(body) < _LONGEST_FORM and "=" in text and not _NO_FORM.search(text.strip())
    fields = parse_qsl(text) if form else _settings(text)
    return values | {value for name, value in fields if is_secret(name)}


def _of_pairs(text: str) -> set[str]:
    values = jwts(text)
    pairs = query_pairs(text)
    if pairs is not None:
        for pair in pairs.finditer(text):
            value = unquote_plus(pair["value"])
            if is_secret_query(unquote_plus(pair["name"]), value):
                values.add(value)
    if "@" in text:
        for user in _URL_USER.findall(text):
            name, _, password = user.partition(":")
            values.add(unquote(password) if password else unquote(name) * like_a_key(name))
    return values


def _settings(text: str) -> Iterator[tuple[str, str]]:
    if '"' in text and ":" in text:
        for pair in _QUOTED.finditer(text):
            if is_secret(pair["name"]):
                yield pair["name"], _unescaped(pair["value"])
    for pattern in _OTHERS:
        for pair in pattern.finditer(text):
            yield pair["name"], pair["value"]


def _unescaped(value: str) -> str:
    try:
        return str(json.loads(f'"{value}"'))
    except ValueError:
        return value


def _request_body(capture: Capture) -> bytes:
    return b"" if capture.request_body is None else capture.request_body.read_bytes()
