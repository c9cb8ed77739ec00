"""The URL of a PostgreSQL that is there already."""

from __future__ import annotations

import pytest
from psycopg2.extensions import parse_dsn

from harness.errors import SettingsError
from harness.services.given.postgres_url import parse
from harness.services.postgres_access import Access
from harness.services.postgres_server import Login, Running

SECRET = "s3cret"


def test_all_parts_are_read_as_libpq_reads_them():
    at = parse("postgresql://us%40er:p%2Fw%25@db.example:6543/taxi?sslmode=require&host=other")
    assert (at.host, at.port) == ("other", 6543)
    assert at.login == Login(user="us@er", password="p/w%", database="taxi")
    assert at.options == {"sslmode": "require"}


def test_what_is_left_out_has_libpqs_values(monkeypatch):
    monkeypatch.delenv("PGPASSWORD", raising=False)
    at = parse("postgres://me@[::1]")
    assert (at.host, at.port) == ("::1", 5432)
    assert at.login == Login(user="me", password="", database="postgres")
    monkeypatch.setenv("PGPASSWORD", SECRET)
    assert parse("postgres://me@h").login.password == SECRET
    assert parse("postgres://me:other@h").login.password == "other"


def test_the_application_name_stays_the_harnesss():
    assert parse("postgresql://me@h/d?application_name=mage-harness").options == {}


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("", "not of the form"),
        ("db.example:5432", "not of the form"),
        (f"host=h user=u password={SECRET}", "not of the form"),
        (f"postgresql+psycopg2://u:{SECRET}@h/d", "not of the form"),
        (f"mysql://u:{SECRET}@h/d", "not of the form"),
        (f"postgresql://u:{SECRET}%zz@h/d", "not of the form"),
        (f"postgresql://u:{SECRET}@h/d?sslmod=require", "not of the form"),
        (f"postgresql://u:{SECRET}@[::1/d", "not of the form"),
        (f"postgresql://u:{SECRET}@/d", "names no host"),
        ("postgresql://h/d", "names no user"),
        (f"postgresql://u:{SECRET}", "no user"),
        (f"postgresql://u:{SECRET}@h1,h2/d", "several servers"),
        (f"postgresql://u:{SECRET}@h1:1,h2:2/d", "several servers"),
        (f"postgresql://u:{SECRET}@h:port/d", "cannot be told apart"),
        (f"postgresql://u:{SECRET}@h:0/d", "cannot be told apart"),
        (f"postgresql://u:{SECRET}@h:65536/d", "cannot be told apart"),
        (f"postgresql://u:a@{SECRET}@h/d", "cannot be told apart"),
        (f"postgresql://u:1/{SECRET}@h/d", "no user"),
        (f"postgresql://u@x:1/{SECRET}@h/d", "cannot be told apart"),
        (f"postgresql://u:a\n{SECRET}:b@h:port/d", "cannot be told apart"),
        (f"postgresql://h/d?user=u&password={SECRET}&port=x", "cannot be told apart"),
    ],
)
def test_what_cannot_be_used_is_refused_without_the_password(url, cause):
    with pytest.raises(SettingsError, match=cause) as caught:
        parse(url)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_url_is_made_so_that_libpq_reads_it_back():
    running = Running(
        host="::1",
        port=6543,
        admin=Login(user="a", password="b", database="c"),
        options={"sslmode": "require", "options": "-c search_path=a b"},
    )
    login = Login(user="u@:/?#", password="p@:/?#% é", database='d/?"')
    read = parse_dsn(Access(running, server=None).url(login, own=True))
    assert read == {
        "host": "::1",
        "port": "6543",
        "user": "u@:/?#",
        "password": "p@:/?#% é",
        "dbname": 'd/?"',
        "sslmode": "require",
        "options": "-c search_path=a b",
        "application_name": "mage-harness",
        "connect_timeout": "10",
    }


def test_a_password_is_not_in_what_is_printed_of_a_server():
    login = Login(user="u", password=SECRET, database="d")
    assert SECRET not in repr(Running(host="h", port=1, admin=login))
    assert SECRET not in f"{parse(f'postgresql://u:{SECRET}@h')}"
