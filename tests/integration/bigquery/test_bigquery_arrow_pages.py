"""The first rows of a query's answer as Arrow, in the answer of jobs.query itself."""

from __future__ import annotations

from base64 import b64decode

import pyarrow as pa
import pytest
from google.api_core.exceptions import BadRequest


@pytest.fixture
def asked(client):
    def ask(sql, **options):
        body = {"query": sql, "useLegacySql": False, "queryResultsFormat": "ARROW", **options}
        path = "/projects/test-project/queries"
        return client._connection.api_request(method="POST", path=path, data=body)

    return ask


def table_of(answer):
    schema = pa.ipc.read_schema(pa.py_buffer(b64decode(answer["arrowSchema"]["serializedSchema"])))
    content = answer.get("arrowRecordBatch")
    if content is None:
        return schema.empty_table()
    batch = pa.py_buffer(b64decode(content["serializedRecordBatch"]))
    return pa.Table.from_batches([pa.ipc.read_record_batch(batch, schema)])


@pytest.mark.parametrize("codec", [None, "COMPRESSION_UNSPECIFIED", "LZ4_FRAME", "ZSTD"])
def test_all_rows_where_they_fit(asked, codec):
    options = {"arrowSerializationOptions": {"bufferCompression": codec}} if codec else {}
    answer = asked(
        "SELECT x, CAST(x AS STRING) AS s, [x] AS l, STRUCT(x AS a) AS r "
        "FROM UNNEST(GENERATE_ARRAY(1, 3)) AS x ORDER BY x",
        **options,
    )
    assert table_of(answer).to_pylist() == [
        {"x": x, "s": str(x), "l": [x], "r": {"a": x}} for x in (1, 2, 3)
    ]
    assert (answer["pageRowCount"], answer["totalRows"]) == ("3", "3")
    assert "pageToken" not in answer
    assert "rows" not in answer


@pytest.mark.parametrize(("limit", "shown"), [(0, 0), (1, 1), (3, 3), (9, 4)])
def test_as_many_as_are_wanted(asked, limit, shown):
    answer = asked("SELECT x FROM UNNEST(GENERATE_ARRAY(1, 4)) AS x ORDER BY x", maxResults=limit)
    assert table_of(answer).column("x").to_pylist() == list(range(1, shown + 1))
    assert (answer["pageRowCount"], answer["totalRows"]) == (str(shown), "4")
    assert answer.get("pageToken") == (str(shown) if shown < 4 else None)


def test_a_page_is_no_larger_than_an_answer_may_be(asked):
    answer = asked("SELECT REPEAT('x', 1000) AS s FROM UNNEST(GENERATE_ARRAY(1, 20000)) AS x")
    shown = table_of(answer).num_rows
    assert 5_000 < shown < 10_000
    assert answer["pageToken"] == str(shown)


def test_no_rows_have_a_schema_all_the_same(asked):
    answer = asked("SELECT 1 AS x, 'a' AS s FROM UNNEST([]) AS y")
    assert table_of(answer).schema.names == ["x", "s"]
    assert "pageToken" not in answer


def test_a_statement_without_rows(asked):
    answer = asked("CREATE TABLE d.t AS SELECT 1 AS x")
    assert "arrowSchema" not in answer
    assert asked("UPDATE d.t SET x = 2 WHERE TRUE")["numDmlAffectedRows"] == "1"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"queryResultsFormat": "AVRO"}, "queryResultsFormat: AVRO"),
        ({"arrowSerializationOptions": {"bufferCompression": "ZIP"}}, "bufferCompression: ZIP"),
        ({"arrowSerializationOptions": {"picosTimestampPrecision": "YEARS"}}, "YEARS"),
    ],
)
def test_what_there_is_none_of(asked, options, message):
    with pytest.raises(BadRequest, match=message):
        asked("SELECT 1", **options)


def test_json_is_the_default(asked):
    assert asked("SELECT 1", queryResultsFormat="STRUCT_ENCODING")["rows"] == [{"f": [{"v": "1"}]}]
