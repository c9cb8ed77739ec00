"""Which objects a request to Cloud Storage names."""

from __future__ import annotations

import pytest

from harness.gates.wire_http import Request
from harness.sources.gcs_names import Named, named_by, named_by_uri


def named(method, target, body=b""):
    return list(named_by(Request(method=method, target=target, body=body)))


def one(deed, name="", **more):
    return [Named(deed=deed, bucket="b", name=name, **more)]


@pytest.mark.parametrize(
    ("method", "target", "body", "found"),
    [
        ("GET", "/storage/v1/b/b/o/a%2Fx.csv?alt=media", b"", one("object", "a/x.csv")),
        ("GET", "/download/storage/v1/b/b/o/x.csv", b"", one("object", "x.csv")),
        ("GET", "/storage/v1/b/b", b"", one("bucket")),
        ("GET", "/storage/v1/b/b/o?prefix=a/", b"", one("listing", "a/")),
        (
            *("GET", "/storage/v1/b/b/o?prefix=a/&delimiter=/", b""),
            one("listing", "a/", delimiter="/"),
        ),
        ("POST", "/upload/storage/v1/b/b/o?name=a/x", b"", one("written", "a/x")),
        ("POST", "/resumable/upload/storage/v1/b/b/o", b'{"name": "x"}', one("written", "x")),
        ("PUT", "/storage/v1", b"", []),
        ("GET", "/_internal/config", b"", []),
        ("GET", "/", b"", []),
    ],
)
def test_what_a_request_names(method, target, body, found):
    assert named(method, target, body) == found


def test_a_plain_path_is_an_object_of_a_bucket():
    assert named("GET", "/lake/a/x.csv") == [Named(deed="object", bucket="lake", name="a/x.csv")]
    assert named("PUT", "/lake/a/x.csv") == [Named(deed="written", bucket="lake", name="a/x.csv")]


def test_a_copy_reads_one_and_writes_another():
    assert named("POST", "/storage/v1/b/b/o/x/rewriteTo/b/other/o/y") == [
        Named(deed="object", bucket="b", name="x"),
        Named(deed="written", bucket="other", name="y"),
    ]


def test_a_batch_names_what_its_parts_name():
    body = (
        b"--1\r\n\r\nGET /storage/v1/b/b/o/x HTTP/1.1\r\n--1\r\n\r\nDELETE /storage/v1/b/b/o/y\r\n"
    )
    assert named("POST", "/batch/storage/v1", body) == one("object", "x") + one("object", "y")


def test_a_uri_with_and_without_wildcards():
    assert named_by_uri("gs://b/a/x.csv") == one("object", "a/x.csv")[0]
    assert named_by_uri("gs://b/a/*.csv") == one("listing", "a/")[0]
