"""What other clients send that Google's own does not, in its smallest form."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.api_core.exceptions import BadRequest, NotFound
from google.cloud.bigquery import LoadJobConfig

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.types import field_from_rest


def test_dbt_sends_policy_tags_without_a_name():
    field = field_from_rest({"name": "a", "type": "STRING", "policyTags": {"names": []}})
    assert field.name == "a"
    with pytest.raises(UnsupportedError, match="policyTags of field a"):
        field_from_rest({"name": "a", "type": "STRING", "policyTags": {"names": ["secret"]}})


def test_mage_drops_a_table_before_it_is_first_made(stub, client):
    with pytest.raises(NotFound):
        client.query("DROP TABLE `test-project.d.t`").result()
    assert stub.incidents(0) == []
    with pytest.raises(NotFound):
        client.query("DROP TABLE `test-project.none.t`").result()
    with pytest.raises(NotFound):
        client.query("TRUNCATE TABLE d.t").result()
    assert len(stub.incidents(0)) == 2


def test_dbt_asks_for_materialized_views(client):
    client.query_and_wait("CREATE TABLE d.t (a INT64)")
    client.query_and_wait(
        "CREATE MATERIALIZED VIEW d.m AS SELECT a, COUNT(*) AS n FROM d.t GROUP BY a"
    )
    sql = (
        "SELECT tables.table_id, views.table_name FROM `test-project`.`d`.__TABLES__ AS tables "
        "LEFT JOIN `test-project`.`d`.INFORMATION_SCHEMA.MATERIALIZED_VIEWS AS views "
        "ON views.table_name = tables.table_id ORDER BY 1"
    )
    assert [row.values() for row in client.query_and_wait(sql)] == [("m", "m"), ("t", None)]


def test_dlt_writes_required_columns_of_parquet(client):
    client.query_and_wait("CREATE TABLE d.t (a INT64 NOT NULL, b STRING)")

    def load(*, nullable):
        fields = [pa.field("a", pa.int64(), nullable=nullable), pa.field("b", pa.string())]
        file = io.BytesIO()
        pq.write_table(pa.table([[1], ["x"]], schema=pa.schema(fields)), file)
        config = LoadJobConfig(source_format="PARQUET", write_disposition="WRITE_APPEND")
        return client.load_table_from_file(file, "d.t", rewind=True, job_config=config).result()

    assert load(nullable=False).output_rows == 1
    with pytest.raises(BadRequest, match="Field a has changed mode from REQUIRED to NULLABLE"):
        load(nullable=True)
    assert [field.mode for field in client.get_table("d.t").schema] == ["REQUIRED", "NULLABLE"]
    assert client.get_table("d.t").num_rows == 1


def test_sqlalchemy_puts_a_whole_name_into_backquotes(client):
    client.query_and_wait(
        "CREATE TABLE d.t AS SELECT STRUCT('outer' AS name, "
        "STRUCT('inner' AS name) AS record) AS nested, ['x', 'y'] AS words"
    )
    for path, wanted in {
        "`d.t`.`nested`.`name`": "outer",
        "`d.t`.`nested`.`record`.`name`": "inner",
        "`test-project.d.t`.`nested`.`record`.`name`": "inner",
    }.items():
        (row,) = client.query_and_wait(f"SELECT {path} FROM `test-project.d.t`")
        assert row[0] == wanted
    sql = "SELECT w, `d.t_1`.`nested`.`record`.`name` FROM `d.t` `d.t_1`, UNNEST(`d.t_1`.`words`) AS w"
    assert [row.values() for row in client.query_and_wait(sql)] == [("x", "inner"), ("y", "inner")]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM d.t WHERE TRUE\nRETURNING a",
        "INSERT INTO d.t (a) VALUES (1)\nRETURNING a",
        "UPDATE d.t SET a = 2 WHERE TRUE\nRETURNING a",
    ],
)
def test_sqlalchemy_learns_that_there_is_no_returning(client, statement):
    client.query_and_wait("CREATE TABLE d.t AS SELECT 1 AS a")
    with pytest.raises(BadRequest, match=r'got identifier "RETURNING" at \[2:1\]'):
        client.query_and_wait(statement)
    assert [row.values() for row in client.query_and_wait("SELECT a FROM d.t")] == [(1,)]
