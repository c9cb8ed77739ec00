"""What is wrong with a given PostgreSQL is said, and never its password."""

from __future__ import annotations

import socket
from urllib.parse import quote

import pytest

from harness.errors import EnvironmentNotAbleError, ServiceError, SettingsError
from harness.services.given import postgres
from harness.services.given.postgres import GivenPostgres
from tests.integration.services.postgres_given.sharing import (
    SECRET,
    admin,
    message,
    url,
    wait_until,
)


def test_who_may_not_make_databases_is_told_what_to_ask_for(shared, role):
    with admin(shared) as cursor:
        cursor.execute('ALTER ROLE "taxi ""driver"" / ü" NOCREATEDB')
    with pytest.raises(EnvironmentNotAbleError, match="CREATEDB") as caught:
        GivenPostgres(role).start()
    assert SECRET not in message(caught.value)


@pytest.fixture
def closed_port():
    """A port that nobody listens on, and that nobody else gets."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


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
    shared, role, change, kind, words, closed_port, monkeypatch
):
    monkeypatch.delenv("PGPASSWORD", raising=False)
    if change.get("port") == "closed":
        change = {"port": closed_port}
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
