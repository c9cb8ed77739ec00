"""Where the tap leads what a pipeline names."""

from __future__ import annotations

import sys

import pytest

from harness.running.notes import notes
from harness.running.redirects import redirects
from harness.tap import SITE

PRIVATE = {
    "PGHOST": "127.0.0.1",
    "PGPORT": "40123",
    "PGUSER": "mage",
    "PGPASSWORD": "s/cret",
    "PGDATABASE": "mage",
}


@pytest.fixture
def lead(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(SITE), *sys.path])
    from mage_harness_tap.postgres_lead import Lead

    told = redirects(PRIVATE, allow=["db.corp:5432", "/run/socket"])
    return Lead(told["MAGE_HARNESS_POSTGRES"], frozenset([told["MAGE_HARNESS_ALLOWED"]]))


def test_without_a_server_nothing_is_led():
    assert redirects({}, allow=()) == {}


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ({"host": "postgres", "user": "root", "password": "x"}, {}),
        ({}, {}),
        ({"host": "127.0.0.1", "port": "40123", "user": "root"}, {}),
        ({"host": "db.corp", "port": "5433"}, {}),
        ({"host": "x", "sslmode": "require", "options": "endpoint=a"}, {}),
        ({"host": "x", "options": "-c a=b"}, {"options": "-c a=b"}),
        ({"host": "x", "connect_timeout": "3"}, {"connect_timeout": "3"}),
    ],
)
def test_where_to_is_replaced_and_other_wishes_are_kept(lead, asked, led):
    own = {"host": "127.0.0.1", "port": "40123", "user": "mage", "dbname": "mage"}
    assert lead.led(asked) == {**own, "password": "s/cret", **led}


@pytest.mark.parametrize(
    "asked",
    [
        {"host": "db.corp", "port": "5432", "user": "me"},
        {"host": "db.corp", "user": "me"},
        {"host": "127.0.0.1", "port": "40123", "user": "mage", "dbname": "another"},
    ],
)
def test_what_is_allowed_and_the_private_server_itself_stay(lead, asked):
    assert lead.led(asked) is asked


def test_urls_of_other_databases_stay(lead):
    assert lead.led_url("mysql://root@db/x") == "mysql://root@db/x"
    assert lead.led_url("postgres://root@db:1/x") == lead.url
    assert lead.led_url("postgresql://me@db.corp/x") == "postgresql://me@db.corp/x"


@pytest.fixture
def mysql(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(SITE), *sys.path])
    from mage_harness_tap import events, mysql_wire
    from mage_harness_tap.mysql_lead import Lead

    names = ("MYSQL_HOST", "MYSQL_PORT", "MYSQL_USER", "MYSQL_PASSWORD")
    told = redirects(
        dict(zip(names, ("127.0.0.1", "40124", "mage", "s/cret"), strict=True)), allow=()
    )
    made = []
    monkeypatch.setattr(mysql_wire, "make_database", lambda name, **_: made.append(name) or True)
    seen = []
    monkeypatch.setattr(events, "emit", lambda _, **facts: seen.append(facts))
    return Lead(told["MAGE_HARNESS_MYSQL"], frozenset(["db.corp:3306"])), made, seen


def test_mysqls_databases_stay_the_authors_and_are_made_once(mysql):
    lead, made, seen = mysql
    own = {"host": "127.0.0.1", "port": 40124, "user": "mage", "password": "s/cret"}
    asked = {"host": "db", "user": "root", "passwd": "x", "db": "shop", "ssl": {}, "charset": "u"}
    assert lead.led(asked) == {**own, "db": "shop", "charset": "u"}
    assert lead.led({"unix_socket": "/run/mysqld.sock", "database": "shop"}) == {
        **own,
        "database": "shop",
    }
    assert lead.led_url("mysql://root@db/dwh?ssl=true") == (
        "mysql://mage:s%2Fcret@127.0.0.1:40124/dwh?prefer_socket=false"
    )
    assert made == ["shop", "dwh"]
    told = [(one["server"], one["made"]) for one in seen]
    assert told == [("db:3306", "shop"), ("localhost:3306", ""), ("db:3306", "dwh")]
    lead.led({**own, "database": "new"})
    assert (seen[-1]["server"], seen[-1]["made"]) == ("", "new")
    assert notes([{"event": "mysql_led", **seen[-1]}]) == [
        "made when the run named them, as if production had them: the databases new"
    ]
    allowed = {"host": "db.corp", "user": "me"}
    assert lead.led(allowed) is allowed
    assert lead.led_url("postgresql://root@db/x") == "postgresql://root@db/x"
