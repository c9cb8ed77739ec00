"""Names of body files: what the URL calls them, with the ending that their content asks for."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 80
_ENDINGS = {
    "application/json": ".json",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/vnd.apache.parquet": ".parquet",
    "application/gzip": ".gz",
    "application/x-gzip": ".gz",
    "application/xml": ".xml",
    "text/csv": ".csv",
    "text/plain": ".txt",
}


class Names:
    """Gives each body a file name; the same content has the same name."""

    def __init__(self) -> None:
        self._of_content: dict[str, str] = {}
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def give(self, body: bytes, *, url: str, content_type: str = "") -> tuple[str, str, bool]:
        """The name for a body, its digest, and whether it is new.

        Args:
            body: The body.
            url: Where it came from, or went to.
            content_type: Its media type.
        """
        digest = hashlib.sha256(body).hexdigest()
        if digest in self._of_content:
            return self._of_content[digest], digest, False
        wanted = _wanted(url, content_type)
        name, number = wanted, self._last.get(wanted, 1)
        while name.lower() in self._taken:
            number += 1
            stem, dot, endings = wanted.partition(".")
            name = f"{stem}-{number}{dot}{endings}"
        self._last[wanted] = number
        self._taken.add(name.lower())
        self._of_content[digest] = name
        return name, digest, True


def _wanted(url: str, content_type: str) -> str:
    parts = urlsplit(url)
    last = PurePosixPath(unquote(parts.path)).name or parts.hostname or "body"
    name = _PLAIN.sub("-", last).strip("-.")[-_LONGEST:] or "body"
    if "." in name:
        return name
    bare = content_type.partition(";")[0].strip().lower()
    if bare.endswith("+json"):
        return f"{name}.json"
    return name + _ending(bare)


def _ending(media_type: str) -> str:
    return _ENDINGS.get(media_type) or mimetypes.guess_extension(media_type) or ".bin"
