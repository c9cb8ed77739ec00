"""Policies of tables, models and the service account of a project."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound
from google.api_core.iam import Policy


@pytest.fixture
def table(client):
    client.query_and_wait("CREATE TABLE d.t (a INT64)")
    return client.get_table("d.t")


def test_a_policy_is_kept_with_its_table(client, table):
    empty = client.get_iam_policy(table)
    assert (empty.etag, list(empty.bindings)) == ("ACAB", [])
    empty.bindings = [{"role": "roles/bigquery.dataViewer", "members": {"user:a@example.com"}}]
    kept = client.set_iam_policy(table, empty)
    assert kept.etag != empty.etag
    told = client.get_iam_policy(table)
    assert (told.etag, told.bindings) == (kept.etag, kept.bindings)
    assert told["roles/bigquery.dataViewer"] == {"user:a@example.com"}
    client.delete_table(table)
    client.query_and_wait("CREATE TABLE d.t (a INT64)")
    assert client.get_iam_policy(table).etag == "ACAB"


def test_a_policy_that_has_changed_since_is_not_replaced(client, table):
    first = client.get_iam_policy(table)
    first.bindings = [{"role": "roles/viewer", "members": {"user:a@example.com"}}]
    client.set_iam_policy(table, first)
    with pytest.raises(Conflict, match="concurrent policy changes"):
        client.set_iam_policy(table, first)


def test_a_policy_of_no_table_or_with_no_role(client, table):
    with pytest.raises(NotFound):
        client.get_iam_policy("d.none")
    with pytest.raises(NotFound):
        client.set_iam_policy("d.none", Policy())
    bad = Policy()
    bad.bindings = [{"role": "king", "members": {"user:a@example.com"}}]
    with pytest.raises(BadRequest, match="Role king is not supported"):
        client.set_iam_policy(table, bad)


def test_everything_is_allowed(client, table):
    asked = ["bigquery.tables.get", "bigquery.tables.update"]
    assert client.test_iam_permissions(table, asked) == {"permissions": asked}
    with pytest.raises(BadRequest):
        client.test_iam_permissions(table, ["everything"])
    with pytest.raises(NotFound):
        client.test_iam_permissions("d.none", asked)


def test_there_are_no_models_and_no_row_policies(client, table):
    assert list(client.list_models("d")) == []
    with pytest.raises(NotFound, match=r"Not found: Model test-project:d\.m"):
        client.get_model("d.m")
    with pytest.raises(NotFound):
        list(client.list_models("none"))
    call = client._connection.api_request
    assert call(method="GET", path=f"{table.path}/rowAccessPolicies") == {}


def test_the_service_account(client):
    assert "@" in client.get_service_account_email()
