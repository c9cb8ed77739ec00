"""The address of a service that is there already: what is taken, and what each failure says."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.errors import InputError, ServiceError
from harness.services.given.endpoint import ask, endpoint


@pytest.fixture
def server():
    """A server of one answer: ``answers["status"]`` and ``answers["body"]``."""
    answers = {"status": 200, "body": b"{}"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(answers["status"])
            self.end_headers()
            self.wfile.write(answers["body"])

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        answers["url"] = f"http://127.0.0.1:{running.server_address[1]}"
        yield answers
        running.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("http://localhost:4443", "http://localhost:4443"),
        ("http://localhost:4443/", "http://localhost:4443"),
        ("HTTPS://Gcs.example.org", "https://gcs.example.org"),
        ("http://[::1]:9050", "http://[::1]:9050"),
    ],
)
def test_an_address_is_taken_in_its_plain_form(text, plain):
    assert endpoint(text, service="gcs") == plain


@pytest.mark.parametrize(
    "text",
    [
        *("localhost:4443", "localhost", "", "ftp://localhost", "http://", "http://localhost:x"),
        *("http://localhost:0", "http://localhost:99999", "http://localhost/b", "http://h?x=1"),
        *("http://user:secret@localhost:1", "http://[::1", "http://[x]:1"),
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(InputError, match="no address of a gcs service"):
        endpoint(text, service="gcs")


@pytest.mark.parametrize("password", ["secret", "se@cret", "se/cret"])
def test_a_password_is_not_shown(password):
    with pytest.raises(InputError, match=r"\*\*\*@host:1") as caught:
        endpoint(f"http://user:{password}@host:1", service="gcs")
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "https://storage.googleapis.com",
        "https://googleapis.com",
        "http://BigQuery.googleapis.com:80",
        "https://storage.cloud.google.com",
    ],
)
def test_google_itself_is_refused(text):
    with pytest.raises(InputError, match=r"Google's own service(?s:.)*--real-google PROJECT"):
        endpoint(text, service="gcs")


def test_what_only_looks_like_google_is_taken():
    assert endpoint("http://googleapis.com.example.org", service="gcs")


def test_an_answer_is_understood(server):
    server["body"] = b'{"kind": "storage#buckets"}'
    assert ask(server["url"], "/x", service="gcs") == {"kind": "storage#buckets"}


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'"text"', b"\xff"])
def test_another_server_is_told_of(server, body):
    server["body"] = body
    with pytest.raises(ServiceError, match="is not a gcs service that can be used"):
        ask(server["url"], "/x", service="gcs")


def test_what_it_says_against_it_is_told(server):
    server["status"] = 404
    server["body"] = b'{"error": {"message": "project p is not found"}}'
    with pytest.raises(ServiceError, match=r"cause: +project p is not found"):
        ask(server["url"], "/x", service="bigquery")


@pytest.mark.parametrize("status", [401, 403])
def test_a_server_that_wants_credentials_is_told_of(server, status):
    server["status"] = status
    with pytest.raises(ServiceError, match="wants credentials"):
        ask(server["url"], "/x", service="gcs")


def test_plain_http_to_an_https_server_is_told_of(server):
    server["status"] = 400
    server["body"] = b"Client sent an HTTP request to an HTTPS server.\n"
    with pytest.raises(ServiceError, match=r"speaks HTTPS(?s:.)*write https://"):
        ask(server["url"], "/x", service="gcs")


def test_https_to_a_plain_server_is_told_of(server):
    with pytest.raises(ServiceError, match=r"does not speak HTTPS(?s:.)*write http://"):
        ask(server["url"].replace("http:", "https:"), "/x", service="gcs")


def test_nobody_there_is_told_of():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        with pytest.raises(ServiceError, match=f"nothing listens on port {port}"):
            ask(f"http://127.0.0.1:{port}", "/x", service="gcs")


def test_an_unknown_host_is_told_of(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ServiceError, match=r"there is no host named nowhere\.example"):
        ask("http://nowhere.example:1", "/x", service="gcs")
