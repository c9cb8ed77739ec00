"""A default dataset serves the making of a view, and not the view itself."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

HERE = bq.QueryJobConfig(default_dataset="test-project.d")


@pytest.fixture
def rows(client):
    client.query_and_wait("CREATE TABLE d.t AS SELECT 1 AS a")


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("kind", ["VIEW", "MATERIALIZED VIEW"])
def test_a_view_over_a_bare_name_is_made_and_cannot_be_read(client, kind):
    job = client.query(f"CREATE {kind} v AS SELECT a FROM t", job_config=HERE)
    job.result()
    assert str(job.ddl_target_table) == "test-project.d.v"
    assert [one.table_id for one in job.referenced_tables] == ["t"]
    view = client.get_table("d.v")
    assert [field.name for field in view.schema] == ["a"]
    assert (view.mview_query or view.view_query) == "SELECT a FROM t"
    for config in (None, HERE):
        with pytest.raises(BadRequest, match='"t" cannot be resolved: dataset name is missing'):
            client.query_and_wait("SELECT * FROM d.v", job_config=config)


@pytest.mark.usefixtures("rows")
def test_a_view_over_a_whole_name_is_read_by_its_bare_name(client):
    query = "CREATE VIEW v AS WITH w AS (SELECT a FROM d.t) SELECT * FROM w"
    client.query_and_wait(query, job_config=HERE)
    assert [tuple(row) for row in client.query_and_wait("SELECT * FROM v", job_config=HERE)] == [
        (1,)
    ]


@pytest.mark.usefixtures("rows")
def test_a_bare_name_that_is_not_there_makes_no_view(client):
    with pytest.raises(Exception, match=r"Not found: Table test-project:d\.none"):
        client.query_and_wait("CREATE VIEW v AS SELECT a FROM none", job_config=HERE)
    with pytest.raises(BadRequest, match="dataset name is missing"):
        client.query_and_wait("CREATE VIEW d.v AS SELECT a FROM t")
    assert [one.table_id for one in client.list_tables("d")] == ["t"]


@pytest.mark.usefixtures("rows")
def test_a_bare_name_in_a_resource_is_refused(client):
    view = bq.Table("test-project.d.v")
    view.view_query = "SELECT a FROM t"
    with pytest.raises(BadRequest, match="dataset name is missing"):
        client.create_table(view)
