"""Bucket and dataset of a session on a real Google Cloud project, which is played here."""

from __future__ import annotations

import contextlib
import stat
import time
from pathlib import Path

import pytest
from google.api_core.exceptions import BadRequest, NotFound

from harness.errors import MissingSinkError, ServiceError
from harness.services.gcs_api import GcsApi
from harness.services.given.real import BIGQUERY, GCS, RealProject
from harness.services.given.real_bigquery import RealBigQuery
from harness.services.given.real_credentials import SignIn
from harness.services.given.real_gcs import RealGcs
from harness.services.given.real_google import RealGoogle
from harness.services.protocol import Service
from tests.integration.services.given_real.played import PROJECT, commands, datasets


def test_they_keep_the_protocol(bucket, dataset, real, guardian, tmp_path):
    for service in (bucket, dataset, RealGoogle(real, parent=tmp_path, guardian=guardian)):
        assert isinstance(service, Service)


def test_the_names_are_the_sessions_own_and_reach_pipelines(bucket, dataset, real):
    assert real.bucket == f"mage-harness-{real.token}"
    assert real.dataset == f"mage_harness_{real.token}"
    assert bucket.values() == {"gcs_endpoint": real.gcs, "gcs_bucket": real.bucket}
    assert dataset.values() == {
        "bigquery_endpoint": real.bigquery,
        "bigquery_dataset": real.dataset,
    }


def test_bucket_and_dataset_are_made_and_removed_with_their_content(
    real, guardian, storage, google
):
    services = [RealGcs(real, guardian=guardian), RealBigQuery(real, guardian=guardian)]
    for service in services:
        service.start()
        service.start()
    assert storage.buckets() == [real.bucket, "precious"]
    found = google.get_dataset(real.dataset)
    assert found.labels == {"mage-harness": "throw-away"}
    assert found.default_table_expiration_ms == 24 * 60 * 60 * 1000
    assert found.location == "EU"
    with contextlib.closing(services[0].client()) as client:
        client.bucket(real.bucket).blob("a/b.csv").upload_from_string("a\n1\n")
    google.query(f"CREATE TABLE {real.dataset}.t AS SELECT 1 AS a").result()
    assert len(commands(guardian)) == 2
    for service in services:
        service.stop()
        service.stop()
    assert storage.buckets() == ["precious"]
    assert datasets(google) == ["precious"]
    assert commands(guardian) == []


def test_the_bucket_is_made_so_that_it_goes_by_itself(guardian, answering, monkeypatch):
    sent = []
    monkeypatch.setattr(
        GcsApi, "create_bucket", lambda self, name, **facts: sent.append((name, facts))
    )
    real = RealProject(project=PROJECT, sign_in=SignIn(), token="0" * 16, gcs=answering["url"])
    service = RealGcs(real, guardian=guardian)
    service.start()
    name, facts = sent[0]
    assert name == "mage-harness-" + "0" * 16
    assert facts["labels"] == {"mage-harness": "throw-away"}
    assert facts["lifecycle"] == {"rule": [{"action": {"type": "Delete"}, "condition": {"age": 1}}]}
    assert facts["iamConfiguration"]["publicAccessPrevention"] == "enforced"
    assert facts["location"] == "US"


def test_only_the_bucket_is_looked_at_and_emptied(bucket, real, storage):
    with contextlib.closing(storage.client()) as client:
        client.bucket(real.bucket).blob("x.csv").upload_from_string("a\n1\n2\n")
        assert [(one.name, one.rows) for one in bucket.inventory()] == [(f"{real.bucket}/x.csv", 2)]
        assert bucket.read(f"{real.bucket}/x.csv").num_rows == 2
        with pytest.raises(MissingSinkError):
            bucket.describe("precious/kept.csv")
        bucket.reset()
        assert bucket.inventory() == []
        assert bucket.incidents(0) == ()
        assert storage.buckets() == [real.bucket, "precious"]
        client.bucket(real.bucket).delete()
        bucket.reset()
        assert storage.buckets() == [real.bucket, "precious"]


def test_only_the_dataset_is_looked_at_and_emptied(dataset, real, google):
    google.query(f"CREATE TABLE {real.dataset}.t AS SELECT 1 AS a").result()
    assert [(one.name, one.rows) for one in dataset.inventory()] == [(f"{real.dataset}.t", 1)]
    assert dataset.read(f"{real.dataset}.t").to_pylist() == [{"a": 1}]
    with pytest.raises(MissingSinkError):
        dataset.describe("precious.kept")
    dataset.reset()
    assert dataset.inventory() == []
    assert google.get_dataset(real.dataset).labels == {"mage-harness": "throw-away"}
    google.delete_dataset(real.dataset)
    dataset.reset()
    assert dataset.inventory() == []


def test_failed_jobs_of_another_session_are_not_ours(dataset, real, google):
    since = time.time() - 1
    theirs = "mage_harness_" + "f" * 16
    for name in (real.dataset, theirs, "elsewhere"):
        with pytest.raises(NotFound):
            google.query(f"SELECT 1 FROM {name}.nope").result()
    with pytest.raises(BadRequest):
        google.query("SELECT nonsense").result()
    found = [one.detail for one in dataset.incidents(since)]
    assert found == [
        f"SELECT 1 FROM {real.dataset}.nope",
        "SELECT 1 FROM elsewhere.nope",
        "SELECT nonsense",
    ]


def test_pipelines_get_a_copy_of_the_credentials(real, guardian, tmp_path):
    key = tmp_path / "adc.json"
    key.write_text('{"type": "service_account"}')
    sign_in = SignIn(file=key, type="service_account", account="me@p.iam.gserviceaccount.com")
    mine = RealProject(project=PROJECT, sign_in=sign_in, token=real.token)
    service = RealGoogle(mine, parent=tmp_path, guardian=guardian)
    with pytest.raises(ServiceError, match="not running"):
        service.environment()
    service.start()
    copy = Path(service.environment()["GOOGLE_APPLICATION_CREDENTIALS"])
    assert copy.read_text() == key.read_text()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert copy.parent.parent == tmp_path
    assert service.environment()["GOOGLE_CLOUD_PROJECT"] == PROJECT
    assert service.overlay() == {"GOOGLE_SERVICE_ACC_KEY_FILEPATH": str(copy)}
    assert service.values() == {"key_file": str(copy)}
    assert "what they write outside" in service.notes[0]
    service.stop()
    service.stop()
    assert not copy.exists()
    assert key.exists()


def test_credentials_that_mage_cannot_take_are_told_of(real, guardian, tmp_path):
    sign_in = SignIn(type="authorized_user")
    mine = RealProject(project=PROJECT, sign_in=sign_in, token=real.token)
    service = RealGoogle(mine, parent=tmp_path, guardian=guardian)
    service.start()
    assert service.overlay() == {}
    assert any("io_config.yaml takes the key of a service account only" in n for n in service.notes)
    service.stop()


def test_google_itself_needs_no_address_and_its_hosts_are_named(guardian):
    mine = RealProject(project=PROJECT, sign_in=SignIn(), token="0" * 16)
    assert (mine.gcs, mine.bigquery) == (GCS, BIGQUERY)
    assert RealGcs(mine, guardian=guardian).environment() == {}
    assert RealBigQuery(mine, guardian=guardian).environment() == {}
    assert set(mine.doors) == {
        (f"{name}.googleapis.com", 443)
        for name in ("storage", "bigquery", "www", "oauth2", "sts", "iamcredentials")
    }
