"""The project of names without one: the connection property, and the system variable."""

from __future__ import annotations

import google.cloud.bigquery as bq
import pytest
from google.api_core.exceptions import NotFound

OTHER = "other-project"


@pytest.fixture
def other(client):
    client.create_dataset(bq.Dataset(f"{OTHER}.d2"))
    client.query_and_wait(f"CREATE TABLE `{OTHER}.d2.t` AS SELECT 7 AS a")
    return client


def config(**options) -> bq.QueryJobConfig:
    properties = [bq.ConnectionProperty("dataset_project_id", OTHER)]
    return bq.QueryJobConfig(connection_properties=properties, **options)


def values(client, sql: str, given: bq.QueryJobConfig, api_method: str = "INSERT"):
    rows = client.query(sql, job_config=given, api_method=api_method).result()
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("api_method", ["INSERT", "QUERY"])
def test_names_without_a_project_are_of_the_property(other, api_method):
    assert values(other, "SELECT a FROM d2.t", config(), api_method) == [(7,)]
    with pytest.raises(NotFound):
        other.query_and_wait("SELECT a FROM d2.t")


def test_names_with_a_project_are_as_before(other):
    other.query_and_wait("CREATE TABLE d.t AS SELECT 1 AS a")
    sql = "SELECT t.a, u.a AS b FROM `test-project`.d.t AS t, d2.t AS u"
    assert values(other, sql, config()) == [(1, 7)]
    told = "SELECT @@project_id, @@dataset_project_id"
    assert values(other, told, config()) == [("test-project", OTHER)]


def test_a_default_dataset_is_of_its_own_project(other):
    dataset = bq.DatasetReference(OTHER, "d2")
    assert values(other, "SELECT a FROM t", config(default_dataset=dataset)) == [(7,)]


def test_what_is_made_is_made_there(other):
    other.query_and_wait("CREATE SCHEMA d3", job_config=config())
    other.query_and_wait("CREATE TABLE d3.t AS SELECT a + 1 AS a FROM d2.t", job_config=config())
    other.query_and_wait("CREATE VIEW d3.v AS SELECT a FROM d3.t", job_config=config())
    other.query_and_wait("CREATE FUNCTION d3.f(x INT64) AS (x + 1)", job_config=config())
    assert values(other, "SELECT d3.f(a) FROM d3.v", config()) == [(9,)]
    assert values(other, f"SELECT a FROM `{OTHER}.d3.v`", bq.QueryJobConfig()) == [(8,)]
    sql = "SELECT table_name FROM d3.INFORMATION_SCHEMA.TABLES ORDER BY 1"
    assert values(other, sql, config()) == [("t",), ("v",)]


def test_the_system_variable_does_the_same(other):
    sql = f"SET @@dataset_project_id = '{OTHER}'; SELECT a FROM d2.t"
    assert values(other, sql, bq.QueryJobConfig()) == [(7,)]
