"""Which of the requests that S3 refused went wrong, and which were questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.services.protocol import Incident

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_BROKEN = 500
_BENIGN = {
    412,  # a condition of the client's own, such as "if it is not there yet"
    416,  # readers find the end of an empty object by asking for what is behind it
}
_CONTENT = {"partNumber", "uploadId", "uploads", "versionId", "x-id", "delete"}
"""What may be asked with an object's content; other queries are about the object or the bucket."""
# An address that was signed carries the signature with it.
_SIGNED = ("X-Amz-", "AWSAccessKeyId", "Signature", "Expires", "response-")
# What clients raise for just this: boto3, and s3fs and pyarrow.
_RAISED = {
    "NoSuchKey": ("NoSuchKey", "FileNotFoundError"),
    "NoSuchBucket": ("NoSuchBucket", "FileNotFoundError"),
}


def incidents_of(failed: Iterable[Mapping[str, Any]], *, since: float) -> Sequence[Incident]:
    """What went wrong, in order of time.

    Questions whether a bucket or an object exists are no incident, whatever the answer.

    Args:
        failed: The requests that were refused, as the server's process tells them.
        since: Seconds since the epoch.
    """
    found = (_incident(one) for one in failed if one["at"] >= since and _went_wrong(one))
    return sorted(found, key=lambda one: one.at)


def _went_wrong(one: Mapping[str, Any]) -> bool:
    if one["status"] >= _BROKEN:
        return True
    if one["service"] != "s3" or one["status"] in _BENIGN or one["method"] == "HEAD":
        return False
    asked = {name for name in one["asked"] if not name.startswith(_SIGNED)}
    if not one["key"]:
        return one["method"] == "POST" and "delete" in asked
    return asked <= _CONTENT


def _incident(one: Mapping[str, Any]) -> Incident:
    if one["service"] != "s3":
        return Incident(
            at=one["at"],
            service="s3",
            code="s3-other-service",
            message=f"Amazon's {one['service']} is asked, and only S3 is played here",
            detail=one["service"],
        )
    code = f" {one['code']}" if one["code"] else ""
    detail = f"s3://{one['bucket']}/{one['key']}"
    if one["copied"]:
        detail = f"s3://{one['copied'].lstrip('/')} to {detail}"
    return Incident(
        at=one["at"],
        service="s3",
        code="s3-request-failed",
        message=f"{_doing(one['method'])} was answered with status {one['status']}{code}",
        detail=detail,
        raises=_RAISED.get(one["code"], ()),
    )


def _doing(method: str) -> str:
    words = {"GET": "a download", "PUT": "an upload", "POST": "an upload", "DELETE": "a deletion"}
    return f"{words.get(method, 'a request')} ({method})"
