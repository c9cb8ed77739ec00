"""Objects of ``gs://`` URIs, fetched from the GCS emulator through its JSON API."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import contextmanager
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from harness.bigquery.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_URI = re.compile(r"gs://([^/]+)/(.+)")
_SECONDS = 60.0
_NOT_FOUND = 404


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
        ApiError: A URI is malformed, names no object, or the emulator does not give it whole.
    """
    names = matched(endpoint, uris)
    paths = [fetched(endpoint, name, folder / f"{place}") for place, name in enumerate(names)]
    return tuple(paths), names


def matched(endpoint: str, uris: Sequence[str]) -> tuple[str, ...]:
    """The URIs of the objects that URIs with wildcards name; one without is taken as it is.

    Raises:
        ApiError: A URI is malformed, matches no object, or the emulator does not answer.
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
        ApiError: It is not there, or the emulator does not give it whole.
    """
    found = _URI.fullmatch(uri)
    if not found:
        raise ApiError("invalid", f"Invalid URI: {uri}")
    bucket, name = found.groups()
    url = f"{endpoint}/storage/v1/b/{quote(bucket)}/o/{quote(name, safe='')}?alt=media"
    with _opened(url, uri) as answer, path.open("wb") as file:
        shutil.copyfileobj(answer, file, 1 << 20)
        told, came = answer.headers["Content-Length"], file.tell()
    # Read in pieces, an answer that ends too early looks like one that is whole.
    if told is not None and int(told) != came:
        raise _failed(url, uri, f"the answer ends after {came} of {told} bytes")
    return path


@contextmanager
def _opened(url: str | Request, uri: str) -> Iterator[Any]:
    # The emulator is on this machine: a recording proxy must not see the traffic.
    opener = build_opener(ProxyHandler({}))
    opened = url if isinstance(url, str) else url.full_url
    try:
        with opener.open(url, timeout=_SECONDS) as answer:
            yield answer
    except HTTPError as error:
        error.close()
        if error.code == _NOT_FOUND:
            raise ApiError("notFound", f"Not found: URI {uri}") from error
        raise _failed(opened, uri, f"it answers {error.code} {error.reason}") from error
    except (URLError, HTTPException, ConnectionError, TimeoutError) as error:
        told = error.reason if isinstance(error, URLError) else error
        raise _failed(opened, uri, str(told) or type(told).__name__) from error


def _failed(url: str, uri: str, why: str) -> ApiError:
    """What is told of an emulator that fails.

    The reason is not ``backendError``: Google's client would ask again for ten minutes.
    """
    endpoint = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    return ApiError(
        "invalid",
        f"Error while reading data, error message: the Cloud Storage emulator at {endpoint} "
        f"failed: {why}. File: {uri}",
    )


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
        ApiError: There is no such bucket, or the emulator fails.
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
