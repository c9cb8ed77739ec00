"""Read sessions by Google's own client of the Storage Read API."""

from __future__ import annotations

import time

import pyarrow as pa
import pytest
from google.api_core.exceptions import (
    FailedPrecondition,
    InvalidArgument,
    MethodNotImplemented,
    NotFound,
)
from google.cloud import bigquery_storage_v1 as storage
from google.cloud.bigquery import QueryJobConfig

types = storage.types
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
ARROW = types.DataFormat.ARROW


@pytest.fixture
def reader(stub):
    with stub.read_client() as client:
        yield client


def session_of(reader, table="t", *, least=0, most=0, parent="projects/test-project", **options):
    modifiers = options.pop("modifiers", {})
    return reader.create_read_session(
        {
            "parent": parent,
            "read_session": {
                "table": f"projects/test-project/datasets/d/tables/{table}",
                "data_format": options.pop("data_format", ARROW),
                "read_options": options,
                "table_modifiers": modifiers,
            },
            "max_stream_count": most,
            "preferred_min_stream_count": least,
        }
    )


def rows_of(reader, session, *, offset=0):
    batches = []
    for stream in session.streams:
        batches += [page.to_arrow() for page in reader.read_rows(stream.name, offset).rows().pages]
    return pa.Table.from_batches(batches, schema=schema_of(session)).to_pylist()


def schema_of(session):
    return pa.ipc.read_schema(pa.py_buffer(session.arrow_schema.serialized_schema))


@pytest.fixture
def numbers(client):
    client.query_and_wait("CREATE TABLE d.t AS SELECT x FROM UNNEST(GENERATE_ARRAY(1, 10)) AS x")


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


def test_streams_by_number(reader, client, numbers):
    assert len(session_of(reader, most=8).streams) == 1
    session = session_of(reader, least=4)
    assert len(session.streams) == 4
    assert sorted(row["x"] for row in rows_of(reader, session)) == list(range(1, 11))
    assert len(session_of(reader, least=50).streams) == 10
    assert len(session_of(reader, least=2, most=2).streams) == 2


@pytest.mark.parametrize(("codec", "packed"), [(0, False), (1, False), (2, True)])
def test_compressed_buffers(reader, client, codec, packed):
    client.query_and_wait(
        "CREATE TABLE d.t AS SELECT 'the same text' AS s FROM UNNEST(GENERATE_ARRAY(1, 5000))"
    )
    session = session_of(reader, arrow_serialization_options={"buffer_compression": codec})
    (response,) = reader.read_rows(session.streams[0].name)
    size = len(response.arrow_record_batch.serialized_record_batch)
    assert size < 30_000 if packed else size > 80_000
    assert rows_of(reader, session) == [{"s": "the same text"}] * 5000


def test_a_compressed_response(reader, client):
    client.query_and_wait(
        "CREATE TABLE d.t AS SELECT 'the same text' AS s FROM UNNEST(GENERATE_ARRAY(1, 5000))"
    )
    session = session_of(reader, response_compression_codec=2)
    (response,) = reader.read_rows(session.streams[0].name)
    content = pa.decompress(
        response.arrow_record_batch.serialized_record_batch,
        decompressed_size=response.uncompressed_byte_size,
        codec="lz4_raw",
    )
    assert pa.ipc.read_record_batch(content, schema_of(session)).num_rows == 5000


def test_an_offset_is_where_reading_goes_on(reader, client, numbers):
    client.query_and_wait("DELETE FROM d.t WHERE x IN (3, 4)")
    session = session_of(reader)
    assert [row["x"] for row in rows_of(reader, session, offset=2)] == [5, 6, 7, 8, 9, 10]
    restricted = session_of(reader, row_restriction="x > 5")
    assert [row["x"] for row in rows_of(reader, restricted, offset=3)] == [9, 10]
    # BigQuery answers an offset at the end by an empty stream.
    assert list(reader.read_rows(session.streams[0].name, 8)) == []
    with pytest.raises(InvalidArgument, match="Offset"):
        list(reader.read_rows(session.streams[0].name, -1))


def test_a_stream_is_split_and_the_parts_are_the_whole(reader, client, numbers):
    session = session_of(reader)
    answer = reader.split_read_stream({"name": session.streams[0].name, "fraction": 0.3})
    parts = [answer.primary_stream.name, answer.remainder_stream.name]
    found = [
        [
            row.as_py()
            for page in reader.read_rows(part).rows().pages
            for row in page.to_arrow()["x"]
        ]
        for part in parts
    ]
    assert found == [[1, 2, 3], [4, 5, 6, 7, 8, 9, 10]]
    assert len(rows_of(reader, session)) == 10
    with pytest.raises(InvalidArgument, match="Fraction"):
        reader.split_read_stream({"name": parts[0], "fraction": 1})
    single = session_of(reader, least=10).streams[0].name
    assert not reader.split_read_stream({"name": single, "fraction": 0.5}).primary_stream.name


