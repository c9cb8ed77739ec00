"""The harness's own calls of Cloud Storage: by which way they go, and what failures say."""

from __future__ import annotations

import socket
import threading

import pytest

from harness.errors import ServiceError
from harness.services import gcs_api
from harness.services.gcs_api import GcsApi, RefusedError


@pytest.fixture
def answering():
    """A server that takes one request and gives back the bytes ``state["answer"]``."""
    state = {"answer": b"", "request": b""}
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _ = listener.accept()
            with connection:
                state["request"] = connection.recv(65536)
                connection.sendall(state["answer"])

        thread = threading.Thread(target=serve)
        thread.start()
        state["port"] = listener.getsockname()[1]
        yield state
        thread.join(60)


def test_https_goes_through_the_proxy_of_the_machine(answering, monkeypatch):
    proxy = f"http://me:s%40crt@127.0.0.1:{answering['port']}"
    monkeypatch.setattr(gcs_api, "getproxies", lambda: {"https": proxy})
    monkeypatch.setattr(gcs_api, "proxy_bypass", lambda host: host != "storage.googleapis.com")
    answering["answer"] = b"HTTP/1.1 403 Forbidden\r\n\r\n"
    with (
        GcsApi("https://storage.googleapis.com", project="p") as api,
        pytest.raises(ServiceError, match=r"does not answer(?s:.)*403"),
    ):
        api.buckets()
    head = answering["request"].decode().split("\r\n")
    assert head[0].startswith("CONNECT storage.googleapis.com:443 ")
    assert "Proxy-Authorization: Basic bWU6c0BjcnQ=" in head


def test_http_goes_straight_and_without_a_token(answering, monkeypatch):
    monkeypatch.setattr(gcs_api, "getproxies", lambda: {"http": "http://127.0.0.1:9"})
    answering["answer"] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    with GcsApi(f"http://127.0.0.1:{answering['port']}", project="p") as api:
        assert api.buckets() == []
    assert b"Authorization" not in answering["request"]


def test_a_token_signs_each_request(answering):
    answering["answer"] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    address = f"http://127.0.0.1:{answering['port']}"
    with GcsApi(address, project="p", token=lambda: "t0ken") as api:
        api.buckets()
    assert b"Authorization: Bearer t0ken\r\n" in answering["request"]


def test_a_refusal_has_its_status_and_what_was_said(answering):
    answering["answer"] = b"HTTP/1.1 409 Conflict\r\nContent-Length: 5\r\n\r\ntaken"
    with (
        GcsApi(f"http://127.0.0.1:{answering['port']}", project="p") as api,
        pytest.raises(RefusedError, match="taken") as caught,
    ):
        api.create_bucket("b")
    assert caught.value.status == 409
