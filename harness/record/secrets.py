"""Takes the secrets of captured exchanges out, and puts a plain word in their place."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus, urlsplit

from harness.record.bodies import is_text
from harness.record.finding import found, query_pairs
from harness.record.literals import LARGE, Literals, matches
from harness.replay.secrecy import SCRUBBED, is_secret, is_secret_query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.replay.capture import Capture

_USER = re.compile(r"(?P<scheme>https?:\\?/\\?/)[^\s/?#\"'<>@\\]+@")
_BETWEEN = r"""["']?\s*[:=]\s*["']?|(?:\s[^<>\n]{0,200})?>"""
# What .NET, Newtonsoft and Gson, Go and Java's writers of JSON escape, and all of it.
_ESCAPED = ("<>&'\"+", "<>&'\"+=", "<>&'=", "<>&", "<>&'\"+/=")


class Secrets:
    """All secrets of some exchanges, and the way to take them out.

    Args:
        captures: The exchanges.
        known: Secrets that are known already, such as values of the pipeline's variables.

    Attributes:
        count: How many different ones there are.
    """

    def __init__(self, captures: Iterable[Capture], *, known: Iterable[str] = ()) -> None:
        secrets = found(captures, known=known)
        self.count = len(secrets.everywhere) + len(secrets.named)
        values = {form for value in secrets.everywhere for form in _forms(value)}
        # The longest first: one may hold another.
        self._values = sorted(values, key=lambda value: (-len(value), value))
        self._literals = Literals(self._values)
        self._packed = {part for value in secrets.everywhere for part in _in_base64(value)}
        self._named = _Named(secrets.named) if secrets.named else None

    @property
    def values(self) -> tuple[str, ...]:
        """Every secret in every form in which it may be written, the longest first."""
        return (*self._values, *sorted(self._packed))

    def text(self, text: str) -> str:
        """A text without secrets.

        Args:
            text: The text.
        """
        return self._bytes(text).decode("utf-8", "surrogateescape")

    def body(self, body: bytes) -> bytes:
        """A body without secrets; only text is changed, and nothing else of it.

        Args:
            body: The body, without content coding.
        """
        if not is_text(body):
            return body
        text = body.decode("utf-8", "surrogateescape")
        if self._named is not None:
            text = self._named.replaced(text)
        return self._bytes(text)

    def url(self, url: str) -> str:
        """A URL without user, password and the values of keys that are secret by their name.

        Args:
            url: The URL.
        """
        return self.text(url)

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

    def _bytes(self, text: str) -> bytes:
        pairs = query_pairs(text)
        if pairs is not None:
            text = pairs.sub(_without_query, text)
        if "@" in text:
            text = _USER.sub(lambda user: user["scheme"], text)
        return self._literals.replaced(text.encode("utf-8", "surrogateescape"), SCRUBBED.encode())


def secret_keys(url: str) -> tuple[str, ...]:
    """The keys of a URL's query whose values are secret by their name.

    Args:
        url: The URL.
    """
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    return tuple(dict.fromkeys(name for name, value in pairs if is_secret_query(name, value)))


def _forms(value: str) -> set[str]:
    """A secret as it stands in plain text, in a URL, in a form, in HTML and in JSON."""
    coded = quote(value, safe="")
    twice = quote(coded, safe="")
    slashed = json.dumps(value)[1:-1]
    return {
        *(value, coded, quote(value), quote_plus(value), twice, _lower(coded), _lower(twice)),
        *(
            slashed,
            slashed.replace("/", "\\/"),
            html.escape(value),
            json.dumps(value, ensure_ascii=False)[1:-1],
        ),
        # Some writers of JSON escape what HTML could take for its own.
        *(_escaped(value, form, which) for form in ("\\u%04x", "\\u%04X") for which in _ESCAPED),
    }


def _lower(coded: str) -> str:
    return re.sub(r"%(?:25)?[0-9A-F]{2}", lambda byte: byte.group().lower(), coded)


def _escaped(value: str, form: str, characters: str) -> str:
    return "".join(form % ord(one) if one in characters else one for one in value)


def _in_base64(value: str) -> set[str]:
    """What base64 makes of a secret that stands within a longer text, wherever that begins."""
    parts = set()
    for before in range(3):
        raw = b"\0" * before + value.encode("utf-8", "surrogateescape")
        # Characters at both ends depend on what stands beside the secret.
        whole = base64.b64encode(raw[: len(raw) // 3 * 3]).decode()[(0, 2, 3)[before] :]
        parts |= {whole, whole.replace("+", "-").replace("/", "_")}
    return parts


class _Named:
    """Values behind the name of a field of JSON, of a form or of XML.

    Args:
        values: The values.
    """

    def __init__(self, values: Iterable[str]) -> None:
        longest_first = sorted(values, key=lambda value: (-len(value), value))
        listed = "|".join(map(re.escape, longest_first))
        self._pattern = re.compile(
            rf"(?<![\w.-])(?P<name>[\w.-]++)(?P<between>{_BETWEEN})(?P<value>{listed})(?!\w)"
        )
        self._quick = Literals(longest_first).behind(rf"[\w.-](?:{_BETWEEN})")

    def replaced(self, text: str) -> str:
        """A text without the values whose names say that they are secret."""
        if len(text) >= LARGE:
            content = text.encode("utf-8", "surrogateescape")
            if not any(matches(content, pattern) for pattern in self._quick):
                return text
        return self._pattern.sub(_without_value, text)


def _without_value(match: re.Match[str]) -> str:
    if not is_secret(match["name"]):
        return match.group()
    # A number in JSON stays one.
    number = (
        match["value"].isdigit() and ":" in match["between"] and match["between"][-1] not in "'\""
    )
    return f"{match['name']}{match['between']}{'9' if number else SCRUBBED}"


def _without_query(pair: re.Match[str]) -> str:
    if not is_secret_query(unquote_plus(pair["name"]), unquote_plus(pair["value"])):
        return pair.group()
    return f"{pair['before']}{pair['name']}={SCRUBBED}"
