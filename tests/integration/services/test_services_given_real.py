"""A real Google Cloud project, played by a fake-gcs-server and our BigQuery stub."""

from __future__ import annotations

import contextlib
import json
import stat
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from google.api_core.exceptions import BadRequest, NotFound

from harness.errors import EnvironmentNotAbleError, InputError, MissingSinkError, ServiceError
from harness.machine.guardian import Guardian
from harness.services.bigquery import BigQueryStub
from harness.services.gcs_api import GcsApi
from harness.services.given import real_credentials, real_removal
from harness.services.given.real import BIGQUERY, GCS, RealProject, real_project
from harness.services.given.real_bigquery import RealBigQuery
from harness.services.given.real_credentials import SignIn, application_default
from harness.services.given.real_gcs import RealGcs
from harness.services.given.real_google import RealGoogle
from harness.services.protocol import Service

PROJECT = "my-real-project"


@pytest.fixture(scope="module")
def running_stub():
    stub = BigQueryStub(project=PROJECT)
    stub.start()
    yield stub
    stub.stop()


@pytest.fixture
def google(storage, running_stub):
    """Google, with what is somebody's and must stay: a bucket and a dataset."""
    running_stub.reset()
    with contextlib.closing(storage.client()) as client:
        client.create_bucket("precious").blob("kept.csv").upload_from_string("a\n1\n")
    with running_stub.client() as client:
        client.create_dataset("precious")
        client.query("CREATE TABLE precious.kept AS SELECT 1 AS a").result()
        yield client
        assert "precious" in datasets(client)
        assert [one.table_id for one in client.list_tables("precious")] == ["kept"]
    with contextlib.closing(storage.client()) as client:
        assert [blob.name for blob in client.bucket("precious").list_blobs()] == ["kept.csv"]


@pytest.fixture
def real(google, storage, running_stub):
    return real_project(
        PROJECT, sign_in=SignIn(), gcs=storage.endpoint, bigquery=running_stub.url, location="EU"
    )


@pytest.fixture
def guardian():
    with Guardian() as guardian:
        yield guardian


@pytest.fixture
def bucket(real, guardian):
    service = RealGcs(real, guardian=guardian)
    service.start()
    yield service
    service.stop()


@pytest.fixture
def dataset(real, guardian):
    service = RealBigQuery(real, guardian=guardian)
    service.start()
    yield service
    service.stop()


@pytest.fixture
def answering():
    """A server that gives one answer to everything, and remembers what it was asked."""
    state = {"status": 200, "body": {}, "asked": []}

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state["asked"].append((self.command, self.path, self.headers.get("Authorization")))
            body = json.dumps(state["body"]).encode()
            self.send_response(state["status"])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = do_PATCH = answer  # noqa: N815

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        state["url"] = f"http://127.0.0.1:{server.server_address[1]}"
        yield state
        server.shutdown()
        thread.join()


def refusal(status, message="no"):
    reason = {403: "accessDenied", 409: "duplicate"}.get(status, "backendError")
    error = {"code": status, "message": message, "errors": [{"reason": reason}]}
    return {"error": error}


def datasets(client):
    return sorted(one.dataset_id for one in client.list_datasets())


def commands(guardian):
    return [key for key in guardian._orders if key[0] == "command"]


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


# What is checked before anything is made.


@pytest.mark.parametrize(
    "typed", ["", "short", "My-Project", "1234567890", "a b c d", "-project", "p/../../x"]
)
def test_what_is_no_project_id_is_refused(typed, answering):
    with pytest.raises(InputError, match="is no id of a Google Cloud project"):
        real_project(typed, sign_in=SignIn(), bigquery=answering["url"])
    assert answering["asked"] == []


def test_credentials_of_another_project_are_refused_before_anything_is_asked(answering):
    sign_in = SignIn(project="my-other-project", account="me@my-other-project")
    with pytest.raises(
        InputError, match=r"not those of the project my-real-project(?s:.)*my-other"
    ):
        real_project(PROJECT, sign_in=sign_in, bigquery=answering["url"])
    assert answering["asked"] == []


