"""What fails on the way on a real Google Cloud project, and the end by force."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time

import pytest

from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.services.given import real_removal
from harness.services.given.real import RealProject
from harness.services.given.real_bigquery import RealBigQuery
from harness.services.given.real_credentials import SignIn
from harness.services.given.real_gcs import RealGcs
from tests.integration.services.given_real.played import PROJECT, commands, datasets, refusal


def at(answering, storage_url=None):
    return RealProject(
        project=PROJECT,
        sign_in=SignIn(),
        token="0" * 16,
        gcs=storage_url or answering["url"],
        bigquery=answering["url"],
    )


def test_a_dataset_that_may_not_be_made_is_told_of_and_nothing_is_removed(answering, guardian):
    answering["status"], answering["body"] = 403, refusal(403, "needs bigquery.datasets.create")
    service = RealBigQuery(at(answering), guardian=guardian)
    with pytest.raises(
        EnvironmentNotAbleError, match=r"(?s)no dataset can be made.*bigquery\.datasets\.create"
    ):
        service.start()
    service.stop()
    assert {one[0] for one in answering["asked"]} == {"POST"}
    assert commands(guardian) == []


def test_a_dataset_of_somebody_else_is_never_removed(real, google, guardian):
    google.create_dataset(real.dataset)
    service = RealBigQuery(real, guardian=guardian)
    with pytest.raises(ServiceError, match="there is a dataset named"):
        service.start()
    service.stop()
    assert real.dataset in datasets(google)
    assert commands(guardian) == []


def test_a_bucket_whose_name_is_taken_is_never_removed(real, storage, guardian):
    with contextlib.closing(storage.client()) as client:
        client.create_bucket(real.bucket)
    service = RealGcs(real, guardian=guardian)
    with pytest.raises(ServiceError, match=f"there is a bucket named {real.bucket} already"):
        service.start()
    service.stop()
    assert real.bucket in storage.buckets()
    assert commands(guardian) == []


def test_a_bucket_that_may_not_be_made_is_told_of(answering, guardian):
    answering["status"], answering["body"] = 403, refusal(403, "needs storage.buckets.create")
    service = RealGcs(at(answering), guardian=guardian)
    with pytest.raises(EnvironmentNotAbleError, match=r"(?s)no bucket.*storage\.buckets\.create"):
        service.start()
    assert commands(guardian) == []


def test_a_removal_that_fails_names_what_is_left_and_the_command(answering, guardian):
    real = at(answering)
    storage, dataset = RealGcs(real, guardian=guardian), RealBigQuery(real, guardian=guardian)
    storage.start()
    answering["body"] = {"datasetReference": {"projectId": PROJECT, "datasetId": real.dataset}}
    dataset.start()
    answering["status"], answering["body"] = 403, refusal(403, "a retention policy")
    left = f"gs://{real.bucket}"
    with pytest.raises(ServiceError) as caught:
        storage.stop()
    assert f"the bucket {left} is left in the project {PROJECT}" in str(caught.value)
    assert f"gcloud storage rm --recursive {left} --project {PROJECT}" in str(caught.value)
    with pytest.raises(ServiceError) as caught:
        dataset.stop()
    assert "a retention policy" in str(caught.value)
    assert f"bq rm -r -f -d {PROJECT}:{real.dataset}" in str(caught.value)
    # The guardian tries once more at its end.
    assert len(commands(guardian)) == 2
    answering["status"], answering["body"] = 200, {}
    storage.stop()
    dataset.stop()
    assert commands(guardian) == []


SESSION = """
import os, sys
from harness.machine.guardian import Guardian
from harness.services.given.real import RealProject
from harness.services.given.real_bigquery import RealBigQuery
from harness.services.given.real_credentials import SignIn
from harness.services.given.real_gcs import RealGcs
project, token, gcs, bigquery = sys.argv[1:]
real = RealProject(project=project, sign_in=SignIn(), token=token, gcs=gcs, bigquery=bigquery)
guardian = Guardian()
for service in (RealGcs(real, guardian=guardian), RealBigQuery(real, guardian=guardian)):
    service.start()
print("ready", flush=True)
sys.stdin.readline()
"""


def test_the_guardian_removes_both_when_the_harness_is_killed(real, storage, google):
    where = [PROJECT, real.token, real.gcs, real.bigquery]
    with subprocess.Popen(
        [sys.executable, "-c", SESSION, *where], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as session:
        assert session.stdout.readline() == b"ready\n"
        with contextlib.closing(storage.client()) as client:
            client.bucket(real.bucket).blob("x").upload_from_string("x")
        google.query(f"CREATE TABLE {real.dataset}.t AS SELECT 1 AS a").result()
        session.kill()
    until = time.monotonic() + 60
    while real.bucket in storage.buckets() or real.dataset in datasets(google):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_the_removal_takes_a_sessions_token_only(storage, google, capsys):
    for token in ("", "precious", "0" * 15, "0" * 17, "../precious0000000"):
        with pytest.raises(SystemExit):
            real_removal.main(["--project", PROJECT, "--token", token, "--bucket", "--anonymous"])
    assert "16 hexadecimal digits" in capsys.readouterr().err


def test_the_removal_finds_nothing_to_do_twice(real, monkeypatch):
    monkeypatch.setattr(real_removal, "_LATER", 0)
    command, _ = real.removal("--bucket", "--dataset")
    real_removal.main(command[command.index("--project") :])


def test_the_command_carries_what_leads_to_google_and_no_more(monkeypatch, tmp_path):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:1")
    monkeypatch.setenv("SECRET_OF_THE_SHELL", "x")
    mine = RealProject(project=PROJECT, sign_in=SignIn(file=tmp_path / "k"), token="0" * 16)
    command, environment = mine.removal("--bucket")
    assert "--anonymous" not in command
    assert environment["GOOGLE_APPLICATION_CREDENTIALS"] == str(tmp_path / "k")
    assert environment["HTTPS_PROXY"] == "http://proxy:1"
    assert "SECRET_OF_THE_SHELL" not in environment
