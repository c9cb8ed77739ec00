"""Which names have a secret for a value: query keys, headers, fields of forms and JSON."""

from __future__ import annotations

import base64
import binascii
import itertools
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote_plus

if TYPE_CHECKING:
    from collections.abc import Collection

SCRUBBED = "scrubbed"
"""What stands in place of a secret."""

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_SECRET_WORDS = frozenset(
    (
        *("secret", "secrets", "password", "passwd", "passphrase", "pwd", "signature", "sig"),
        *("credential", "credentials", "authorization", "apikey", "cookie", "cookies", "jwt"),
        *("assertion",),
    )
)
# A token that turns pages, or a number of tokens, is no secret: without it nothing replays.
_TOKEN_WORDS = frozenset(("token", "accesstoken", "authtoken"))
_PAGING_WORDS = frozenset(
    (
        *("page", "next", "prev", "previous", "continuation", "continue", "cursor", "sync"),
        *("resume", "type", "count", "max", "expires", "expiry", "endpoint", "uri", "url"),
        *("pagination", "paging", "marker", "skip", "delta", "scroll", "offset", "start"),
    )
)
_KEY_OF = frozenset(
    (
        *("api", "access", "private", "secret", "subscription", "auth", "account", "shared"),
        *("app", "client", "consumer", "encryption", "signing", "service"),
    )
)
_ALONE = frozenset(("key", "auth", "appid", "sid", "sessionid"))
# Names that run together: clientsecret, refreshtoken, registrationkey.
_ENDINGS = (
    *("secret", "password", "passwd", "passphrase", "apikey", "accesskey", "authkey", "appkey"),
    *("secretkey", "privatekey", "registrationkey", "subscriptionkey", "refreshtoken"),
    *("idtoken", "sessiontoken", "bearertoken", "apitoken", "usertoken", "securitytoken"),
)
# What is told about a secret, and what coins and their like are told of, is none itself.
_ABOUT = frozenset(
    (
        *("at", "on", "date", "time", "changed", "updated", "created", "modified", "required"),
        *("enabled", "policy", "length", "hint", "status", "algorithm", "method", "version"),
        *("name", "path", "file", "price", "address", "symbol", "decimals", "supply", "balance"),
    )
)
_SHORTEST_KEY = 16
_JWT = re.compile(r"(?<![A-Za-z0-9_-])(eyJ[\w=-]++)\.[\w=-]++(?:\.[\w.+/=-]*+)?", re.ASCII)
# Letters and digits in one run, or a UUID; yellow_tripdata_2021-01 is neither.
_MADE = re.compile(
    r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z\d]{16,}|[\da-fA-F]{8}(-[\da-fA-F]{4}){3}-|AIza"
)


# The same names stand in each row of a body.
@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether the value of this name is a secret by its name alone.

    Args:
        name: The name in any case: ``access_token``, ``X-Amz-Signature``, ``clientSecret``.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    found = set(words)
    if not words or found & _PAGING_WORDS or words[-1] in _ABOUT or words == ["token", "id"]:
        return False
    if found & (_SECRET_WORDS | _TOKEN_WORDS) or any(word.endswith(_ENDINGS) for word in words):
        return True
    pairs = itertools.pairwise(words)
    return any(second == "key" and first in _KEY_OF for first, second in pairs)


def is_secret_query(name: str, value: str) -> bool:
    """Whether a pair of a URL's query is a secret: by its name, or by name and value together.

    ``key=population`` asks for something, and ``key=AIzaSy0...`` proves who asks.

    Args:
        name: The key.
        value: Its value.
    """
    if is_secret(name) or value in jwts(value):
        return True
    return _is_alone(name) and _MADE.search(value) is not None


@lru_cache(maxsize=4096)
def may_be_secret_query(name: str) -> bool:
    """Whether there are values with which a pair of a URL's query is a secret by its name.

    Args:
        name: The key.
    """
    return is_secret(name) or _is_alone(name)


def jwts(text: str) -> set[str]:
    """The JSON Web Tokens in a text: they are secrets by their form, whatever their names.

    Args:
        text: The text.
    """
    if "eyJ" not in text:
        return set()
    return {found.group() for found in _JWT.finditer(text) if _begins_jwt(found.group(1))}


def _begins_jwt(header: str) -> bool:
    try:
        value = json.loads(base64.urlsafe_b64decode(header.rstrip("=") + "=" * (-len(header) % 4)))
    except (ValueError, binascii.Error):
        return False
    return isinstance(value, dict)


def _is_alone(name: str) -> bool:
    return "".join(_WORD.findall(name)).lower() in _ALONE


def like_a_key(value: str) -> bool:
    """Whether a value looks as if a machine had made it, and stands in no data by chance.

    Args:
        value: The value.
    """
    return (
        len(value) >= _SHORTEST_KEY
        and not any(character.isspace() for character in value)
        and any(character.isdigit() for character in value)
        and any(character.isalpha() for character in value)
    )


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
    if isinstance(value, str):
        for token in jwts(value):
            value = value.replace(token, SCRUBBED)
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


def form_without_secrets(text: str, *, ignore: Collection[str] = ()) -> str:
    """A form's fields, sorted by name, with each secret replaced.

    Args:
        text: The form as ``application/x-www-form-urlencoded``.
        ignore: Names of fields to leave out.
    """
    fields = sorted(parse_qsl(text, keep_blank_values=True), key=lambda field: field[0])
    return "&".join(
        f"{quote_plus(name)}={quote_plus(_clean(name, value))}"
        for name, value in fields
        if name not in ignore
    )


def _clean(name: str, value: str) -> str:
    return SCRUBBED if value and (is_secret(name) or value in jwts(value)) else value


def read_json(body: bytes) -> Any:
    """A body as JSON.

    Raises:
        ValueError: It is not JSON.
    """
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
