"""Which names have a secret for a value: query keys, headers, fields of forms and JSON."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any
from urllib.parse import parse_qsl, quote_plus

SCRUBBED = "scrubbed"
"""What stands in place of a secret."""

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_SECRET_WORDS = frozenset(
    (
        *("secret", "secrets", "password", "passwd", "passphrase", "pwd", "signature", "sig"),
        *("credential", "credentials", "authorization", "apikey", "cookie", "cookies", "jwt"),
    )
)
# A token that turns pages, or a number of tokens, is no secret: without it nothing replays.
_TOKEN_WORDS = frozenset(("token", "accesstoken", "authtoken"))
_PAGING_WORDS = frozenset(
    (
        *("page", "next", "prev", "previous", "continuation", "continue", "cursor", "sync"),
        *("resume", "type", "count", "max", "expires", "expiry", "endpoint", "uri", "url"),
    )
)
_KEY_OF = frozenset(
    (
        *("api", "access", "private", "secret", "subscription", "auth", "account", "shared"),
        *("app", "client", "consumer", "encryption", "signing", "service"),
    )
)
_ALONE = frozenset(("key", "auth"))


def is_secret(name: str, *, in_url: bool = False) -> bool:
    """Whether the value of this name is a secret by its name alone.

    Args:
        name: The name in any case: ``access_token``, ``X-Amz-Signature``, ``clientSecret``.
        in_url: Whether it is a query key, where ``key`` and ``auth`` alone are one too.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    found = set(words)
    if found & _PAGING_WORDS:
        return False
    if found & (_SECRET_WORDS | _TOKEN_WORDS):
        return True
    pairs = itertools.pairwise(words)
    if any(second == "key" and first in _KEY_OF for first, second in pairs):
        return True
    return in_url and len(words) == 1 and words[0] in _ALONE


def without_secrets(value: Any) -> Any:
    """A JSON value with each secret replaced, at any depth.

    Args:
        value: What ``json.loads`` gave.
    """
    if isinstance(value, dict):
        return {
            name: SCRUBBED
            if is_secret(name) and isinstance(inner, str | int) and inner not in ("", True, False)
            else without_secrets(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(inner) for inner in value]
    return value


def secrets_of(value: Any) -> set[str]:
    """The secrets of a JSON value, at any depth.

    Args:
        value: What ``json.loads`` gave.
    """
    if isinstance(value, dict):
        own = {
            str(inner)
            for name, inner in value.items()
            if is_secret(name) and isinstance(inner, str | int) and inner not in ("", True, False)
        }
        return own.union(*map(secrets_of, value.values()))
    if isinstance(value, list):
        return set().union(*map(secrets_of, value))
    return set()


def form_without_secrets(text: str) -> str:
    """A form's fields, sorted by name, with each secret replaced.

    Args:
        text: The form as ``application/x-www-form-urlencoded``.
    """
    fields = sorted(parse_qsl(text, keep_blank_values=True), key=lambda field: field[0])
    return "&".join(
        f"{quote_plus(name)}={quote_plus(SCRUBBED if is_secret(name) and value else value)}"
        for name, value in fields
    )


def read_json(body: bytes) -> Any:
    """A body as JSON.

    Raises:
        ValueError: It is not JSON.
    """
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
