"""Objects have the times of a clock; their contents come and go as they are."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests
from platformdirs import user_cache_path

from harness.clock.clock import Clock, offset_to
from harness.services.embedded.gcs import GcsServer

AT = datetime(2021, 2, 1, 5, tzinfo=UTC)
LATER = datetime(2021, 3, 1, 5, tzinfo=UTC)
SLACK = timedelta(minutes=5)
# In a process of its own, as a pipeline is: pyarrow keeps Python's lock while it waits.
ARROW = """
import sys
import pyarrow.fs as pafs
files = pafs.GcsFileSystem(anonymous=True, scheme="http", endpoint_override=sys.argv[1])
with files.open_output_stream("bucket/x.bin") as stream:
    stream.write(b"arrow" * 1000)
with files.open_input_file("bucket/x.bin") as file:
    print(file.read_at(5, 10).decode())
print(files.get_file_info("bucket/x.bin").mtime.isoformat())
"""
TELLING = b'{"timeCreated": "2026-11-23T06:33:52.705995Z"}'


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def gcs(clock):
    server = GcsServer(project="p", cache=user_cache_path("mage-harness"))
    server.start()
    clock.set(offset_to(AT))
    server.keep_time(clock)
    yield server
    server.stop()


@pytest.fixture
def bucket(gcs):
    client = gcs.client()
    yield client.create_bucket("bucket")
    client.close()


def near(found, at):
    return at <= found < at + SLACK


def test_an_object_and_its_bucket_are_made_by_the_clock(bucket):
    blob = bucket.blob("a/b.json")
    blob.upload_from_string(TELLING, content_type="application/json")
    blob.reload()

    assert near(bucket.time_created, AT)
    assert AT <= blob.time_created <= blob.updated < AT + SLACK
    assert [near(one.updated, AT) for one in bucket.list_blobs()] == [True]
    assert blob.download_as_bytes() == TELLING


def test_an_object_keeps_its_time_when_the_clock_is_set_again(bucket, clock, gcs):
    bucket.blob("first").upload_from_string(b"1")
    clock.set(offset_to(LATER))
    gcs.keep_time(clock)
    bucket.blob("second").upload_from_string(b"2")
    clock.set(0)
    gcs.keep_time(clock)
    bucket.blob("third").upload_from_string(b"3")

    first, second, third = (bucket.get_blob(name).updated for name in ("first", "second", "third"))

    assert near(first, AT)
    assert near(second, LATER)
    assert abs(third.timestamp() - time.time()) < SLACK.total_seconds()


def test_what_the_user_says_of_an_object_stays(bucket):
    blob = bucket.blob("a")
    blob.metadata = {"updated": "2026-11-23T06:33:52.705995Z"}
    blob.custom_time = datetime(2000, 1, 1, tzinfo=UTC)
    blob.upload_from_string(b"")

    found = bucket.get_blob("a")

    assert found.metadata == {"updated": "2026-11-23T06:33:52.705995Z"}
    assert found.custom_time == datetime(2000, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("size", [0, 1, 300_000, 20_000_000])
def test_contents_of_any_size_come_back(bucket, size):
    content = bytes(range(256)) * (size // 256 + 1)
    blob = bucket.blob("large", chunk_size=None if size < 10_000_000 else 5 * 2**20)
    blob.upload_from_file(io.BytesIO(content[:size]), size=size)

    assert near(bucket.get_blob("large").time_created, AT)
    assert bucket.blob("large").download_as_bytes() == content[:size]


def test_arrow_reads_and_writes_and_sees_the_time(gcs, bucket):
    told = subprocess.run(
        [sys.executable, "-c", ARROW, gcs.served_at.removeprefix("http://")],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )

    assert told.stderr == ""
    read, mtime = told.stdout.splitlines()
    assert read == "arrow"
    assert near(datetime.fromisoformat(mtime), AT)


def test_plain_http_has_the_time_in_its_headers(gcs, bucket):
    bucket.blob("x.gz").upload_from_string(gzip.compress(b"plain"))
    with requests.Session() as session:
        session.trust_env = False
        told = session.head(f"{gcs.served_at}/bucket/x.gz")
        listed = session.get(f"{gcs.served_at}/bucket/", params={"list-type": "2"})
        chunked = session.post(
            f"{gcs.served_at}/upload/storage/v1/b/bucket/o?uploadType=media&name=c",
            data=iter([b"in ", b"pieces"]),
        )

    assert "01 Feb 2021" in told.headers["Last-Modified"]
    assert "01 Feb 2021" in told.headers["Date"]
    assert "<LastModified>2021-02-01T05:0" in listed.text
    assert chunked.json()["timeCreated"].startswith("2021-02-01T05:0")
    assert bucket.blob("c").download_as_bytes() == b"in pieces"


def test_without_another_time_there_is_no_front():
    server = GcsServer(project="p", cache=user_cache_path("mage-harness"))
    server.start()
    try:
        before = server.served_at
        server.keep_time(Clock())
        assert server.served_at == before
    finally:
        server.stop()
