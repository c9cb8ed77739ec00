"""A table that was made without a schema takes that of the first rows, and keeps the rest."""

import pandas as pd
import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

FRAME = pd.DataFrame({"id": [1, 2], "name": ["a", "b"]})


def bare(client, **options):
    table = bq.Table(f"{client.project}.d.bare")
    table.description = "kept"
    for name, value in options.items():
        setattr(table, name, value)
    return client.create_table(table)


@pytest.mark.parametrize("write", ["WRITE_EMPTY", "WRITE_APPEND", "WRITE_TRUNCATE"])
@pytest.mark.parametrize("create", ["CREATE_NEVER", "CREATE_IF_NEEDED"])
def test_a_load_brings_the_schema(client, write, create):
    made = bare(client)
    config = bq.LoadJobConfig(write_disposition=write, create_disposition=create)
    client.load_table_from_dataframe(FRAME, "d.bare", job_config=config).result()
    table = client.get_table("d.bare")
    assert [field.name for field in table.schema] == ["id", "name"]
    assert (table.description, table.created) == ("kept", made.created)
    assert sorted(tuple(row) for row in client.list_rows(table)) == [(1, "a"), (2, "b")]
    more = client.load_table_from_dataframe(FRAME, "d.bare").result()
    assert more.output_rows == 2
    (row,) = client.query_and_wait("SELECT COUNT(*) AS n, SUM(id) AS s FROM d.bare")
    assert (row["n"], row["s"]) == (4, 6)


def test_the_second_load_keeps_to_it(client):
    bare(client)
    client.load_table_from_dataframe(FRAME[["id"]], "d.bare").result()
    with pytest.raises(BadRequest, match=r"Cannot add fields \(field: name\)"):
        client.load_table_from_dataframe(FRAME, "d.bare").result()


def test_a_query_brings_it_too(client):
    bare(client)
    config = bq.QueryJobConfig(destination=f"{client.project}.d.bare")
    client.query("SELECT 1 AS x, 'y' AS y", job_config=config).result()
    assert [tuple(row) for row in client.list_rows(client.get_table("d.bare"))] == [(1, "y")]


def test_a_table_by_ingestion_stays_one(client):
    bare(client, time_partitioning=bq.TimePartitioning())
    client.load_table_from_dataframe(FRAME, "d.bare").result()
    (row,) = client.query_and_wait(
        "SELECT COUNT(*) AS n FROM d.bare WHERE _PARTITIONTIME IS NOT NULL"
    )
    assert row["n"] == 2
    client.load_table_from_dataframe(FRAME, "d.bare$20260101").result()
    assert "20260101" in client.list_partitions("d.bare")


def test_a_failed_load_leaves_it_bare(client):
    bare(client)
    config = bq.LoadJobConfig(clustering_fields=["nowhere"])
    with pytest.raises(BadRequest, match="nowhere"):
        client.load_table_from_dataframe(FRAME, "d.bare", job_config=config).result()
    assert client.get_table("d.bare").schema == []
