"""Where the tap leads what a pipeline names."""

from __future__ import annotations

import sys

import pytest

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
    from mage_harness_tap.postgres_lead import _Lead

    told = redirects(PRIVATE, allow=["db.corp:5432", "/run/socket"])
    return _Lead(told["MAGE_HARNESS_POSTGRES"], frozenset([told["MAGE_HARNESS_ALLOWED"]]))


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
