"""A Cloud Storage that pipelines read from: its objects come over when a request names them."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from harness.record.tabular import format_of, shrink
from harness.seeds.plant import plant
from harness.seeds.reader import KEEP, Seed
from harness.sources.limits import NotKeptError
from harness.sources.shelf import Kept
from harness.sources.wire_http import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from google.cloud import storage

    from harness.services.protocol import Sink
    from harness.services.stack import Stack
    from harness.sources.shelf import Shelf

SERVICE = "gcs"
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


@dataclass(kw_only=True)
class _Seen:
    """What is known of a bucket of the source.

    Attributes:
        bucket: Google's object; None where the source has none of that name.
        made: Whether the private one was made for it.
        taken: Objects that came over, or that are the pipeline's or the user's own.
    """

    bucket: storage.Bucket | None
    made: bool = False
    taken: set[str] = field(default_factory=set)


class GcsSource:
    """Fetches objects from a source into the private Cloud Storage; a context manager.

    Args:
        connect: Makes Google's client of the source.
        shown: The source as it may be shown.
        stack: The private services, running, with what they hold before the pipeline.
        shelf: Where files go.
    """

    def __init__(
        self, connect: Callable[[], storage.Client], *, shown: str, stack: Stack, shelf: Shelf
    ) -> None:
        self.shown = shown
        self._connect = connect
        self._stack = stack
        self._shelf = shelf
        self._closing = ExitStack()
        self._buckets: dict[str, _Seen] = {}
        self._kept: list[Kept] = []
        self._generations: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._client = self._closing.enter_context(closing(self._connect()))
        self._private = self._closing.enter_context(closing(self._stack.gcs.client()))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._shelf.lock:
            self._closing.close()

    def request(self, request: Request) -> None:
        """Fetch what a request names, before the service gets it.

        Args:
            request: The request.
        """
        parts = urlsplit(request.target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.startswith("/batch"):
            for inner in _INNER.finditer(request.body):
                method, target = inner["method"].decode(), inner["target"].decode()
                self.request(Request(method=method, target=target))
        elif upload := _UPLOAD.match(parts.path):
            self._upload(unquote(upload["bucket"]), query, request.body)
        elif found := _OBJECT.match(parts.path):
            bucket, name = unquote(found["bucket"]), unquote(found["name"] or "")
            if name:
                self.object(bucket, name)
            elif parts.path.rstrip("/").endswith("/o"):
                self._listing(bucket, query)
            else:
                with self._shelf.lock, self._shelf.fetching(f"the bucket {bucket}"):
                    self._bucket(bucket)
            if copy := _COPY.search(parts.path):
                self._upload(unquote(copy["bucket"]), {"name": unquote(copy["name"])}, b"")
        elif (plain := _PLAIN.match(parts.path)) and not parts.path.startswith(_API):
            bucket, name = unquote(plain["bucket"]), unquote(plain["name"])
            if request.method in ("GET", "HEAD"):
                self.object(bucket, name)
            else:
                self._upload(bucket, {"name": name}, b"")

    def uri(self, uri: str) -> None:
        """Fetch what a ``gs://`` URI names, which may have wildcards.

        Args:
            uri: The URI.
        """
        bucket, _, name = uri.removeprefix("gs://").partition("/")
        if wild := _WILD.search(name):
            self._listing(bucket, {"prefix": name[: wild.start()]})
        else:
            self.object(bucket, name)

    def object(self, bucket: str, name: str) -> None:
        """Fetch one object, if the source has it.

        Args:
            bucket: Its bucket.
            name: Its name.
        """
        with self._shelf.lock, self._shelf.fetching(f"the object gs://{bucket}/{name}"):
            seen = self._bucket(bucket)
            if seen.bucket is None or name in seen.taken:
                return
            blob = seen.bucket.get_blob(name)
            if blob is not None:
                self._fetch(seen, blob)

    def kept(self) -> Iterator[Kept]:
        """The objects that came over, and the buckets that were there, as seeds."""
        for name, seen in self._buckets.items():
            if seen.bucket is not None and seen.made:
                file = self._shelf.file(SERVICE, f"{name}/{KEEP}")
                file.touch()
                yield Kept(service=SERVICE, name=name, files=(f"{SERVICE}/{name}/{KEEP}",))
        yield from self._kept

    def settle(self) -> None:
        """Nothing: what came over was asked for."""

    def is_unchanged(self, sink: Sink) -> bool:
        """Whether an object, or all of a dataset, came over and has not been written since.

        Args:
            sink: What the private services hold.
        """
        if sink.service != SERVICE:
            return False
        bucket, _, prefix = sink.name.partition("/")
        found = {
            f"{bucket}/{blob.name}": str(blob.generation)
            for blob in self._private.list_blobs(bucket, prefix=prefix)
            if blob.name == prefix or prefix.endswith("/") or not prefix
        }
        return bool(found) and found.items() <= self._generations.items()

    def _upload(self, bucket: str, query: dict[str, str], body: bytes) -> None:
        """What the pipeline writes before it has looked is its own."""
        with self._shelf.lock, self._shelf.fetching(f"the bucket {bucket}"):
            name = query.get("name", "")
            if not name and (named := _NAMED.search(body)):
                name = json.loads(named[1])
            self._bucket(bucket).taken.add(name)

    def _listing(self, bucket: str, query: dict[str, str]) -> None:
        prefix = query.get("prefix", "")
        with self._shelf.lock, self._shelf.fetching(f"the objects gs://{bucket}/{prefix}*"):
            seen = self._bucket(bucket)
            if seen.bucket is None:
                return
            delimiter = query.get("delimiter") or None
            listed = self._client.list_blobs(bucket, prefix=prefix, delimiter=delimiter)
            blobs = list(listed)
            for folder in sorted(listed.prefixes):
                # A folder is seen by what is in it: one object will do.
                blobs += self._client.list_blobs(bucket, prefix=folder, max_results=1)
            found = [
                blob
                for blob in blobs
                if blob.name not in seen.taken
                and not self._shelf.limits.leaves_out(f"gs://{bucket}/{blob.name}")
            ]
            if self._shelf.limits.sample is None:
                self._must_fit(sum(blob.size or 0 for blob in found))
            for blob in found:
                self._fetch(seen, blob)

    def _bucket(self, name: str) -> _Seen:
        from google.api_core.exceptions import Forbidden  # noqa: PLC0415

        if name not in self._buckets:
            try:
                bucket = self._client.lookup_bucket(name)
            except Forbidden:
                # Who may read objects may not always see the bucket itself.
                bucket = self._client.bucket(name)
            self._buckets[name] = _Seen(bucket=bucket)
            if self._private.lookup_bucket(name) is not None:
                own = self._private.list_blobs(name)
                self._buckets[name].taken |= {blob.name for blob in own}
            elif bucket is not None:
                self._private.create_bucket(name)
                self._buckets[name].made = True
        return self._buckets[name]

    def _fetch(self, seen: _Seen, blob: storage.Blob) -> None:
        bucket, name = blob.bucket.name, blob.name
        seen.taken.add(name)
        if name.endswith("/") and not blob.size:
            # The sign of a folder; a seed makes its folders by itself.
            return
        if self._shelf.limits.leaves_out(f"gs://{bucket}/{name}"):
            return
        self._check_name(name)
        self._shelf.progress(f"fetching gs://{bucket}/{name}")
        sample = self._shelf.limits.sample
        self._shelf.limits.check_read(rows=0, size=blob.size or 0)
        # As it is stored: what is packed stays packed.
        body = blob.download_as_bytes(raw_download=True)
        facts: dict[str, Any] = {}
        form = format_of(name, blob.content_type or "", body) if sample is not None else None
        if sample is not None and form is not None:
            shrunk = shrink(body, format=form, count=sample)
            if shrunk is not None:
                body = shrunk.body
                facts |= {"rows": shrunk.rows, "of": shrunk.of}
        self._must_fit(len(body))
        file = self._shelf.file(SERVICE, f"{bucket}/{name}")
        file.write_bytes(body)
        stored = {
            "content_type": blob.content_type,
            "content_encoding": blob.content_encoding,
            "metadata": blob.metadata,
        }
        stored = {key: value for key, value in stored.items() if value}
        seed = Seed(service=SERVICE, name=f"{bucket}/{name}", kind="", file=file, stored=stored)
        plant([seed], self._stack)
        planted = self._private.bucket(bucket).get_blob(name)
        self._generations[seed.name] = str(planted.generation)
        if stored:
            facts["stored"] = stored
        files = (f"{SERVICE}/{seed.name}",)
        self._kept.append(Kept(service=SERVICE, name=seed.name, files=files, facts=facts))

    def _must_fit(self, size: int) -> None:
        self._shelf.limits.check(rows=0, size=size)

    def _check_name(self, name: str) -> None:
        parts = name.split("/")
        longest = max(len(part.encode()) for part in parts)
        if "" in parts or any(p.startswith(".") for p in parts) or longest > 255 or "\0" in name:  # noqa: PLR2004
            raise NotKeptError("its name cannot be a file's: leave it out with --without")
