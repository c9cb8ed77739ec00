"""What is checked of a real Google Cloud project and its credentials before anything is made."""

from __future__ import annotations

import socket

import pytest

from harness.errors import EnvironmentNotAbleError, InputError, ServiceError
from harness.services.given import real_credentials
from harness.services.given.real import real_project
from harness.services.given.real_bigquery import RealBigQuery
from harness.services.given.real_credentials import SignIn, application_default
from harness.services.given.real_gcs import RealGcs
from tests.integration.services.given_real.played import PROJECT, refusal


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
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


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
