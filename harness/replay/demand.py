"""What a request must bring, besides method and URL, for a recording to answer it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast

from harness.replay.secrecy import form_without_secrets, read_json, without_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Mark = tuple[tuple[str | None, ...], bytes]
Match = Literal["bytes", "json", "form"]
MATCHES: tuple[Match, ...] = ("bytes", "json", "form")


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What a recording asks of a request.

    Attributes:
        headers: Headers that the request must have with just these values, names in lower case.
        body: The file with the body that it must have; None where any will do.
        sha256: The file's digest, in hexadecimal.
        match: How bodies are compared: ``bytes``; ``json``, where neither layout nor the order
            of names counts; ``form``, where the order of fields does not count. Secrets count in
            neither of the two.
        ignore: Fields of a form, or names within a JSON body, that do not count, these with
            dots between levels (``meta.requested_at``); a list is passed through.
    """

    headers: tuple[tuple[str, str], ...] = ()
    body: Path | None = None
    sha256: str = ""
    match: Match = "bytes"
    ignore: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """What of a request counts, whatever its value."""
        names = tuple(name for name, _ in self.headers)
        return Kind(headers=names, body=self.body is not None, match=self.match, ignore=self.ignore)

    @cached_property
    def mark(self) -> Mark:
        """The values that a request must have in what counts.

        Raises:
            OSError: The recorded body cannot be read.
        """
        body = b"" if self.body is None else self.body.read_bytes()
        return tuple(text for _, text in self.headers), self.kind.comparable(body)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What of a request counts.

    Attributes:
        headers: The names of headers.
        body: Whether the body does.
        match: How bodies are compared, see ``Demand``.
        ignore: Names in a body that do not count, see ``Demand``.
    """

    headers: tuple[str, ...]
    body: bool
    match: Match
    ignore: tuple[str, ...]

    def mark(self, headers: Mapping[str, str], body: bytes) -> Mark:
        """The values that a request has in it; those of a recording that answers are equal.

        Args:
            headers: The request's headers, by name in lower case.
            body: Its body.
        """
        return tuple(headers.get(name) for name in self.headers), self.comparable(body)

    def comparable(self, body: bytes) -> bytes:
        """The form in which two bodies are compared.

        Args:
            body: A body.
        """
        return comparable(body, match=self.match, ignore=self.ignore) if self.body else b""


def comparable(body: bytes, *, match: Match, ignore: tuple[str, ...] = ()) -> bytes:
    """The form in which two bodies are compared; the bytes themselves if they are not as stated.

    Args:
        body: A request's body.
        match: How bodies are compared.
        ignore: Names that do not count, see ``Demand``.
    """
    try:
        if match == "json":
            value = without_secrets(read_json(body))
            for path in ignore:
                _drop(value, path.split("."))
            return json.dumps(value, sort_keys=True).encode()
        if match == "form":
            return form_without_secrets(body.decode(), ignore=ignore).encode()
    except ValueError:
        pass
    return body


def match_of(content_type: str) -> Match:
    """How bodies of a media type are compared where nothing is declared.

    Args:
        content_type: The request's content-type, with its parameters if it has some.
    """
    bare = content_type.partition(";")[0].strip().lower()
    if bare == "application/json" or bare.endswith("+json"):
        return "json"
    return "form" if bare == "application/x-www-form-urlencoded" else "bytes"


def _drop(value: Any, path: list[str]) -> None:
    if isinstance(value, list):
        for inner in value:
            _drop(inner, path)
    elif isinstance(value, dict):
        if len(path) == 1:
            value.pop(path[0], None)
        elif path[0] in value:
            _drop(cast("Any", value[path[0]]), path[1:])
