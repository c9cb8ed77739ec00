"""The few calls of Cloud Storage's JSON API that the harness makes itself.

On the standard library: importing Google's client takes a second, which a stack has not.
"""

from __future__ import annotations

import http.client
import json
from base64 import b64encode
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, unquote, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

from harness.errors import ServiceError
from harness.services.object_layout import StoredObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

_NOT_FOUND = 404
_ERRORS = 400
_PATIENCE = 30.0
_TAIL = 65_536
"""Bytes, as many as pyarrow takes at first."""


class RefusedError(ServiceError):
    """The server answered a request of the harness with an error.

    Args:
        status: HTTP's number.
        request: Method and path.
        body: What it said.
    """

    def __init__(self, status: int, *, request: str, body: str) -> None:
        super().__init__(
            "the GCS service refused a request of the harness",
            cause=f"status {status}",
            evidence=[request, body[:500]],
        )
        self.status = status


class GcsApi:
    """A kept connection to the server; a context manager that closes it.

    Args:
        endpoint: The server's address, ``http://host:port`` or ``https://host``.
        project: The project that buckets are listed for.
        token: Gives a valid access token; None where requests need none.
    """

    def __init__(
        self, endpoint: str, *, project: str, token: Callable[[], str] | None = None
    ) -> None:
        self._connection = _connection(endpoint)
        self._project = project
        self._token = token

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

    def create_bucket(self, name: str, **facts: Any) -> None:
        """Make a bucket.

        Args:
            name: Its name.
            facts: What else is said of it, as in the JSON API's resource.

        Raises:
            RefusedError: Status 409 where there is one of this name already.
        """
        query = urlencode({"project": self._project})
        self._call("POST", f"/storage/v1/b?{query}", content={"name": name, **facts})

    def write_json(self, bucket: str, name: str, content: Any) -> None:
        """Put JSON into an object."""
        query = urlencode({"uploadType": "media", "name": name})
        self._call("POST", f"/upload/storage/v1/b/{quote(bucket)}/o?{query}", content=content)

    def read_json(self, bucket: str, name: str) -> Any:
        """The JSON of an object; None where there is no such object, or something else in it."""
        path = f"/storage/v1/b/{quote(bucket)}/o/{quote(name, safe='')}?alt=media"
        try:
            return json.loads(self._call("GET", path))
        except ValueError:
            return None
        except RefusedError as error:
            if error.status != _NOT_FOUND:
                raise
            return None

    def tail(self, one: StoredObject) -> bytes:
        """The end of an object: the footer of most files of parquet, or all of a small object.

        Raises:
            RefusedError: There is no such object, or nothing in it.
        """
        path = f"/storage/v1/b/{quote(one.bucket)}/o/{quote(one.name, safe='')}?alt=media"
        return self._call("GET", path, headers={"Range": f"bytes=-{_TAIL}"})

    def delete_object(self, bucket: str, name: str) -> None:
        """Delete an object, if there is one."""
        path = f"/storage/v1/b/{quote(bucket, safe='')}/o/{quote(name, safe='')}"
        self._call("DELETE", path, missing=True)

    def configure(self, **facts: str) -> None:
        """Change how fake-gcs-server names itself: ``externalUrl``, ``publicHost``."""
        self._call("PUT", "/_internal/config", content=facts)

    def empty_bucket(self, bucket: str) -> None:
        """Delete all that is in a bucket, old versions included."""
        path = f"/storage/v1/b/{quote(bucket, safe='')}/o"
        for item in list(self._items(path, {"versions": "true"})):
            name = quote(item["name"], safe="")
            generation = urlencode({"generation": item["generation"]})
            self._call("DELETE", f"{path}/{name}?{generation}", missing=True)
        for left in self.objects(bucket):
            self.delete_object(bucket, left.name)

    def delete_bucket(self, bucket: str) -> None:
        """Delete a bucket with all that is in it, if there is one."""
        try:
            self.empty_bucket(bucket)
        except RefusedError as error:
            if error.status != _NOT_FOUND:
                raise
        self._call("DELETE", f"/storage/v1/b/{quote(bucket, safe='')}", missing=True)

    def _items(self, path: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
        while True:
            page = json.loads(self._call("GET", f"{path}?{urlencode(query)}"))
            yield from page.get("items", ())
            if not page.get("nextPageToken"):
                return
            query = query | {"pageToken": page["nextPageToken"]}

    def _call(
        self,
        method: str,
        path: str,
        *,
        missing: bool = False,
        content: Any = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> bytes:
        headers = dict(headers)
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token()}"
        if content is not None:
            headers["Content-Type"] = "application/json"
        sent = None if content is None else json.dumps(content)
        try:
            self._connection.request(method, path, sent, headers)
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise ServiceError(
                "the GCS service does not answer",
                cause=repr(error),
                evidence=[f"{method} {path}"],
                remedy="see its log",
            ) from error
        if response.status >= _ERRORS and not (missing and response.status == _NOT_FOUND):
            raise RefusedError(
                response.status, request=f"{method} {path}", body=body.decode("utf-8", "replace")
            )
        return body


def _connection(endpoint: str) -> http.client.HTTPConnection:
    parts = urlsplit(endpoint)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=_PATIENCE)
    proxy = "" if proxy_bypass(host) else getproxies().get("https", "")
    if not proxy:
        return http.client.HTTPSConnection(host, port, timeout=_PATIENCE)
    through = urlsplit(proxy)
    tunnel = http.client.HTTPSConnection(through.hostname or "", through.port, timeout=_PATIENCE)
    headers = {}
    if through.username:
        login = f"{unquote(through.username)}:{unquote(through.password or '')}".encode()
        headers["Proxy-Authorization"] = f"Basic {b64encode(login).decode()}"
    tunnel.set_tunnel(host, port or 443, headers)
    return tunnel
