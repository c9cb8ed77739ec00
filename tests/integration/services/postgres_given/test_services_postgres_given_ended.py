"""Whatever ends on a given PostgreSQL, server or session, leaves no database."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from urllib.parse import quote

import psutil
import pytest

from harness.errors import ServiceError
from harness.machine.guardian import Guardian
from harness.services.embedded.postgres import PostgresServer
from harness.services.given.postgres import GivenPostgres
from harness.services.postgres_own import PREFIX
from tests.integration.services.postgres_given.sharing import SECRET, databases, message, wait_until


def test_a_server_that_goes_away_is_told_of(cache):
    server = PostgresServer(cache=cache)
    server.start()
    service = GivenPostgres(server.url)
    service.start()
    database, password = service.database, service.password
    server.stop()
    for ask in (service.inventory, service.reset, lambda: service.execute("SELECT 1")):
        with pytest.raises(ServiceError, match="does not answer") as caught:
            ask()
        assert password not in message(caught.value)
    with pytest.raises(ServiceError, match="does not answer"):
        service.stop()
    service.stop()
    assert database.startswith(PREFIX)


SESSION = """
import sys, time
from harness.services.given.postgres import GivenPostgres
service = GivenPostgres(sys.stdin.readline().strip())
print("begin", flush=True)
service.start()
print(service.database, flush=True)
service.execute("CREATE TABLE t (a int)")
import psycopg2
connection = psycopg2.connect(service.url)
connection.cursor().execute("INSERT INTO t VALUES (1)")
print("ready", flush=True)
time.sleep(60)
"""


def session(url):
    process = subprocess.Popen(
        [sys.executable, "-c", SESSION], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    process.stdin.write(url + "\n")
    process.stdin.flush()
    assert process.stdout.readline() == "begin\n"
    return process


def test_a_killed_session_leaves_no_database_and_shows_no_password(shared, role):
    with session(role) as process:
        database = process.stdout.readline().strip()
        assert process.stdout.readline() == "ready\n"
        assert databases(shared) == [database]
        process.kill()
    commands = []

    def gone():
        found = psutil.process_iter(["cmdline"])
        commands.extend(" ".join(one.info["cmdline"] or ()) for one in found)
        return databases(shared) == []

    assert wait_until(gone)
    assert not [line for line in commands if SECRET in line or quote(SECRET, safe="") in line]


def test_wherever_it_is_killed_it_leaves_no_database(shared):
    moments = random.Random(3)
    for _ in range(8):
        with session(shared.url) as process:
            time.sleep(moments.uniform(0, 0.12))
            process.kill()
    assert wait_until(lambda: databases(shared) == [])
    # What is still being made is waited for by those who drop it.
    time.sleep(0.5)
    assert databases(shared) == []


def test_an_exception_at_the_start_leaves_nothing(shared, monkeypatch):
    monkeypatch.setattr(
        "harness.services.postgres.StatementLog", lambda *a, **k: (_ for _ in ()).throw(KeyError())
    )
    with Guardian() as guardian:
        with pytest.raises(KeyError):
            GivenPostgres(shared.url, guardian=guardian, log=shared.log).start()
        assert databases(shared) == []
