"""Cloud Storage by its address: a fake-gcs-server that somebody else runs, and uses."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from google.api_core.exceptions import NotFound

from harness.errors import InputError, MissingSinkError, ServiceError
from harness.services.given import lease
from harness.services.given.gcs import GivenGcs
from harness.services.given.gcs_mark import LEASE
from harness.services.protocol import Service


@pytest.fixture
def other(storage):
    """The client of who uses the server besides."""
    client = storage.client()
    bucket = client.create_bucket("theirs")
    bucket.blob("kept.csv").upload_from_string("a\n1\n")
    yield client
    client.close()


@pytest.fixture
def given(storage, other):
    service = GivenGcs(storage.endpoint, project=storage.project)
    service.start()
    yield service
    service.stop()


def names(client):
    return {
        f"{bucket.name}/{blob.name}"
        for bucket in client.list_buckets()
        for blob in bucket.list_blobs()
    }


def test_it_keeps_the_protocol_and_leads_pipelines_there(given, storage):
    assert isinstance(given, Service)
    assert given.environment() == storage.environment()
    assert given.values() == storage.values()
    assert given.values()["gcs_bucket"] == "mage-harness-bucket"
    assert given.overlay() == {}


def test_what_was_there_before_is_not_in_the_inventory_but_can_be_read(given):
    assert given.inventory() == []
    assert given.describe("theirs/kept.csv").rows == 1
    assert given.read("theirs/kept.csv").to_pylist() == [{"a": 1}]
    with pytest.raises(MissingSinkError):
        given.describe("theirs/lost.csv")


def test_reset_deletes_what_was_made_and_nothing_else(given, other):
    other.create_bucket("taxi").blob("new.csv").upload_from_string("a\n1\n2\n")
    other.bucket("theirs").blob("new.csv").upload_from_string("a\n1\n")
    assert [one.name for one in given.inventory()] == ["taxi/new.csv", "theirs/new.csv"]
    given.reset()
    assert given.inventory() == []
    assert given.buckets() == ["theirs"]
    assert names(other) == {"theirs/kept.csv", f"{LEASE}/owner.json"}


def test_the_end_deletes_what_was_made_and_gives_the_server_back(given, other):
    other.create_bucket("taxi")
    given.stop()
    given.stop()
    assert names(other) == {"theirs/kept.csv"}
    assert [bucket.name for bucket in other.list_buckets()] == ["theirs"]
    with pytest.raises(ServiceError, match="not running"):
        given.inventory()


def test_an_object_that_was_written_again_stays_and_is_told_of(given, other):
    other.bucket("theirs").blob("kept.csv").upload_from_string("a\n1\n2\n3\n")
    assert [(one.name, one.rows) for one in given.inventory()] == [("theirs/kept.csv", 3)]
    given.reset()
    assert other.bucket("theirs").blob("kept.csv").exists()
    assert any("gs://theirs/kept.csv was there before" in note for note in given.notes)


def test_without_a_log_it_says_what_it_cannot_see(given, other):
    with pytest.raises(NotFound):
        other.bucket("theirs").blob("nope").download_as_bytes()
    assert given.incidents(0) == ()
    assert [note for note in given.notes if "no log" in note]


def test_a_second_session_is_refused_and_leaves_the_first_alone(given, storage, other):
    other.create_bucket("taxi")
    second = GivenGcs(storage.endpoint, project=storage.project)
    with pytest.raises(ServiceError, match=f"another session uses(?s:.)*process {os.getpid()} on"):
        second.start()
    second.stop()
    assert storage.buckets() == [LEASE, "taxi", "theirs"]
    given.stop()
    second.start()
    second.stop()


def test_the_mark_of_a_dead_session_is_taken_over(storage, other, monkeypatch):
    monkeypatch.setattr(lease, "GRACE", 0.2)
    code = (
        "import os, sys\nfrom harness.services.given.gcs import GivenGcs\n"
        "GivenGcs(sys.argv[1], project='p').start()\nos.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, storage.endpoint], check=False, timeout=60)
    assert done.returncode == -9
    assert LEASE in storage.buckets()
    service = GivenGcs(storage.endpoint, project=storage.project)
    service.start()
    service.stop()
    assert storage.buckets() == ["theirs"]


SESSION = """
import os, sys
from google.auth.credentials import AnonymousCredentials
from harness.machine.guardian import Guardian
from harness.services.given.gcs import GivenGcs
service = GivenGcs(sys.argv[1], project="p", guardian=Guardian())
service.start()
client = service.client()
client.create_bucket("mine").blob("x").upload_from_string("x")
client.bucket("theirs").blob("new").upload_from_string("x")
os.kill(os.getpid(), 9)
"""


def test_the_guardian_deletes_what_a_killed_session_made(storage, other):
    before = {entry.name for entry in Path(tempfile.gettempdir()).glob("mage-harness-gcs-*")}
    command = [sys.executable, "-c", SESSION, storage.endpoint]
    assert subprocess.run(command, check=False, timeout=60).returncode == -9
    wait_until(lambda: storage.buckets() == ["theirs"])
    assert names(other) == {"theirs/kept.csv"}
    wait_until(
        lambda: (
            {one.name for one in Path(tempfile.gettempdir()).glob("mage-harness-gcs-*")} <= before
        )
    )


def test_the_next_session_waits_for_the_guardian_of_a_killed_one(storage, other):
    command = [sys.executable, "-c", SESSION, storage.endpoint]
    assert subprocess.run(command, check=False, timeout=60).returncode == -9
    service = GivenGcs(storage.endpoint, project="p")
    service.start()
    assert service.buckets() == ["theirs"]
    assert service._before.buckets == {"theirs"}
    service.stop()


def test_what_a_dead_session_left_to_do_does_not_touch_the_next_one(given, storage, other):
    other.create_bucket("taxi")
    will = {"before": {}, "lease": {"host": "h", "pid": 1, "token": "of a dead one"}}
    GivenGcs(storage.endpoint, project="p").carry_out(will)
    assert storage.buckets() == [LEASE, "taxi", "theirs"]


def wait_until(check, seconds=60.0):
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_the_mark_of_another_machine_is_respected(storage, other, monkeypatch):
    first = GivenGcs(storage.endpoint, project=storage.project)
    with monkeypatch.context() as patch:
        patch.setattr(lease.socket, "gethostname", lambda: "elsewhere")
        patch.setattr(lease.os, "getpid", lambda: 4_000_000)
        first.start()
    second = GivenGcs(storage.endpoint, project=storage.project)
    with pytest.raises(ServiceError, match="process 4000000 on elsewhere"):
        second.start()
    first.stop()


def test_a_server_that_went_away_is_told_of_at_the_end(cache):
    from harness.services.embedded.gcs import GcsServer

    server = GcsServer(project="p", cache=cache)
    server.start()
    service = GivenGcs(server.endpoint, project="p")
    service.start()
    server.stop()
    with pytest.raises(ServiceError, match="does not answer"):
        service.inventory()
    with pytest.raises(ServiceError, match="does not answer"):
        service.stop()
    service.stop()


def test_another_service_at_the_address_is_refused_and_nothing_is_made(tmp_path):
    from harness.services.bigquery import BigQueryStub

    stub = BigQueryStub(project="p")
    stub.start()
    try:
        with pytest.raises(ServiceError, match="is not a gcs service"):
            GivenGcs(stub.url, project="p").start()
        with pytest.raises(InputError, match="Google's own"):
            GivenGcs("https://storage.googleapis.com", project="p")
    finally:
        stub.stop()
