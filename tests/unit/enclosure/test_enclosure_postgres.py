"""The door to the private PostgreSQL: any user is let in, by whatever way the server asks."""

from __future__ import annotations

import hashlib
import socket
import struct
import subprocess
import sys
import threading
from contextlib import closing, suppress

import psycopg2
import pytest
from psycopg2.extensions import connection as libpq

from harness.enclosure.wall import postgres, relay
from harness.services.embedded.postgres import PostgresServer

CANCELS = """
import sys, threading, psycopg2
connection = psycopg2.connect(sys.argv[1])
threading.Timer(0.3, connection.cancel).start()
connection.cursor().execute("SELECT pg_sleep(600)")
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    service = PostgresServer(cache=tmp_path_factory.mktemp("cache"))
    service.start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def door(server):
    login = postgres.login_of(server.url)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(
            target=relay.serve,
            args=(listening, lambda near: postgres.lead(near, login)),
            daemon=True,
        ).start()
        yield listening.getsockname()[1]


def one(dsn: str, sql: str):
    with closing(libpq(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


@pytest.mark.parametrize("more", ["", "sslmode=prefer password=x", "dbname=ny_taxi"])
def test_any_user_and_database_is_the_pipelines(door, server, more):
    dsn = f"host=127.0.0.1 port={door} user=root {more}"
    assert one(dsn, "SELECT current_user, current_database()") == (server.user, server.database)


def test_what_a_client_wishes_besides_is_kept(door):
    dsn = f"host=127.0.0.1 port={door} user=root application_name=mine options='-c search_path=a'"
    found = one(dsn, "SELECT current_setting('application_name'), current_setting('search_path')")
    assert found == ("mine", "a")


def test_who_knows_the_user_signs_in_itself_wherever(door, server):
    known = f"host=127.0.0.1 port={door} user={server.user}"
    found = one(f"{known} password={server.password} dbname=postgres", "SELECT current_database()")
    assert found == ("postgres",)
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        libpq(f"{known} password=wrong dbname=postgres")


def test_a_statement_is_cancelled(door):
    # In a process of its own: psycopg2 keeps Python's lock while it waits for the door.
    done = subprocess.run(
        [sys.executable, "-c", CANCELS, f"host=127.0.0.1 port={door} user=root"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "QueryCanceled" in done.stderr


@pytest.mark.parametrize("content", [b"GET / HTTP/1.1\r\n\r\n", struct.pack("!II", 8, 1)])
def test_what_speaks_something_else_is_closed(door, content):
    with (
        socket.create_connection(("127.0.0.1", door), timeout=10) as client,
        suppress(ConnectionResetError),
    ):
        client.sendall(content)
        assert client.recv(1) == b""


@pytest.mark.parametrize("method", ["password", "md5"])
def test_a_server_that_asks_otherwise(method):
    """A server that plays: the password as it is, or as MD5 has it."""
    login = postgres.Login("127.0.0.1", 0, "mage", "secret", "mage")
    near, client = socket.socketpair()
    with socket.create_server(("127.0.0.1", 0)) as listening, near, client:
        login = login._replace(port=listening.getsockname()[1])
        threading.Thread(target=postgres.lead, args=(near, login), daemon=True).start()
        client.sendall(struct.pack("!II", 9, 196608) + b"\0")
        far, _ = listening.accept()
        with far:
            far.recv(1024)
            code, salt = (3, b"") if method == "password" else (5, b"salt")
            far.sendall(b"R" + struct.pack("!II", 8 + len(salt), code) + salt)
            answer = far.recv(1024)
            far.sendall(b"R" + struct.pack("!II", 8, 0))
            assert client.recv(9) == b"R" + struct.pack("!II", 8, 0)
    inner = hashlib.md5(b"secretmage").hexdigest().encode()
    hashed = b"md5" + hashlib.md5(inner + salt).hexdigest().encode()
    assert answer[:1] == b"p"
    assert answer[5:-1] == (b"secret" if method == "password" else hashed)
