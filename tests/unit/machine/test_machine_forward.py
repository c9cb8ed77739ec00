"""Forwarding is byte for byte, both ways, and nothing of it is left."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from harness.errors import EnvironmentNotAbleError
from harness.machine.forward import Forwarder

HOST = "127.0.0.1"


@contextmanager
def server(serve):
    """A server that gives each connection to a function, in a thread."""
    threads = []
    with socket.create_server((HOST, 0), backlog=256) as listener:

        def accept():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                thread = threading.Thread(target=handle, args=(connection,))
                thread.start()
                threads.append(thread)

        def handle(connection):
            with connection:
                serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        yield listener.getsockname()[:2]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    for one in threads:
        one.join(60)
        assert not one.is_alive()


@contextmanager
def forwarded(serve):
    """A connection to such a server, through a forwarder."""
    with (
        server(serve) as to,
        Forwarder(listen=(HOST, 0), to=to) as forwarder,
        socket.create_connection((forwarder.host, forwarder.port), timeout=10) as connection,
    ):
        assert forwarder.port not in {0, to[1]}
        yield connection


def echo(connection):
    while piece := connection.recv(65536):
        connection.sendall(piece)


def collect(connection):
    """All that comes, then how much it was."""
    count = 0
    while piece := connection.recv(65536):
        count += len(piece)
    connection.sendall(str(count).encode())


def all_of(connection):
    parts = []
    while piece := connection.recv(65536):
        parts.append(piece)
    return b"".join(parts)


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def test_both_ways():
    with forwarded(echo) as connection:
        for text in (b"one", b"two"):
            connection.sendall(text)
            assert connection.recv(10) == text


def test_the_end_of_one_way_leaves_the_other_open():
    content = os.urandom(3_000_000)
    with forwarded(collect) as connection:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)
        assert all_of(connection) == b"3000000"


def test_a_slow_reader_loses_nothing():
    content = os.urandom(20_000_000)

    def give(connection):
        connection.sendall(content)

    with forwarded(give) as connection:
        got = connection.recv(1)
        threading.Event().wait(0.1)
        assert got + all_of(connection) == content


def test_many_connections_at_once_and_no_leak():
    with server(echo) as to, Forwarder(listen=(HOST, 0), to=to) as forwarder:
        before = open_files()
        connections = [socket.create_connection((HOST, forwarder.port)) for _ in range(100)]
        for number, connection in enumerate(connections):
            connection.settimeout(60)
            connection.sendall(str(number).encode())
        for number, connection in enumerate(connections):
            assert connection.recv(10) == str(number).encode()
            connection.close()
        until = time.monotonic() + 60
        while open_files() > before and time.monotonic() < until:
            threading.Event().wait(0.02)
        assert open_files() <= before


def test_a_client_that_breaks_off_ends_the_other_side():
    ended = threading.Event()

    def wait(connection):
        with suppress(OSError):
            connection.recv(1)
        ended.set()

    with server(wait) as to, Forwarder(listen=(HOST, 0), to=to) as forwarder:
        connection = socket.create_connection((HOST, forwarder.port))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
        assert ended.wait(60)


def _to(forwarder):
    return socket.create_connection((HOST, forwarder.port), timeout=30)


def test_nobody_there_closes_the_connection_and_a_later_one_works():
    probe = socket.socket()
    probe.bind((HOST, 0))
    to = probe.getsockname()
    with Forwarder(listen=(HOST, 0), to=to) as forwarder:
        with probe, closing(_to(forwarder)) as connection:
            assert connection.recv(1) == b""
        with socket.create_server(to) as listener, closing(_to(forwarder)):
            listener.settimeout(60)
            listener.accept()[0].close()


def test_a_name_that_leads_nowhere_closes_the_connection():
    with (
        Forwarder(listen=(HOST, 0), to=("no-such-host.invalid", 1)) as forwarder,
        closing(_to(forwarder)) as connection,
    ):
        assert connection.recv(1) == b""


def test_stop_closes_all_and_the_port_can_be_had_again():
    before = set(threading.enumerate())
    with server(echo) as to:
        forwarder = Forwarder(listen=(HOST, 0), to=to)
        forwarder.start()
        forwarder.start()
        port = forwarder.port
        with closing(socket.create_connection((HOST, port))) as connection:
            connection.settimeout(60)
            connection.sendall(b"x")
            assert connection.recv(1) == b"x"
            forwarder.stop()
            forwarder.stop()
            assert connection.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, port))
        forwarder.start()
        assert forwarder.port == port
        forwarder.stop()
    begun = set(threading.enumerate()) - before
    assert not [thread for thread in begun if thread.name == "forwarder"]


def test_stop_before_start_does_nothing():
    Forwarder(listen=(HOST, 0), to=(HOST, 1)).stop()


def test_a_port_that_is_taken():
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(EnvironmentNotAbleError, match=f"{HOST}:{port}") as caught:
            Forwarder(listen=(HOST, port), to=("db.example", 5432)).start()
    assert "another process listens there" in caught.value.cause
    assert "db.example:5432" in "\n".join(caught.value.evidence)


def test_an_address_that_is_not_of_this_machine():
    with pytest.raises(EnvironmentNotAbleError, match=r"192\.0\.2\.1"):
        Forwarder(listen=("192.0.2.1", 0), to=(HOST, 1)).start()
