"""A start that fails leaves no socket behind."""

from __future__ import annotations

import gc
import socket
import warnings

import pytest

from harness.bigquery import server as module
from harness.errors import EnvironmentNotAbleError, InputError
from harness.services.bigquery import BigQueryStub


@pytest.fixture
def listeners(monkeypatch):
    """The sockets that the server makes."""
    made = []

    class Kept(socket.socket):
        def __init__(self, *args):
            super().__init__(*args)
            made.append(self)

    monkeypatch.setattr(socket, "socket", Kept)
    return made


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def test_a_taken_port_closes_the_socket(listeners):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        listeners.clear()
        with pytest.raises(EnvironmentNotAbleError):
            BigQueryStub(project="p", port=port).start()
    assert [one.fileno() for one in listeners] == [-1]


@pytest.mark.parametrize("port", [1 << 16, -1])
def test_a_port_that_is_none_closes_the_socket(listeners, port):
    with pytest.raises(OverflowError):
        BigQueryStub(project="p", port=port).start()
    assert [one.fileno() for one in listeners] == [-1]


@pytest.mark.parametrize(
    "broken",
    [
        "harness.bigquery.jobs.jobs.JobStore",
        "uvicorn.Config",
        "harness.bigquery.database._connect",
    ],
)
def test_a_later_failure_closes_the_socket(listeners, monkeypatch, broken):
    port = free_port()
    listeners.clear()
    stub = BigQueryStub(project="p", port=port)
    with monkeypatch.context() as damage:
        damage.setattr(broken, lambda *_, **__: (_ for _ in ()).throw(MemoryError))
        with pytest.raises(MemoryError):
            stub.start()
    assert {one.fileno() for one in listeners} == {-1}
    assert stub.url == ""
    # The same stub starts on the same port afterwards.
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        gc.collect()
        stub.start()
    assert stub.url.endswith(f":{port}")
    stub.stop()


def test_a_thread_that_cannot_start_closes_the_socket(listeners, monkeypatch):
    class Never(module.threading.Thread):
        def start(self):
            if self.name == "bigquery-stub":
                raise RuntimeError("can't start new thread")
            super().start()

    monkeypatch.setattr(module.threading, "Thread", Never)
    stub = BigQueryStub(project="p")
    with pytest.raises(RuntimeError, match="new thread"):
        stub.start()
    assert [one.fileno() for one in listeners] == [-1]
    assert stub.url == ""


@pytest.mark.parametrize("host", ["::", "::1", "[::1]", "fe80::1%eth0"])
def test_an_address_of_ipv6_is_refused_by_name(listeners, host):
    with pytest.raises(InputError) as refused:
        module.BigQueryServer(bind=host).start()
    assert refused.value.symptom == f"the BigQuery stub cannot listen on {host}"
    assert listeners == []
