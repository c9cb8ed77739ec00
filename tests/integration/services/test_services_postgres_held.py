"""What PostgreSQL holds is looked at anew when anybody may have written, and only then."""

from __future__ import annotations

import time
from contextlib import closing

import psycopg2
import pytest

from harness.services.embedded.postgres import PostgresServer
from harness.services.postgres_held import one_between


@pytest.fixture
def connections(running_postgres, monkeypatch):
    """The connections of the harness's own to the pipelines' database since a reset."""
    running_postgres.reset()
    access, made = running_postgres._up(), []
    real = access.connect

    def connect(login):
        made.append(login)
        return real(login)

    monkeypatch.setattr(access, "connect", connect)
    return made


def elsewhere(postgres, *statements):
    """Carry out statements as a pipeline does, each committed by itself."""
    with closing(psycopg2.connect(postgres.url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for statement in statements:
            cursor.execute(statement)


def shape(postgres):
    return [
        (one.name, one.rows, [part.name for part in one.columns]) for one in postgres.inventory()
    ]


def test_nothing_is_in_a_new_database_and_nobody_has_to_look(running_postgres, connections):
    assert running_postgres.inventory() == []
    assert connections == []
    elsewhere(running_postgres, "CREATE TABLE trips (n int)")
    assert shape(running_postgres) == [("public.trips", 0, ["n"])]


def test_what_is_unchanged_needs_no_connection(running_postgres, connections):
    elsewhere(running_postgres, "CREATE TABLE trips AS SELECT 1 AS n", "SELECT * FROM trips")
    first = running_postgres.inventory()
    elsewhere(running_postgres, "SELECT * FROM trips", "BEGIN", "SELECT 1", "COMMIT")
    assert running_postgres.inventory() == first
    assert len(connections) == 1
    first.clear()
    assert len(running_postgres.inventory()) == 1


@pytest.mark.parametrize(
    ("statement", "after"),
    [
        ("INSERT INTO trips VALUES (2)", [("public.trips", 2, ["n"])]),
        ("DELETE FROM trips", [("public.trips", 0, ["n"])]),
        ("TRUNCATE trips", [("public.trips", 0, ["n"])]),
        ("ALTER TABLE trips RENAME n TO m", [("public.trips", 1, ["m"])]),
        ("ALTER TABLE trips ADD COLUMN m int", [("public.trips", 1, ["n", "m"])]),
        ("ALTER TABLE trips RENAME TO rides", [("public.rides", 1, ["n"])]),
        ("DROP TABLE trips", []),
        ("CREATE SCHEMA s; ALTER TABLE trips SET SCHEMA s", [("s.trips", 1, ["n"])]),
    ],
)
def test_what_somebody_else_changed_is_seen(running_postgres, connections, statement, after):
    elsewhere(running_postgres, "CREATE TABLE trips AS SELECT 1 AS n")
    assert shape(running_postgres) == [("public.trips", 1, ["n"])]
    elsewhere(running_postgres, statement)
    assert shape(running_postgres) == after


@pytest.mark.parametrize(
    "statement", ["UPDATE trips SET n = n", "ALTER TABLE trips ALTER n TYPE text"]
)
def test_the_same_number_of_rows_may_be_others(running_postgres, connections, statement):
    elsewhere(running_postgres, "CREATE TABLE trips AS SELECT 1 AS n")
    before = running_postgres.inventory()
    elsewhere(running_postgres, statement)
    assert running_postgres.inventory() != before


def test_writes_that_are_committed_later_are_seen_then(running_postgres, connections):
    elsewhere(running_postgres, "CREATE TABLE trips (n int)")
    with (
        closing(psycopg2.connect(running_postgres.url)) as first,
        closing(psycopg2.connect(running_postgres.url)) as second,
    ):
        for number, one in enumerate((first, second)):
            one.cursor().execute("INSERT INTO trips VALUES (%s)", (number,))
        found = [shape(running_postgres)[0][1]]
        for one in (second, first):
            one.commit()
            found.append(shape(running_postgres)[0][1])
    assert found == [0, 1, 2]


def test_no_connection_of_the_harness_stays_in_the_database(running_postgres, connections):
    elsewhere(running_postgres, "CREATE TABLE trips (n int)")
    running_postgres.inventory()
    with closing(running_postgres._up().admin()) as admin, admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE copied TEMPLATE {running_postgres.database}")


def number(postgres):
    """What tells the pipelines' database from one that was made anew."""
    with postgres._up().standing().cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_database WHERE datname = %s", (postgres.database,))
        return cursor.fetchone()


def wait_to_be_alone(postgres, seconds=60.0):
    """Until the harness's standing session is the only one: others end a little after they close."""
    until = time.monotonic() + seconds
    asked = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    with postgres._up().standing().cursor() as cursor:
        cursor.execute(asked)
        while cursor.fetchone() != (1,):
            assert time.monotonic() < until, "a session stays"
            time.sleep(0.02)
            cursor.execute(asked)


def test_a_database_that_is_as_new_is_not_made_anew(running_postgres, connections):
    elsewhere(running_postgres, "SELECT 1", "SET search_path TO public")
    wait_to_be_alone(running_postgres)
    before = number(running_postgres)
    running_postgres.reset()
    assert number(running_postgres) == before
    assert running_postgres.inventory() == []


@pytest.mark.parametrize(
    ("statement", "trace"),
    [
        ("CREATE TABLE trips (n int)", "SELECT to_regclass('public.trips') IS NOT NULL"),
        ("CREATE SCHEMA s", "SELECT to_regnamespace('s') IS NOT NULL"),
        ("CREATE ROLE visitor", "SELECT to_regrole('visitor') IS NOT NULL"),
        (
            "CREATE DATABASE other",
            "SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'other')",
        ),
        ("ALTER ROLE mage SET search_path TO x", "SELECT current_setting('search_path') = 'x'"),
        ("ALTER DATABASE mage SET work_mem TO '1MB'", "SELECT current_setting('work_mem') = '1MB'"),
        ("CREATE SEQUENCE s", "SELECT to_regclass('public.s') IS NOT NULL"),
    ],
)
def test_whatever_was_written_is_gone_after_a_reset(
    running_postgres, connections, statement, trace
):
    def traced():
        return running_postgres.query(f"{trace} AS found").to_pylist() == [{"found": True}]

    elsewhere(running_postgres, statement)
    assert traced()
    wait_to_be_alone(running_postgres)
    running_postgres.reset()
    assert not traced()


def test_a_session_that_is_still_there_is_ended_by_a_reset(running_postgres, connections):
    with closing(psycopg2.connect(running_postgres.url)) as left, left.cursor() as cursor:
        cursor.execute("SELECT 1")
        running_postgres.reset()
        with pytest.raises(psycopg2.OperationalError):
            cursor.execute("SELECT 1")


def test_a_reset_beside_somebody_who_writes_takes_nothing_for_granted(
    running_postgres, connections, monkeypatch
):
    elsewhere(running_postgres, "CREATE TABLE trips (n int)")
    monkeypatch.setattr("harness.services.postgres_reset.one_between", lambda *_states: False)
    running_postgres.reset()
    assert running_postgres.inventory() == []
    assert len(connections) == 1


@pytest.mark.parametrize(
    ("before", "after", "only"),
    [
        ("7:7:", "8:8:", True),
        ("7:7:", "7:7:", False),
        ("7:7:", "9:9:", False),
        ("7:7:", "7:9:7", False),
        ("6:7:6", "8:8:", False),
        ("6:7:6", "6:8:6", False),
    ],
)
def test_one_transaction_between_two_states_is_told_from_others(before, after, only):
    assert one_between(before, after) is only


def test_a_server_that_was_started_again_is_emptied(cache):
    server = PostgresServer(cache=cache)
    for _ in range(2):
        server.start()
        try:
            elsewhere(server, "CREATE TABLE trips (n int)")
            wait_to_be_alone(server)
            server.reset()
            assert server.inventory() == []
        finally:
            server.stop()
