"""Which objects a request to Cloud Storage names, and what becomes of them. Bytes in, names out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from harness.gates.wire_http import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

Deed = Literal["object", "listing", "bucket", "written"]

_OBJECT = re.compile(
    r"^(?:/download)?(?:/storage/v1)?/b/(?P<bucket>[^/]+)(?:/o(?:/(?P<name>[^/]+))?)?(?:/.*)?$"
)
_UPLOAD = re.compile(r"^(?:/resumable)?/upload/storage/v1/b/(?P<bucket>[^/]+)/o")
_PLAIN = re.compile(r"^/(?P<bucket>[^/]+)/(?P<name>.+)$")
_NAMED = re.compile(rb'"name"\s*:\s*("(?:[^"\\]|\\.)*")')
_INNER = re.compile(rb"^(?P<method>GET|PATCH|DELETE|POST) (?P<target>/\S+)", re.MULTILINE)
_COPY = re.compile(r"/(?:rewriteTo|copyTo)/b/(?P<bucket>[^/]+)/o/(?P<name>[^/]+)")
_API = ("/_internal", "/batch", "/storage/", "/upload/", "/download/", "/resumable/", "/b/")
_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, kw_only=True)
class Named:
    """What a request names.

    Attributes:
        deed: Whether an ``object`` is asked for, the ``listing`` of some or the ``bucket`` itself,
            or whether an object is ``written``.
        bucket: The bucket's name.
        name: The object's name, or the beginning of those that are listed.
        delimiter: Of a listing: what ends the names of folders; None where it has none.
    """

    deed: Deed
    bucket: str
    name: str = ""
    delimiter: str | None = None


def named_by(request: Request) -> Iterator[Named]:
    """What a request names, in order; nothing where it is about neither bucket nor object.

    Args:
        request: The request.
    """
    parts = urlsplit(request.target)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if parts.path.startswith("/batch"):
        for inner in _INNER.finditer(request.body):
            method, target = inner["method"].decode(), inner["target"].decode()
            yield from named_by(Request(method=method, target=target))
    elif upload := _UPLOAD.match(parts.path):
        name = query.get("name", "")
        if not name and (told := _NAMED.search(request.body)):
            name = json.loads(told[1])
        yield Named(deed="written", bucket=unquote(upload["bucket"]), name=name)
    elif found := _OBJECT.match(parts.path):
        yield _asked(found, parts.path, query)
        if copy := _COPY.search(parts.path):
            yield Named(deed="written", bucket=unquote(copy["bucket"]), name=unquote(copy["name"]))
    elif (plain := _PLAIN.match(parts.path)) and not parts.path.startswith(_API):
        read = request.method in ("GET", "HEAD")
        yield Named(
            deed="object" if read else "written",
            bucket=unquote(plain["bucket"]),
            name=unquote(plain["name"]),
        )


def named_by_uri(uri: str) -> Named:
    """What a ``gs://`` URI names, which may have wildcards.

    Args:
        uri: The URI.
    """
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    if wild := _WILD.search(name):
        return Named(deed="listing", bucket=bucket, name=name[: wild.start()])
    return Named(deed="object", bucket=bucket, name=name)


def _asked(found: re.Match[str], path: str, query: dict[str, str]) -> Named:
    bucket, name = unquote(found["bucket"]), unquote(found["name"] or "")
    if name:
        return Named(deed="object", bucket=bucket, name=name)
    if path.rstrip("/").endswith("/o"):
        return Named(
            deed="listing",
            bucket=bucket,
            name=query.get("prefix", ""),
            delimiter=query.get("delimiter") or None,
        )
    return Named(deed="bucket", bucket=bucket)
