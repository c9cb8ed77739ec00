"""Where a file is that a library is given: the web, a bucket, or the machine itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.inspect.clients.call import Sighting, texts_of
from harness.inspect.values import Items, Text, Thing, Value, alternatives

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.inspect.clients.call import Call
    from harness.inspect.model import Access, Service

_URL = re.compile(r"(?i)(?:https?|ftp)://")
_BUCKETS: dict[str, Service] = {"gs": "gcs", "gcs": "gcs", "s3": "s3", "s3a": "s3", "s3n": "s3"}
_BUCKET = re.compile(r"(?i)(gs|gcs|s3|s3a|s3n)://")
_OTHER = re.compile(r"(?i)(abfss?|wasbs?|azure|az|hdfs|dbfs|sftp)://")
_LINK = re.compile(r"(?i)ur[li]|link|endpoint|address")
_FILESYSTEMS: tuple[tuple[str, Service], ...] = (
    ("gcs", "gcs"),
    ("gcsfilesystem", "gcs"),
    ("s3", "s3"),
    ("abfs", "other"),
    ("adlfs", "other"),
)


def located(
    call: Call, value: Value | None, access: Access, client: str, *, filesystem: Value | None = None
) -> Iterator[Sighting]:
    """What is read or written at a place.

    Args:
        call: The call.
        value: The place; several, where it is a list.
        access: Whether it is read or written.
        client: By which library.
        filesystem: The file system that the place is in, where one is given.
    """
    for one in alternatives(value) if value is not None else ():
        if isinstance(one, Items):
            for item in one.values:
                yield from located(call, item, access, client, filesystem=filesystem)
            continue
        for text in texts_of(one):
            yield of_place(text, access, client, service=_service(filesystem))


def of_place(text: Text, access: Access, client: str, *, service: Service = "") -> Sighting:
    """What a single place is.

    Args:
        text: The place as it is written.
        access: Whether it is read or written.
        client: By which library.
        service: The bucket's service, where the place does not say it.
    """
    start = text.parts[0] if isinstance(text.parts[0], str) else ""
    if _URL.match(start) or (not start and not service and _LINK.search(text.holes[0].name)):
        return Sighting(kind="url", name=text, access=access, client=client, service="http")
    bucket = _BUCKET.match(start)
    if bucket is not None:
        rest = Text(tuple(p for p in (start[bucket.end() :], *text.parts[1:]) if p) or ("",))
        found = _BUCKETS[bucket[1].lower()]
        return Sighting(kind="object", name=rest, access=access, client=client, service=found)
    if _OTHER.match(start):
        return Sighting(kind="object", name=text, access=access, client=client, service="other")
    if service:
        return Sighting(kind="object", name=text, access=access, client=client, service=service)
    return Sighting(kind="path", name=text, access=access, client=client, service="file")


def _service(filesystem: Value | None) -> Service:
    if not isinstance(filesystem, Thing):
        return ""
    path = filesystem.path.lower()
    return next((service for word, service in _FILESYSTEMS if word in path), "")
