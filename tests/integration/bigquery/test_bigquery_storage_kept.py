"""What a read session sees by its streams, and of changes after it began."""

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
from google.cloud.bigquery import QueryJobConfig

from tests.integration.bigquery.storage_reading import ARROW, rows_of, schema_of, session_of

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")


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
