"""What is said of a PostgreSQL that was given by URL: with the user's address, without a secret."""

from __future__ import annotations

import pytest

from harness.errors import HarnessError, ServiceError
from harness.machine.guardian import Guardian
from harness.services.given.postgres import GivenPostgres, PostgresAddress
from harness.services.given.postgres_url import parse
from harness.services.postgres_access import Access
from harness.services.postgres_own import OwnDatabase

CLOSED = "127.0.0.1:1"


def refusal(url: str, **options: str) -> HarnessError:
    with pytest.raises(ServiceError) as caught:
        GivenPostgres(url, **options).start()
    return caught.value


@pytest.mark.parametrize("password", ["p", "", "postgres", "1", "."])
def test_a_password_that_is_a_part_of_words_blanks_none(password):
    said = str(refusal(f"postgresql://u:{password}@{CLOSED}/postgres"))
    assert "port 1 failed: Connection refused" in said
    assert "***" not in said


@pytest.mark.parametrize(
    ("password", "said", "shown"),
    [
        ("p", "port p of pp", "port *** of pp"),
        ("s3cret", 'no "xs3cret" here', 'no "x***" here'),
        ("a.c", "abc (a.c)", "abc (***)"),
        ("u", "user u", "user u"),
    ],
)
def test_a_password_is_hidden_where_it_stands(password, said, shown):
    at = parse(f"postgresql://u:{password}@host/d")
    assert PostgresAddress(at, through=at)._explained(said).cause == shown


def test_a_forwarder_does_not_hide_where_the_server_is():
    error = refusal(f"postgresql://u:p@{CLOSED}/d", through="postgresql://u:p@10.0.0.1:2/d")
    assert error.evidence == (f"asked: u@{CLOSED}/d",)
    assert "port 1 failed: Connection refused" in error.cause


def test_a_database_that_cannot_be_dropped_is_named_with_what_drops_it():
    at = parse(f"postgresql://u:s3cret@{CLOSED}/d")
    server = PostgresAddress(at, through=parse("postgresql://u:s3cret@10.0.0.1:2/d"))
    with Guardian() as guardian:
        tenant = OwnDatabase(at.login, guardian=guardian)
        with pytest.raises(ServiceError, match="does not answer") as caught:
            tenant.leave(Access(server._running, server=server))
    database = tenant.login.database
    assert caught.value.evidence == (f"the database: {database}", f"asked: {CLOSED}")
    assert f'DROP DATABASE IF EXISTS "{database}"' in caught.value.remedy
    assert "s3cret" not in str(caught.value)


def test_who_drops_it_after_this_process_goes_to_the_server_itself(monkeypatch):
    orders = []
    monkeypatch.setattr(Guardian, "command", lambda *order, **more: orders.append((order, more)))
    at = parse(f"postgresql://u:s3cret@{CLOSED}/d")
    server = PostgresAddress(at, through=parse("postgresql://u:s3cret@10.0.0.1:2/d"))
    with pytest.raises(ServiceError):
        OwnDatabase(at.login).enter(Access(server._running, server=server))
    ((_, _, command), more) = orders[0]
    assert "s3cret" not in " ".join(command)
    (told,) = [value for value in more["environment"].values() if "connection" in value]
    assert '"host": "127.0.0.1", "port": 1' in told
