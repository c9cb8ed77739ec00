"""Objects of ``gs://`` URIs, fetched from the GCS emulator through its JSON API."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, Request, build_opener

from harness.bigquery.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_URI = re.compile(r"gs://([^/]+)/(.+)")
_SECONDS = 60.0


def fetch(
    endpoint: str, uris: Sequence[str], folder: Path
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Fetch the objects that URIs name.

    Args:
        endpoint: The emulator's URL.
        uris: ``gs://bucket/object``, with at most one ``*`` in the object's name.
        folder: Where the files are put.

    Returns:
        The files and their URIs.

    Raises:
        ApiError: A URI is malformed, or names no object.
    """
    names = matched(endpoint, uris)
    paths = [fetched(endpoint, name, folder / f"{place}") for place, name in enumerate(names)]
    return tuple(paths), names


def matched(endpoint: str, uris: Sequence[str]) -> tuple[str, ...]:
    """The URIs of the objects that URIs with wildcards name; one without is taken as it is.

    Raises:
        ApiError: A URI is malformed, or matches no object.
    """
    names: list[str] = []
    for uri in uris:
        found = _URI.fullmatch(uri)
        if not found or found[2].count("*") > 1:
            raise ApiError("invalid", f"Invalid URI: {uri}")
        bucket, pattern = found.groups()
        if "*" not in pattern:
            names.append(uri)
            continue
        some = [f"gs://{bucket}/{name}" for name in _match(endpoint, bucket, pattern)]
        if not some:
            raise ApiError("notFound", f"Not found: URI {uri}")
        names += some
    return tuple(names)


def fetched(endpoint: str, uri: str, path: Path) -> Path:
    """Fetch one object into a file.

    Raises:
        ApiError: It is not there.
    """
    found = _URI.fullmatch(uri)
    if not found:
        raise ApiError("invalid", f"Invalid URI: {uri}")
    bucket, name = found.groups()
    url = f"{endpoint}/storage/v1/b/{quote(bucket)}/o/{quote(name, safe='')}?alt=media"
    with _opened(url, uri) as answer, path.open("wb") as file:
        shutil.copyfileobj(answer, file, 1 << 20)
    return path


@contextmanager
def _opened(url: str | Request, uri: str) -> Iterator[Any]:
    # The emulator is on this machine: a recording proxy must not see the traffic.
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(url, timeout=_SECONDS) as answer:
            yield answer
    except URLError as error:
        if isinstance(error, HTTPError):
            error.close()
        raise ApiError("notFound", f"Not found: URI {uri}") from error


def _match(endpoint: str, bucket: str, pattern: str) -> Iterator[str]:
    head, _, tail = pattern.partition("*")
    token = ""
    while True:
        query = urlencode({"prefix": head, "pageToken": token} if token else {"prefix": head})
        url = f"{endpoint}/storage/v1/b/{quote(bucket)}/o?{query}"
        with _opened(url, f"gs://{bucket}/{pattern}") as answer:
            listed = json.load(answer)
        for item in listed.get("items") or ():
            name = str(item["name"])
            if name.endswith(tail) and len(name) >= len(head) + len(tail):
                yield name
        token = listed.get("nextPageToken") or ""
        if not token:
            return


def put(endpoint: str, bucket: str, name: str, path: Path) -> None:
    """Write an object.

    Args:
        endpoint: The emulator's URL.
        bucket: Its bucket.
        name: Its name.
        path: Its content.

    Raises:
        ApiError: There is no such bucket, or the emulator refuses.
    """
    query = urlencode({"uploadType": "media", "name": name})
    url = f"{endpoint}/upload/storage/v1/b/{quote(bucket)}/o?{query}"
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Length": str(path.stat().st_size),
    }
    with path.open("rb") as file:
        asked = Request(url, data=file, method="POST", headers=headers)  # noqa: S310
        with _opened(asked, f"gs://{bucket}/{name}"):
            return
