"""PostgreSQL by its URL: a database of the session's own, and nothing else touched."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import psycopg2
import pytest

from harness.services import postgres_drop
from tests.integration.services.postgres_given.sharing import (
    SECRET,
    admin,
    databases,
    fail,
    pipeline,
)


def test_two_sessions_on_one_server_never_meet(given, shared):
    one, two = given(log=shared.log), given(log=shared.log)
    assert one.database != two.database
    assert one.notes == two.notes == ()
    one.execute("CREATE TABLE t (a int)")
    two.execute("CREATE TABLE u (a int)")
    fail(one, "SELECT * FROM u")
    fail(two, "SELECT * FROM t")
    fail(shared, "SELECT * FROM neither")
    with pipeline(two) as lost:
        lost.cursor().execute("BEGIN; CREATE TABLE lost (a int)")
    assert [sink.name for sink in one.inventory()] == ["public.t"]
    assert [sink.name for sink in two.inventory()] == ["public.u"]
    assert [incident.detail for incident in one.incidents(0)] == ["SELECT * FROM u"]
    assert [incident.code for incident in two.incidents(0)] == [
        "postgres-error",
        "postgres-uncommitted",
    ]
    one.reset()
    assert (one.inventory(), one.incidents(0)) == ([], [])
    assert [sink.name for sink in two.inventory()] == ["public.u"]
    assert len(two.incidents(0)) == 2
    fail(one)
    assert len(one.incidents(0)) == 1
    one.stop()
    assert databases(shared) == [two.database]
    assert two.describe("public.u").rows == 0


def test_sessions_that_begin_and_are_emptied_at_once_do_not_wait_for_each_other(given, shared):
    def work(number):
        service = given(log=shared.log)
        for _ in range(3):
            service.execute(f"CREATE TABLE t{number} (a int)")
            fail(service, f"boom {number}")
            assert [sink.name for sink in service.inventory()] == [f"public.t{number}"]
            assert [one.detail for one in service.incidents(0)] == [f"boom {number}"]
            service.reset()
        service.stop()

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(work, number) for number in range(6)]:
            done.result()


def test_a_sessions_transaction_that_lasts_holds_no_other_up(given, shared):
    one, two = given(log=shared.log), given(log=shared.log)
    with pipeline(one) as busy:
        busy.cursor().execute("BEGIN; CREATE TABLE t (a int)")
        two.reset()
        assert not two._log.undecided()
        assert one._others() == 1
        assert two._others() == 0


def test_what_a_log_told_before_is_not_the_sessions(given, shared):
    fail(shared)
    size = shared.log.stat().st_size
    service = given(log=shared.log)
    service.reset()
    assert service.incidents(0) == []
    assert shared.log.stat().st_size > size


def test_a_log_that_its_owner_empties_is_read_on(given, shared):
    service = given(log=shared.log)
    fail(service)
    assert len(service.incidents(0)) == 1
    os.truncate(shared.log, 0)
    fail(service)
    assert len(service.incidents(0)) == 2


def test_without_a_log_nothing_is_told_and_that_is_said(given):
    service = given()
    assert len(service.notes) == 1
    assert "cannot be read" in service.notes[0]
    fail(service)
    assert service.incidents(0) == ()
    service.execute("CREATE TABLE t (a int)")
    service.reset()
    assert service.inventory() == []
    service.stop()
    assert service.notes == ()


def test_sessions_of_pipelines_are_ended_by_reset_and_by_the_end(given):
    service = given()
    for end in (service.reset, service.stop):
        with pipeline(service) as connection:
            end()
            with pytest.raises(psycopg2.OperationalError):
                connection.cursor().execute("SELECT 1")


@pytest.mark.parametrize("old", [False, True])
def test_a_database_is_dropped_however_it_is_used(given, monkeypatch, old):
    if old:
        monkeypatch.setattr(postgres_drop, "FORCE_SINCE", 10**9)
    service = given()
    with pipeline(service) as connection:
        cursor = connection.cursor()
        cursor.execute(f'ALTER DATABASE "{service.database}" IS_TEMPLATE true')
        cursor.execute("BEGIN; CREATE TABLE t (a int)")
        service.reset()
        assert service.inventory() == []
        with pytest.raises(psycopg2.OperationalError):
            cursor.execute("COMMIT")


def test_nothing_else_on_the_server_is_touched(given, shared):
    with admin(shared) as cursor:
        cursor.execute("CREATE DATABASE other")
        cursor.execute("CREATE ROLE somebody")
        try:
            service = given()
            service.reset()
            service.stop()
            cursor.execute("SELECT count(*) FROM pg_database WHERE datname IN ('other', 'mage')")
            assert cursor.fetchone() == (2,)
            cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = 'somebody'")
            assert cursor.fetchone() == (1,)
        finally:
            cursor.execute("DROP DATABASE other")
            cursor.execute("DROP ROLE somebody")


def test_a_user_who_may_only_make_databases_is_enough(role, given, shared):
    service = given(f"{role}?sslmode=prefer&application_name=x", log=shared.log)
    service.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
    assert service.read("public.t")["a"].to_pylist() == [1]
    environment = service.environment()
    assert environment["PGSSLMODE"] == "prefer"
    assert environment["POSTGRES_PASSWORD"] == SECRET
    assert environment["POSTGRES_DBNAME"] == service.database
    with pipeline(service) as connection:
        connection.cursor().execute("SELECT 1")
        service.reset()
    fail(service)
    assert len(service.incidents(0)) == 1
    assert service.query("SHOW timezone")["TimeZone"].to_pylist() == ["UTC"]


def test_the_password_may_come_from_a_variable(role, given, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", SECRET)
    service = given(role.replace(f":{quote(SECRET, safe='')}", ""))
    assert service.values()["postgres_password"] == SECRET
    service.execute("CREATE TABLE t (a int)")
