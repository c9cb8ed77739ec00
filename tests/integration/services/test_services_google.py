"""Google's sign-in with Google's own client library."""

from __future__ import annotations

import json
import stat
import urllib.error
import urllib.request
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from google.auth.transport.requests import Request
from google.oauth2 import service_account

from harness.errors import EnvironmentNotAbleError, MissingSinkError
from harness.services.google import GoogleIdentity
from harness.services.protocol import Service


@pytest.fixture
def identity(cache):
    service = GoogleIdentity(project="harness-project", cache=cache)
    service.start()
    yield service
    service.stop()


def test_googles_client_gets_a_token_with_the_key(identity):
    assert isinstance(identity, Service)
    path = identity.environment()["GOOGLE_APPLICATION_CREDENTIALS"]
    assert identity.overlay() == {"GOOGLE_SERVICE_ACC_KEY_FILEPATH": path}
    credentials = service_account.Credentials.from_service_account_file(
        path, scopes=["https://www.googleapis.com/auth/cloud-platform"]
    )
    assert credentials.project_id == "harness-project"
    credentials.refresh(Request())
    assert credentials.valid
    assert credentials.token.startswith("ya29.harness-")


def test_the_key_is_private_and_new_each_time(identity):
    first = json.loads(identity.key_file.read_text())
    assert stat.S_IMODE(identity.key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(identity.key_file.parent.stat().st_mode) == 0o700
    folder = identity.key_file.parent
    identity.stop()
    assert not folder.exists()
    identity.stop()
    identity.start()
    assert json.loads(identity.key_file.read_text())["private_key"] != first["private_key"]


def test_pipelines_elsewhere_get_an_address_and_a_folder_that_they_can_reach(cache, tmp_path):
    service = GoogleIdentity(project="p", cache=cache, host="127.0.0.2", parent=tmp_path)
    service.start()
    try:
        assert service.key_file.parent.parent == tmp_path
        assert json.loads(service.key_file.read_text())["token_uri"] == service.token_uri
        assert service.token_uri.startswith("http://127.0.0.2:")
        key_json = service.key_file.read_text()
        assert service.values() == {"key_file": str(service.key_file), "key_json": key_json}
        with urllib.request.urlopen(service.token_uri, b"grant_type=refresh_token") as answer:
            assert answer.status == 200
        with pytest.raises(OSError, match="refused"):
            urllib.request.urlopen(service.token_uri.replace("127.0.0.2", "127.0.0.1"), b"x")
    finally:
        service.stop()
    assert list(tmp_path.iterdir()) == []


def test_the_address_that_is_named_may_be_another_than_the_one_listened_on(cache):
    service = GoogleIdentity(
        project="p", cache=cache, host="host.docker.internal", bind="127.0.0.1"
    )
    service.start()
    try:
        named = urlsplit(service.token_uri)
        assert named.hostname == "host.docker.internal"
        with closing(HTTPConnection("127.0.0.1", named.port, timeout=10)) as connection:
            connection.request("POST", named.path, "grant_type=refresh_token")
            assert connection.getresponse().status == 200
    finally:
        service.stop()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/token", b"grant_type=password", 400),
        ("/token", b"", 400),
        ("/other", b"grant_type=refresh_token", 404),
    ],
)
def test_other_requests_are_refused(identity, path, body, status):
    url = identity.token_uri.replace("/token", path)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(url, data=body, method="POST"))
    caught.value.close()
    assert caught.value.code == status


@pytest.mark.parametrize(("length", "status"), [("ten", 400), ("-1", 400), ("99999999", 413)])
def test_a_length_that_cannot_be_is_refused_and_the_connection_ends(
    identity, capfd, length, status
):
    url = urlsplit(identity.token_uri)
    with closing(HTTPConnection(url.hostname, url.port, timeout=10)) as connection:
        connection.putrequest("POST", url.path)
        connection.putheader("Content-Length", length)
        connection.endheaders()
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())) == (status, {"error": "invalid_request"})
        assert answer.will_close or connection.sock.recv(1) == b""
    assert capfd.readouterr().err == ""


def test_it_holds_nothing(identity):
    identity.reset()
    assert list(identity.inventory()) == []
    assert list(identity.incidents(0)) == []
    for ask in (identity.describe, identity.read, identity.partitions):
        with pytest.raises(MissingSinkError):
            ask("x")


def test_a_taken_fixed_port_is_named(identity, cache):
    port = int(identity.token_uri.split(":")[2].split("/")[0])
    other = GoogleIdentity(project="p", cache=cache, port=port)
    with pytest.raises(EnvironmentNotAbleError, match=f"port {port}, set for google"):
        other.start()
