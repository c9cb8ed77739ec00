"""A Google Cloud that consists of canned answers, and a key that opens nothing."""

from __future__ import annotations

import json
import re
import threading

import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PROJECT = "some-project"
TOKEN_URI = "https://tokens.test/token"


@pytest.fixture(scope="session")
def private_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


@pytest.fixture
def key_path(tmp_path, private_key):
    path = tmp_path / "key.json"
    path.touch(mode=0o600)
    path.write_text(
        json.dumps(
            {
                "type": "service_account",
                "project_id": "the-project-of-the-key",
                "private_key_id": "1",
                "private_key": private_key,
                "client_email": "tester@some-project.iam.gserviceaccount.com",
                "client_id": "1",
                "token_uri": TOKEN_URI,
            }
        )
    )
    return path


@pytest.fixture
def config(key_path):
    """A profile of io_config.yaml."""
    return {"GOOGLE_SERVICE_ACC_KEY_FILEPATH": str(key_path), "GOOGLE_LOCATION": "EU"}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("GCP_PROJECT", PROJECT)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    for name in (
        "STORAGE_EMULATOR_HOST",
        "BIGQUERY_EMULATOR_HOST",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_CLOUD_PROJECT",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def google():
    """Canned answers; a request that none of them is for fails."""
    before = set(threading.enumerate())
    with responses.RequestsMock(assert_all_requests_are_fired=False) as answers:
        answers.post(
            TOKEN_URI, json={"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}
        )
        answers.get(
            re.compile(r"https://iamcredentials\.googleapis\.com/.*/allowedLocations"),
            json={"locations": [], "encodedLocations": "0x0"},
        )
        yield answers
        # google-auth asks for the locations in a thread, which must not outlive the answers.
        for thread in set(threading.enumerate()) - before:
            thread.join(timeout=60)


@pytest.fixture
def asked(google):
    """The methods of the requests to Cloud Storage and BigQuery, in order."""

    def methods():
        apis = ("https://storage.googleapis.com/", "https://bigquery.googleapis.com/")
        return [call.request.method for call in google.calls if call.request.url.startswith(apis)]

    return methods
