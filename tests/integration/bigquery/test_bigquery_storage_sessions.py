"""Read sessions by Google's own client of the Storage Read API."""

from __future__ import annotations

import time

import pytest
from google.api_core.exceptions import (
    InvalidArgument,
    MethodNotImplemented,
    NotFound,
)

from tests.integration.bigquery.storage_reading import ARROW, rows_of, schema_of, session_of, types

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")


def test_what_a_session_tells(reader, client, numbers):
    session = session_of(reader)
    assert session.name.startswith("projects/test-project/locations/us/sessions/")
    assert session.streams[0].name.startswith(f"{session.name}/streams/")
    assert len(session.streams) == 1
    assert session.estimated_row_count == 10
    assert session.estimated_total_bytes_scanned == 80
    assert session.expire_time.timestamp() - time.time() > 5 * 3600
    assert session.data_format == ARROW


def test_a_response_has_its_place_in_the_stream(reader, client, numbers):
    responses = list(reader.read_rows(session_of(reader).streams[0].name))
    assert [one.row_count for one in responses] == [10]
    assert responses[0].arrow_schema.serialized_schema
    assert responses[0].stats.progress.at_response_start == 0
    assert responses[0].stats.progress.at_response_end == 1


def test_an_empty_table_has_no_streams(reader, client):
    client.query_and_wait("CREATE TABLE d.t (x INT64)")
    session = session_of(reader, least=3)
    assert not session.streams
    assert schema_of(session).names == ["x"]


def test_fields_are_selected_in_the_tables_order_and_in_any_case(reader, client):
    client.query_and_wait(
        "CREATE TABLE d.t AS SELECT 1 AS a, 'b' AS b, "
        "STRUCT(2 AS x, STRUCT(3 AS p, 4 AS q) AS y) AS st, "
        "[STRUCT(5 AS m, [6] AS n), STRUCT(7, [8])] AS ar"
    )
    assert rows_of(reader, session_of(reader, selected_fields=["B", "a"])) == [{"a": 1, "b": "b"}]
    assert rows_of(reader, session_of(reader, selected_fields=["st.y.q", "ar.n"])) == [
        {"st": {"y": {"q": 4}}, "ar": [{"n": [6]}, {"n": [8]}]}
    ]
    assert rows_of(reader, session_of(reader, selected_fields=["st.x", "st"])) == [
        {"st": {"x": 2, "y": {"p": 3, "q": 4}}}
    ]
    with pytest.raises(InvalidArgument, match="request failed: The following selected fields"):
        session_of(reader, selected_fields=["a", "st.z"])


@pytest.mark.parametrize(
    ("restriction", "kept"),
    [
        ("x > 8", [9, 10]),
        ("x BETWEEN 2 AND 3 OR x = 10", [2, 3, 10]),
        ("MOD(x, 5) = 0 -- by five", [5, 10]),
        ("x IN (1, 99)", [1]),
        ("SAFE_DIVIDE(x, 0) IS NULL AND x < 2", [1]),
        ("x > 100", []),
        ("  ", list(range(1, 11))),
        ("CURRENT_TIMESTAMP() > TIMESTAMP '2020-01-01' AND x = 4", [4]),
    ],
)
def test_rows_are_restricted(reader, client, numbers, restriction, kept):
    session = session_of(reader, row_restriction=restriction, least=2)
    assert [row["x"] for row in rows_of(reader, session)] == kept


@pytest.mark.parametrize(
    ("restriction", "message"),
    [
        ("y > 1", "request failed: Query error: .*y at "),
        ("x +", "Query error: Syntax error"),
        ("x", "Query error: "),
        ("x = 'a'", "Query error: "),
        ("SUM(x) > 1", "Query error: "),
        ("x > 1) LIMIT 1 --", "Query error: "),
        ("true) UNION ALL (SELECT 5", "Query error: "),
        ("true); DROP TABLE d.t; SELECT (1", "Query error: "),
    ],
)
def test_what_is_no_condition_is_refused(reader, client, numbers, restriction, message):
    with pytest.raises(InvalidArgument, match=message):
        session_of(reader, row_restriction=restriction)
    assert client.get_table("d.t").num_rows == 10


def test_a_subquery_is_refused_by_name(reader, client, numbers):
    with pytest.raises(MethodNotImplemented, match="a subquery in row_restriction"):
        session_of(reader, row_restriction="x = (SELECT 1)")