def test_a_sample_is_about_so_many_rows_and_always_the_same(reader, client):
    client.query_and_wait("CREATE TABLE d.t AS SELECT x FROM UNNEST(GENERATE_ARRAY(1, 20000)) AS x")
    session = session_of(reader, sample_percentage=10.0, least=3)
    first = rows_of(reader, session)
    assert 1500 < len(first) < 2500
    assert rows_of(reader, session) == first
    assert rows_of(reader, session_of(reader, sample_percentage=0.0)) == []
    assert len(rows_of(reader, session_of(reader, sample_percentage=100.0))) == 20000


CHANGES = {
    "insert": "INSERT INTO d.t VALUES (11)",
    "update": "UPDATE d.t SET x = -x WHERE true",
    "delete": "DELETE FROM d.t WHERE x < 5",
    "truncate": "TRUNCATE TABLE d.t",
    "merge": "MERGE d.t USING (SELECT 1 AS y) ON x = y WHEN MATCHED THEN DELETE "
    "WHEN NOT MATCHED THEN INSERT (x) VALUES (y)",
    "replace": "CREATE OR REPLACE TABLE d.t AS SELECT 'other' AS x",
    "drop": "DROP TABLE d.t",
    "add column": "ALTER TABLE d.t ADD COLUMN y INT64",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_session_sees_its_table_as_it_was(reader, client, numbers, change):
    plain = session_of(reader, least=2)
    restricted = session_of(reader, row_restriction="x < 4")
    client.query_and_wait(CHANGES[change])
    assert [row["x"] for row in rows_of(reader, plain)] == list(range(1, 11))
    assert [row["x"] for row in rows_of(reader, restricted)] == [1, 2, 3]


def test_a_session_of_a_query_sees_its_answer_as_it_was(stub, reader, client, numbers):
    job = client.query("SELECT x FROM d.t ORDER BY x")
    job.result()
    session = reader.create_read_session(
        parent="projects/test-project",
        read_session={
            "table": f"projects/test-project/datasets/{job.destination.dataset_id}"
            f"/tables/{job.destination.table_id}",
            "data_format": ARROW,
        },
    )
    client.query_and_wait("DELETE FROM d.t WHERE true")
    assert [row["x"] for row in rows_of(reader, session)] == list(range(1, 11))


def test_a_part_is_read_before_and_another_after_a_change(reader, client, numbers):
    session = session_of(reader, least=2)
    names = [one.name for one in session.streams]
    first = list(reader.read_rows(names[0]).rows().pages)
    client.query_and_wait("DELETE FROM d.t WHERE x > 3")
    second = list(reader.read_rows(names[1]).rows().pages)
    found = [row.as_py() for page in (*first, *second) for row in page.to_arrow()["x"]]
    assert found == list(range(1, 11))


def test_a_session_that_was_read_to_its_end_is_over_when_its_table_changes(reader, client, numbers):
    session = session_of(reader)
    rows_of(reader, session)
    assert len(rows_of(reader, session)) == 10
    client.query_and_wait("DELETE FROM d.t WHERE x > 3")
    with pytest.raises(FailedPrecondition, match=r"there was an error operating on .*expired at"):
        rows_of(reader, session)


def test_a_moment_in_the_past(reader, client, numbers):
    now = {"snapshot_time": {"seconds": int(time.time()) + 1}}
    time.sleep(1)
    assert len(rows_of(reader, session_of(reader, modifiers=now))) == 10
    future = {"snapshot_time": {"seconds": int(time.time()) + 3600}}
    with pytest.raises(InvalidArgument, match="future"):
        session_of(reader, modifiers=future)
    before = {"snapshot_time": {"seconds": int(time.time()) - 3600}}
    with pytest.raises(InvalidArgument, match="Cannot read before"):
        session_of(reader, modifiers=before)


def test_a_moment_before_the_last_change_is_refused_by_name(reader, client, numbers):
    asked = {"snapshot_time": {"seconds": int(time.time()) + 1}}
    time.sleep(1.1)
    client.query_and_wait("INSERT INTO d.t VALUES (11)")
    with pytest.raises(MethodNotImplemented, match="snapshot_time before the last change"):
        session_of(reader, modifiers=asked)


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


def test_the_stream_of_a_job(reader, client):
    job = client.query("SELECT x FROM UNNEST(GENERATE_ARRAY(1, 50)) AS x ORDER BY x")
    job.result()
    name = f"projects/test-project/locations/{job.location}/jobs/{job.job_id}/streams/_default"
    pages = reader.read_rows(name, 47).rows().pages
    assert [row.as_py() for page in pages for row in page.to_arrow()["x"]] == [48, 49, 50]
    with pytest.raises(NotFound, match="Not found: Job"):
        list(reader.read_rows(name.replace(job.job_id, "none")))
    made = client.query("CREATE TABLE d.t (x INT64)")
    made.result()
    assert list(reader.read_rows(name.replace(job.job_id, made.job_id))) == []
    options = QueryJobConfig(destination="test-project.d.kept")
    kept = client.query("SELECT 1 AS x", job_config=options)
    kept.result()
    with pytest.raises(InvalidArgument, match="explicitly-specified destination tables"):
        list(reader.read_rows(name.replace(job.job_id, kept.job_id)))


def test_nothing_is_left_of_a_session_after_a_reset(stub, reader, client, numbers):
    session = session_of(reader)
    stub.reset()
    with pytest.raises(NotFound, match="Not found: Stream"):
        rows_of(reader, session)
