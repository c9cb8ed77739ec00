"""PostgreSQL's clock: the server is started anew with it, and keeps what it holds."""

from __future__ import annotations

import socket
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest
from platformdirs import user_cache_path

from harness.clock.clock import Clock, offset_to
from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.services.embedded.postgres import PostgresServer

AT = datetime(2021, 2, 1, 5, tzinfo=UTC)
SLACK = timedelta(minutes=5)


@pytest.fixture
def postgres():
    server = PostgresServer(cache=user_cache_path("mage-harness"))
    server.start()
    yield server
    server.stop()


def asked(postgres, sql):
    with closing(psycopg2.connect(postgres.url)) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        rows = cursor.fetchall() if cursor.description else []
        connection.commit()
    return rows


def at(moment):
    clock = Clock()
    clock.set(offset_to(moment))
    return clock


def test_now_and_defaults_are_by_the_clock_and_rows_stay(postgres):
    asked(
        postgres, "CREATE TABLE t (a int, b timestamptz DEFAULT now(), c date DEFAULT CURRENT_DATE)"
    )
    asked(postgres, "INSERT INTO t (a) VALUES (1)")
    url = postgres.url
    postgres.keep_time(at(AT))
    asked(postgres, "INSERT INTO t (a) VALUES (2)")

    (_, real, _), (_, given, day) = asked(postgres, "SELECT * FROM t ORDER BY a")
    ((now, clock),) = asked(postgres, "SELECT CURRENT_TIMESTAMP, clock_timestamp()")

    assert abs(real.timestamp() - time.time()) < SLACK.total_seconds()
    assert AT <= given <= now <= clock < AT + SLACK
    assert day == AT.date()
    assert postgres.url == url


def test_the_real_time_comes_back_and_nothing_is_left_in_memory(postgres):
    before = set(Path("/dev/shm").glob("*faketime*"))
    postgres.keep_time(at(AT))
    postgres.keep_time(Clock())

    ((now,),) = asked(postgres, "SELECT now()")

    assert abs(now.timestamp() - time.time()) < SLACK.total_seconds()
    assert set(Path("/dev/shm").glob("*faketime*")) <= before


def test_what_goes_wrong_is_dated_by_the_real_time(postgres):
    held = psycopg2.connect(postgres.url)
    with held.cursor() as cursor:
        cursor.execute("SELECT 1")
    postgres.keep_time(at(AT))
    began = time.time()
    with pytest.raises(psycopg2.errors.DivisionByZero):
        asked(postgres, "SELECT 1/0")

    (incident,) = postgres.incidents(began - 0.01)
    held.close()

    assert "division by zero" in incident.message
    assert began - 0.01 <= incident.at <= time.time() + 0.01


def test_a_server_that_does_not_take_it_is_refused(postgres, monkeypatch, tmp_path):
    (tmp_path / "none.so").write_text("none")
    monkeypatch.setattr(
        "harness.services.embedded.postgres.library_in", lambda _: tmp_path / "none.so"
    )
    clock = at(AT)
    for _ in range(2):
        with pytest.raises(EnvironmentNotAbleError, match="does not take the time"):
            postgres.keep_time(clock)


def test_one_that_cannot_start_anew_says_so_until_it_can(postgres, monkeypatch):
    asked(postgres, "CREATE TABLE t AS SELECT 1 AS a")
    program, port = postgres.server, postgres.port
    end = program._end
    with socket.socket() as other:

        def taken(ending=None):
            if program._program is not None:
                end(ending)
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                other.bind(("127.0.0.1", port))
                other.listen()

        with monkeypatch.context() as patched:
            patched.setattr(program, "_end", taken)
            for clock in (at(AT), at(AT), Clock()):
                with pytest.raises(ServiceError, match="cannot be started anew") as error:
                    postgres.keep_time(clock)
                assert f"taken its port 127.0.0.1:{port}" in error.value.cause
                assert "[tool.mage-harness.ports]" in error.value.remedy
            with pytest.raises(ServiceError, match="is not running"):
                postgres.query("SELECT 1")
    postgres.keep_time(at(AT))

    assert asked(postgres, "SELECT a, now() < '2022-01-01' FROM t") == [(1, True)]


def test_waiting_takes_its_real_time(postgres):
    postgres.keep_time(at(AT))

    with pytest.raises(psycopg2.errors.QueryCanceled):
        asked(postgres, "SET statement_timeout = '100ms'; SELECT pg_sleep(60)")
