"""PostgreSQL by its URL: a database of the session's own, and nothing else touched."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import quote

import psutil
import psycopg2
import pytest

from harness.errors import EnvironmentNotAbleError, ServiceError, SettingsError
from harness.machine.guardian import Guardian
from harness.services import postgres_drop
from harness.services.embedded.postgres import PostgresServer
from harness.services.given import postgres
from harness.services.given.postgres import GivenPostgres
from harness.services.postgres_own import PREFIX

SECRET = "s3cr'et@/:%#? é"


@pytest.fixture(scope="module")
def shared(cache):
    """A server that the sessions share, and that its tests may spoil."""
    server = PostgresServer(cache=cache)
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def nothing_is_left(shared):
    yield
    assert databases(shared) == []


@pytest.fixture
def given(shared):
    made = []

    def make(url=None, **options):
        service = GivenPostgres(url or shared.url, **options)
        made.append(service)
        service.start()
        return service

    yield make
    for service in made:
        service.stop()


@pytest.fixture
def role(shared):
    """A user with few rights, whose name and password are hard to write down."""
    name = 'taxi "driver" / ü'
    with admin(shared) as cursor:
        cursor.execute('CREATE ROLE "taxi ""driver"" / ü" LOGIN CREATEDB PASSWORD %s', (SECRET,))
        yield url(shared, name, SECRET)
        cursor.execute('DROP ROLE "taxi ""driver"" / ü"')


def url(shared, user, password, database="postgres", port=None, query=""):
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return f"postgresql://{login}@127.0.0.1:{port or shared.port}/{database}{query}"


class admin:  # noqa: N801 - read as a sentence
    def __init__(self, shared):
        self.connection = psycopg2.connect(shared.url)
        self.connection.autocommit = True

    def __enter__(self):
        return self.connection.cursor()

    def __exit__(self, *error):
        self.connection.close()


def databases(shared):
    with admin(shared) as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'mage\\_harness\\_%'")
        return [name for (name,) in cursor.fetchall()]


def pipeline(service):
    connection = psycopg2.connect(service.url)
    connection.autocommit = True
    return closing(connection)


def fail(service, statement="boom"):
    with pipeline(service) as connection, pytest.raises(psycopg2.Error):
        connection.cursor().execute(statement)


def message(error):
    seen, text = error, ""
    while seen is not None:
        text += f"{seen} {seen!r}"
        seen = seen.__cause__
    return text


def wait_until(check, seconds=20.0):
    until = time.monotonic() + seconds
    while not check():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


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


def test_who_may_not_make_databases_is_told_what_to_ask_for(shared, role):
    with admin(shared) as cursor:
        cursor.execute('ALTER ROLE "taxi ""driver"" / ü" NOCREATEDB')
    with pytest.raises(EnvironmentNotAbleError, match="CREATEDB") as caught:
        GivenPostgres(role).start()
    assert SECRET not in message(caught.value)


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"password": f"wrong {SECRET}"}, SettingsError, "correct user and password"),
        ({"user": "nobody"}, SettingsError, "correct user and password"),
        ({"password": ""}, SettingsError, "PGPASSWORD"),
        ({"database": "nowhere"}, SettingsError, "correct the database"),
        ({"query": "?sslmode=require"}, ServiceError, "leave sslmode out"),
        ({"query": "?sslmode=nonsense"}, SettingsError, "correct sslmode"),
        ({"port": "closed"}, ServiceError, "start it, or correct host and port"),
    ],
)
def test_what_is_wrong_with_the_url_is_said_and_never_the_password(
    shared, role, change, kind, words, monkeypatch
):
    monkeypatch.delenv("PGPASSWORD", raising=False)
    if change.get("port") == "closed":
        change = {"port": closed_port()}
    at = url(shared, **({"user": 'taxi "driver" / ü', "password": SECRET} | change))
    with pytest.raises(kind, match=words) as caught:
        GivenPostgres(at).start()
    said = message(caught.value)
    assert SECRET not in said
    assert quote(SECRET, safe="") not in said


def test_a_host_that_is_not_known(shared):
    with pytest.raises(ServiceError, match="correct the host"):
        GivenPostgres(f"postgresql://u:{SECRET[:6]}@no-such-host.invalid/d").start()


@pytest.fixture
def access_rules(shared):
    file = shared.server._tenancy.folder / "data" / "pg_hba.conf"
    before = file.read_text()

    def loaded():
        with admin(shared) as cursor:
            cursor.execute("SELECT pg_conf_load_time()")
            return cursor.fetchone()

    def write(text):
        file.write_text(text)
        earlier = loaded()
        with admin(shared) as cursor:
            cursor.execute("SELECT pg_reload_conf()")
        # A new session has the time at which the server itself, who lets it in, read them.
        assert wait_until(lambda: loaded() != earlier)

    yield write
    write(before)


def test_who_is_not_let_into_the_new_database_is_told_so(shared, access_rules, role):
    access_rules("host mage,postgres all 127.0.0.1/32 scram-sha-256\n")
    with pytest.raises(EnvironmentNotAbleError, match="session's own database") as caught:
        GivenPostgres(role).start()
    assert "pg_hba.conf" in caught.value.remedy
    assert SECRET not in message(caught.value)


def test_who_is_not_let_in_at_all_is_told_so(shared, access_rules, role):
    access_rules("host all mage 127.0.0.1/32 scram-sha-256\n")
    with pytest.raises(ServiceError, match="pg_hba") as caught:
        GivenPostgres(role).start()
    assert SECRET not in message(caught.value)


def test_a_log_that_cannot_be_judged_is_refused(shared, tmp_path):
    with pytest.raises(EnvironmentNotAbleError, match="cannot be read: No such file"):
        GivenPostgres(shared.url, log=tmp_path / "none.json").start()
    with admin(shared) as cursor:
        cursor.execute("ALTER SYSTEM SET log_statement = 'ddl'")
        cursor.execute("SELECT pg_reload_conf()")
        try:
            assert wait_until(lambda: setting(shared, "log_statement") == "ddl")
            with pytest.raises(EnvironmentNotAbleError, match="log_statement is 'ddl'"):
                GivenPostgres(shared.url, log=shared.log).start()
        finally:
            cursor.execute("ALTER SYSTEM RESET log_statement")
            cursor.execute("SELECT pg_reload_conf()")
            assert wait_until(lambda: setting(shared, "log_statement") == "all")


def setting(shared, name):
    with admin(shared) as cursor:
        cursor.execute(f"SHOW {name}")
        return cursor.fetchone()[0]


def test_a_server_that_is_too_old_is_refused(shared, monkeypatch):
    monkeypatch.setattr(postgres, "_OLDEST", 990000)
    with pytest.raises(EnvironmentNotAbleError, match="its version is 16"):
        GivenPostgres(shared.url).start()


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