def test_a_required_filter(reader, client):
    client.query_and_wait(
        "CREATE TABLE d.t (x INT64, day DATE) PARTITION BY day "
        "OPTIONS (require_partition_filter = true)"
    )
    client.query_and_wait("INSERT INTO d.t VALUES (1, '2021-01-01'), (2, '2021-01-02')")
    with pytest.raises(
        InvalidArgument,
        match=r"request failed: Query error: Cannot query over table 'test-project\.d\.t' without",
    ):
        session_of(reader)
    session = session_of(reader, row_restriction="day = '2021-01-02'", selected_fields=["x"])
    assert rows_of(reader, session) == [{"x": 2}]


def test_the_time_that_a_row_came(reader, client):
    client.query_and_wait("CREATE TABLE d.t (x INT64) PARTITION BY _PARTITIONDATE")
    client.load_table_from_json([{"x": 1}], "d.t$20210131").result()
    assert schema_of(session_of(reader)).names == ["x"]
    session = session_of(reader, selected_fields=["x", "_PARTITIONDATE", "_PARTITIONTIME"])
    (row,) = rows_of(reader, session)
    assert row["_PARTITIONDATE"].isoformat() == "2021-01-31"
    assert row["_PARTITIONTIME"].isoformat() == "2021-01-31T00:00:00+00:00"
    only = session_of(reader, row_restriction="_PARTITIONDATE < '2021-01-01'")
    assert rows_of(reader, only) == []


def test_a_view_cannot_be_read(reader, client, numbers):
    client.query_and_wait("CREATE VIEW d.v AS SELECT 1 AS x")
    with pytest.raises(
        InvalidArgument,
        match=r"^400 request failed: non-table entities cannot be read with the storage API$",
    ):
        session_of(reader, "v")


def test_what_is_not_there(reader, client):
    with pytest.raises(NotFound, match=r"Not found: Table test-project:d\.none"):
        session_of(reader, "none")
    with pytest.raises(NotFound, match="Not found: Stream"):
        list(reader.read_rows("projects/p/locations/us/sessions/s/streams/t"))
    with pytest.raises(NotFound, match="Not found: Stream"):
        reader.split_read_stream({"name": "nothing", "fraction": 0.5})


def test_what_a_request_must_say(reader, client, numbers):
    with pytest.raises(InvalidArgument, match="request failed: data format unspecified"):
        session_of(reader, data_format=0)
    with pytest.raises(MethodNotImplemented, match="AVRO"):
        session_of(reader, data_format=types.DataFormat.AVRO)
    with pytest.raises(InvalidArgument, match="Invalid table name"):
        session_of(reader, "t$20210131")
    with pytest.raises(InvalidArgument, match="Invalid parent"):
        session_of(reader, parent="project/test-project")
    with pytest.raises(InvalidArgument, match="max_stream_count"):
        session_of(reader, least=3, most=2)
    with pytest.raises(InvalidArgument, match="Sample percentage"):
        session_of(reader, sample_percentage=101)
    with pytest.raises(InvalidArgument, match="cannot both"):
        session_of(
            reader,
            response_compression_codec=2,
            arrow_serialization_options={"buffer_compression": 1},
        )
    with pytest.raises(MethodNotImplemented, match="picos"):
        session_of(reader, arrow_serialization_options={"picos_timestamp_precision": 3})


def test_a_column_may_be_called_as_duckdb_calls_the_id_of_a_row(reader, client):
    client.query_and_wait(
        "CREATE TABLE d.t AS SELECT x, CAST(-x AS STRING) AS RowId "
        "FROM UNNEST(GENERATE_ARRAY(1, 6000)) AS x ORDER BY x"
    )
    session = session_of(reader, least=3)
    whole = [{"x": x, "RowId": str(-x)} for x in range(1, 6001)]
    assert rows_of(reader, session) == whole
    client.query_and_wait("DELETE FROM d.t WHERE x > 10")
    some = session_of(reader, row_restriction="x > 3", selected_fields=["x"])
    assert [row["x"] for row in rows_of(reader, some)] == [4, 5, 6, 7, 8, 9, 10]
    assert len(rows_of(reader, session_of(reader, sample_percentage=100.0))) == 10


def test_a_table_without_columns(reader, client):
    client.create_table("test-project.d.t")
    session = session_of(reader)
    assert (list(session.streams), schema_of(session).names) == ([], [])
