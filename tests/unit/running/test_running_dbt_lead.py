"""Where the tap leads the targets of dbt's profiles."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from harness.tap import ALLOWED_VARIABLE, GOOGLE_KEY_VARIABLE, POSTGRES_VARIABLE, SITE

THEIRS = {"type": "postgres", "host": "db.corp", "port": 5432, "user": "loader", "schema": "shop"}


class Relation:
    @classmethod
    def create(cls, database=None, schema=None, **_):
        return database, schema


class Profile:
    @staticmethod
    def _credentials_from_profile(said, name, target):
        return said


@pytest.fixture
def dbt(monkeypatch):
    monkeypatch.syspath_prepend(str(SITE))
    monkeypatch.setenv(POSTGRES_VARIABLE, "postgresql://mage:own@127.0.0.1:40123/private")
    monkeypatch.setenv(ALLOWED_VARIABLE, "db.real:5432")
    monkeypatch.setenv(GOOGLE_KEY_VARIABLE, "/run/key.json")
    from mage_harness_tap import dbt_lead, events

    told = []
    monkeypatch.setattr(events, "emit", lambda event, **facts: told.append((event, facts)))
    profile = type("Profile", (Profile,), {})
    relation = type("Relation", (Relation,), {})
    dbt_lead._watch_profiles(SimpleNamespace(Profile=profile))
    dbt_lead._watch_relations(SimpleNamespace(PostgresRelation=relation))
    yield SimpleNamespace(
        said=lambda said: profile._credentials_from_profile(said, "shop", "dev"),
        create=relation.create,
        told=told,
    )
    for name in [one for one in sys.modules if one.startswith("mage_harness_tap")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("folder", "within"),
    [
        ("/tmp/run/shop/dbt/sales", "dbt/sales"),
        ("/home/src/shop/dbt/sales", "dbt/sales"),
        ("/tmp/run/shop", ""),
        ("/opt/else", "/opt/else"),
    ],
)
def test_a_dbt_project_is_named_by_its_place_in_the_project(dbt, monkeypatch, folder, within):
    monkeypatch.setenv("MAGE_HARNESS_PROJECT", "/tmp/run/shop")
    from mage_harness_tap import dbt_runs

    assert dbt_runs._within(folder) == within


def test_a_server_is_the_private_one_and_what_leads_nowhere_stays(dbt):
    more = {"pass": "x", "dbname": "warehouse", "sslmode": "require", "role": "etl", "threads": 4}
    assert dbt.said({**THEIRS, **more}) == {
        "type": "postgres",
        "host": "127.0.0.1",
        "port": 40123,
        "user": "mage",
        "password": "own",
        "dbname": "private",
        "schema": "shop",
        "threads": 4,
    }
    assert dbt.create(database="warehouse", schema="crm") == ("private", "crm")
    assert dbt.create(schema="crm") == (None, "crm")


def test_a_server_that_the_settings_allow_is_reached_as_it_is_named(dbt):
    allowed = {**THEIRS, "host": "db.real", "dbname": "warehouse", "sslmode": "require"}
    assert dbt.said(allowed) == allowed
    assert dbt.create(database="warehouse", schema="crm") == ("warehouse", "crm")


@pytest.mark.parametrize(
    "sign_in",
    [
        {"method": "oauth", "impersonate_service_account": "etl@acme"},
        {"method": "service-account", "keyfile": "/home/src/key.json"},
        {"method": "service-account-json", "keyfile_json": {"private_key": "x"}},
        {"method": "oauth-secrets", "refresh_token": "x", "client_id": "x", "client_secret": "x"},
    ],
)
def test_every_way_to_sign_in_to_bigquery_is_the_throw_away_key(dbt, sign_in):
    said = {"type": "bigquery", "project": "acme", "dataset": "shop", "location": "EU"}
    led = dbt.said({**said, **sign_in})
    assert led == {**said, "method": "service-account", "keyfile": "/run/key.json"}


def test_what_nobody_set_is_told_unless_it_leads_somewhere(dbt):
    dbt.said({**THEIRS, "host": "None", "port": "None", "password": "None", "dbname": "None"})
    (led,) = dbt.told
    assert led[1]["server"] == "(unset):None"
    dbt.told.clear()
    dbt.said({"type": "duckdb", "path": "None", "settings": {"s3_region": "None"}})
    assert [facts["key"] for _, facts in dbt.told] == ["path", "settings.s3_region"]
