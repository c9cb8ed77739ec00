"""What a request must bring, besides method and URL, for a recording to answer it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal, cast

from harness.replay.secrecy import form_without_secrets, read_json, without_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

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

    def met(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether a request brings it.

        Args:
            headers: The request's headers, by name in lower case.
            body: Its body.

        Raises:
            OSError: The recorded body cannot be read.
        """
        if any(headers.get(name) != text for name, text in self.headers):
            return False
        return self.body is None or self._wanted == comparable(
            body, match=self.match, ignore=self.ignore
        )

    @cached_property
    def _wanted(self) -> bytes:
        if self.body is None:
            return b""
        return comparable(self.body.read_bytes(), match=self.match, ignore=self.ignore)


# The same body is compared with each recording of its URL.
@lru_cache(maxsize=8)
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
