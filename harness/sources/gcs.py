"""A Cloud Storage that pipelines read from: its objects come over when a request names them."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from harness.record.tabular import format_of, shrink
from harness.seeds.plant import plant
from harness.seeds.reader import KEEP, Seed
from harness.sources.gcs_names import named_by, named_by_uri
from harness.sources.limits import NotKeptError
from harness.sources.shelf import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from google.cloud import storage

    from harness.gates.wire_http import Request
    from harness.services.protocol import Sink
    from harness.services.stack import Stack
    from harness.sources.gcs_names import Named
    from harness.sources.shelf import Shelf

SERVICE = "gcs"


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
        for named in named_by(request):
            self._named(named)

    def uri(self, uri: str) -> None:
        """Fetch what a ``gs://`` URI names, which may have wildcards.

        Args:
            uri: The URI.
        """
        self._named(named_by_uri(uri))

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

    def _named(self, named: Named) -> None:
        bucket, name = named.bucket, named.name
        what = {
            "object": f"object gs://{bucket}/{name}",
            "listing": f"objects gs://{bucket}/{name}*",
        }
        told = f"the {what.get(named.deed, f'bucket {bucket}')}"
        with self._shelf.lock, self._shelf.fetching(told):
            seen = self._bucket(bucket)
            if named.deed == "written":
                # What the pipeline writes before it has looked is its own.
                seen.taken.add(name)
            elif named.deed == "listing":
                self._listing(seen, named)
            elif named.deed == "object" and seen.bucket is not None and name not in seen.taken:
                blob = seen.bucket.get_blob(name)
                if blob is not None:
                    self._fetch(seen, blob)

    def _listing(self, seen: _Seen, named: Named) -> None:
        if seen.bucket is None:
            return
        bucket = named.bucket
        listed = self._client.list_blobs(bucket, prefix=named.name, delimiter=named.delimiter)
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