@pytest.mark.parametrize("status", [403, 404])
def test_a_project_that_there_is_not_is_told_of(answering, status):
    answering["status"], answering["body"] = status, refusal(status, "no such project")
    with pytest.raises(InputError, match=r"my-real-project cannot be used(?s:.)*no such project"):
        real_project(PROJECT, sign_in=SignIn(), bigquery=answering["url"])
    path = f"/bigquery/v2/projects/{PROJECT}/datasets?maxResults=1"
    assert answering["asked"] == [("GET", path, None)]


def test_credentials_that_ran_out_are_told_of(answering):
    answering["status"] = 401
    with pytest.raises(EnvironmentNotAbleError, match="sign in anew"):
        real_project(PROJECT, sign_in=SignIn(), bigquery=answering["url"])


def test_no_way_to_google_is_told_of(unused_port):
    with pytest.raises(ServiceError, match="Google Cloud does not answer"):
        real_project(PROJECT, sign_in=SignIn(), bigquery=f"http://127.0.0.1:{unused_port}")


@pytest.fixture
def unused_port():
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return server.server_address[1]


# Credentials.


@pytest.fixture
def key(monkeypatch, tmp_path, cache):
    """A key file of a service account, named by the variable; its tokens come from this machine."""
    from harness.services.google import GoogleIdentity

    identity = GoogleIdentity(project=PROJECT, cache=cache)
    identity.start()
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(identity.key_file))
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    yield identity.key_file
    identity.stop()


def test_the_machines_credentials_are_found_and_sign_requests(key, answering):
    found = real_project(PROJECT, bigquery=answering["url"])
    assert found.sign_in.file == key
    assert found.sign_in.type == "service_account"
    assert found.sign_in.project == PROJECT
    assert answering["asked"][0][2].startswith("Bearer ya29.harness-")
    with pytest.raises(InputError, match="not those of the project my-real-projekt"):
        real_project("my-real-projekt", bigquery=answering["url"])


def test_a_variable_does_not_make_a_key_another_projects(key, answering, monkeypatch):
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "my-other-project")
    assert application_default().project == PROJECT
    with pytest.raises(InputError, match="they belong to my-real-project"):
        real_project("my-other-project", bigquery=answering["url"])


def test_signed_requests_reach_bucket_and_dataset(key, answering, guardian):
    real = real_project(PROJECT, gcs=answering["url"], bigquery=answering["url"])
    service = RealGcs(real, guardian=guardian)
    service.start()
    service.stop()
    dataset = RealBigQuery(real, guardian=guardian)
    answering["body"] = {"datasetReference": {"projectId": PROJECT, "datasetId": real.dataset}}
    dataset.start()
    dataset.stop()
    assert {one[2][:20] for one in answering["asked"]} == {"Bearer ya29.harness-"}
    assert len([one for one in answering["asked"] if one[0] == "DELETE"]) == 2


def test_without_credentials_it_says_how_to_sign_in(monkeypatch, tmp_path):
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    with pytest.raises(EnvironmentNotAbleError, match=r"(?s)no Google credentials.*gcloud auth"):
        application_default()
    file = tmp_path / "application_default_credentials.json"
    file.write_text("nonsense")
    with pytest.raises(EnvironmentNotAbleError, match="no Google credentials"):
        application_default()
    file.write_text('{"type": "unheard_of"}')
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    with pytest.raises(EnvironmentNotAbleError, match="cannot be used"):
        application_default()


def test_the_project_of_an_impersonated_account_is_in_its_name(monkeypatch, tmp_path):
    file = tmp_path / "adc.json"
    file.write_text('{"type": "external_account"}')
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))

    class Credentials:
        service_account_email = "ci@my-other-project.iam.gserviceaccount.com"

    monkeypatch.setattr("google.auth.default", lambda scopes: (Credentials(), PROJECT))
    assert application_default().project == "my-other-project"


def test_a_token_that_is_not_given_is_told_of(key, monkeypatch):
    sign_in = application_default()
    key.unlink()
    monkeypatch.setattr(sign_in.credentials, "_token_uri", "http://127.0.0.1:9/token")
    with pytest.raises(EnvironmentNotAbleError, match="credentials of this machine cannot be used"):
        sign_in.token()
    assert real_credentials.SCOPE.endswith("cloud-platform")


# Failures on the way.


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


# The end by force.

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
