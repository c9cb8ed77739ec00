"""Amazon's clients: boto3, awswrangler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.inspect.clients.call import Call, Sighting, product, rule
from harness.inspect.clients.places import located

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from harness.inspect.model import Access
    from harness.inspect.values import Text

_BOTO = r"boto3\.(?:(?:session\.)?Session\(\)\.)?"
_PLACES = {
    "upload_file": (1, 2),
    "upload_fileobj": (1, 2),
    "download_file": (0, 1),
    "download_fileobj": (0, 1),
}


@rule(
    rf"{_BOTO}client\(\)\.(?P<verb>upload_file|upload_fileobj|put_object|delete_object"
    rf"|copy_object|download_file|download_fileobj|get_object|head_object|list_objects(?:_v2)?)"
)
def _object(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    bucket, key = _PLACES.get(found["verb"], (None, None))
    yield from _objects(
        call.texts(bucket, "Bucket"), call.texts(key, "Key", "Prefix"), _access(found["verb"])
    )


@rule(
    rf"{_BOTO}resource\(\)\.Object\(\)\.(?P<verb>put|get|delete|upload_file|upload_fileobj"
    rf"|download_file|download_fileobj|load)"
)
def _resource(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    bucket, key = call.texts(0, "bucket_name", at=-2), call.texts(1, "key", at=-2)
    yield from _objects(bucket, key, _access(found["verb"]))


@rule(
    rf"{_BOTO}resource\(\)\.Bucket\(\)\.(?P<verb>upload_file|upload_fileobj|put_object"
    rf"|download_file|download_fileobj)"
)
def _bucket(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    place = _PLACES.get(found["verb"], (0, None))[0]
    key = call.texts(place, "Key")
    yield from _objects(call.texts(0, "name", at=-2), key, _access(found["verb"]))


@rule(rf"{_BOTO}(?:client|resource)")
def _client(call: Call, _: re.Match[str]) -> Iterator[Sighting]:
    for name in call.texts(0, "service_name"):
        s3 = name.shown == "s3"
        yield Sighting(
            kind="connection",
            name=name,
            access="opens",
            client="boto3",
            service="s3" if s3 else "other",
        )


@rule(r"awswrangler\.s3\.(?P<verb>(?:read|to)_\w+)")
def _wrangler(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    access: Access = "reads" if found["verb"].startswith("read") else "writes"
    place = call.value(0 if access == "reads" else 1, "path")
    yield from located(call, place, access, "awswrangler")


AWS = (_object, _resource, _bucket, _client, _wrangler)


def _access(verb: str) -> Access:
    return "writes" if verb.startswith(("upload", "put", "delete", "copy")) else "reads"


def _objects(bucket: list[Text], key: list[Text], access: Access) -> Iterator[Sighting]:
    for name in product(bucket, key, by="/"):
        yield Sighting(kind="object", name=name, access=access, client="boto3", service="s3")
