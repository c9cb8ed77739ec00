"""The few calls of Cloud Storage's JSON API that the harness makes itself.

On the standard library: importing Google's client takes a second, which a stack has not.
"""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlencode

from harness.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

_NOT_FOUND = 404
_ERRORS = 400


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """One object.

    Attributes:
        bucket: Its bucket.
        name: Its name in the bucket.
        size: Bytes.
        generation: Changes with each write.
    """

    bucket: str
    name: str
    size: int
    generation: str


class GcsApi:
    """A kept connection to the server; a context manager that closes it.

    Args:
        host: The server's host.
        port: The server's port.
        project: The project that buckets are listed for.
    """

    def __init__(self, *, host: str, port: int, project: str) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=30)
        self._project = project

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def mark(self, text: str) -> None:
        """Leave a text in the server's request log."""
        self._call("GET", f"/_internal/healthcheck?{urlencode({'mark': text})}")

    def buckets(self) -> list[str]:
        """The names of all buckets, sorted."""
        query = {"project": self._project}
        return sorted(item["name"] for item in self._items("/storage/v1/b", query))

    def objects(self, bucket: str) -> list[StoredObject]:
        """All objects of a bucket, sorted by name."""
        items = self._items(f"/storage/v1/b/{quote(bucket, safe='')}/o", {})
        found = [
            StoredObject(
                bucket=bucket,
                name=item["name"],
                size=int(item.get("size", 0)),
                generation=str(item.get("generation", "")),
            )
            for item in items
        ]
        return sorted(found, key=lambda one: one.name)

    def clear(self) -> None:
        """Delete all buckets with all that is in them, old versions included."""
        for bucket in self.buckets():
            path = f"/storage/v1/b/{quote(bucket, safe='')}"
            for item in list(self._items(f"{path}/o", {"versions": "true"})):
                name = quote(item["name"], safe="")
                generation = urlencode({"generation": item["generation"]})
                self._call("DELETE", f"{path}/o/{name}?{generation}", missing=True)
            for left in self.objects(bucket):
                self._call("DELETE", f"{path}/o/{quote(left.name, safe='')}", missing=True)
            self._call("DELETE", path, missing=True)

    def _items(self, path: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
        while True:
            page = json.loads(self._call("GET", f"{path}?{urlencode(query)}"))
            yield from page.get("items", ())
            if not page.get("nextPageToken"):
                return
            query = query | {"pageToken": page["nextPageToken"]}

    def _call(self, method: str, path: str, *, missing: bool = False) -> bytes:
        try:
            self._connection.request(method, path)
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise ServiceError(
                "the GCS service does not answer",
                cause=repr(error),
                evidence=[f"{method} {path}"],
                remedy="see its log",
            ) from error
        if response.status >= _ERRORS and not (missing and response.status == _NOT_FOUND):
            raise ServiceError(
                "the GCS service refused a request of the harness",
                cause=f"status {response.status}",
                evidence=[f"{method} {path}", body[:500].decode("utf-8", "replace")],
            )
        return body
