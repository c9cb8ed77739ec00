"""Rows that come as Arrow over gRPC are the rows that come by REST."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pandas_gbq
import pyarrow as pa
import pytest

pytestmark = pytest.mark.filterwarnings(
    "ignore::PendingDeprecationWarning", "ignore::DeprecationWarning", "ignore:.*to_dataframe"
)

COLUMNS = {
    "i": ("INT64 NOT NULL", ["1", "-9223372036854775808", "9223372036854775807"]),
    "f": ("FLOAT64", ["1.5", "CAST('inf' AS FLOAT64)", "NULL"]),
    "n": ("NUMERIC", ["NUMERIC '-0.000000001'", "NUMERIC '12345678901234567890.5'", "NULL"]),
    "b": ("BOOL", ["true", "false", "NULL"]),
    "s": ("STRING", ["'größer'", "''", "NULL"]),
    "y": ("BYTES", ["b'ab'", "b''", "NULL"]),
    "d": ("DATE", ["DATE '2021-01-31'", "DATE '0001-01-01'", "NULL"]),
    "tm": ("TIME", ["TIME '12:34:56.789'", "TIME '00:00:00'", "NULL"]),
    "dt": ("DATETIME", ["DATETIME '2021-01-31 01:02:03.000004'", "DATETIME '1960-01-01'", "NULL"]),
    "ts": ("TIMESTAMP", ["TIMESTAMP '2021-01-31 01:02:03.5+02'", "TIMESTAMP '1960-01-01'", "NULL"]),
    "j": ("JSON", ["""JSON '{"a": [1]}'""", "JSON 'null'", "NULL"]),
    "big": ("BIGNUMERIC", ["BIGNUMERIC '-1.00000000000000000000000000000000000001'", "5", "NULL"]),
    "bigs": (
        "ARRAY<BIGNUMERIC>",
        ["[BIGNUMERIC '12345678901234567890123456789.5']", "NULL", "NULL"],
    ),
    "a": ("ARRAY<INT64>", ["[1, 2]", "NULL", "[3]"]),
    "ad": ("ARRAY<DATETIME>", ["[DATETIME '2021-01-31']", "NULL", "NULL"]),
    "st": (
        "STRUCT<x INT64, y ARRAY<STRUCT<z STRING, w DATETIME>>>",
        [
            "STRUCT(1 AS x, [STRUCT('q' AS z, DATETIME '2020-01-01' AS w)] AS y)",
            "NULL",
            "STRUCT(NULL AS x, CAST(NULL AS ARRAY<STRUCT<z STRING, w DATETIME>>) AS y)",
        ],
    ),
}


@pytest.fixture
def table(client):
    client.query_and_wait(
        "CREATE TABLE d.t (" + ", ".join(f"{name} {one[0]}" for name, one in COLUMNS.items()) + ")"
    )
    for at in range(3):
        values = ", ".join(one[1][at] for one in COLUMNS.values())
        client.query_and_wait(f"INSERT INTO d.t VALUES ({values})")
    return "d.t"


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_has_the_type_the_metadata_and_the_values_that_it_has_by_rest(
    client, table, column
):
    rows = client.query(f"SELECT {column} FROM d.t").result()
    fast = rows.to_arrow()
    slow = (
        client.query(f"SELECT {column} FROM d.t").result().to_arrow(create_bqstorage_client=False)
    )
    assert fast.schema.equals(slow.schema, check_metadata=True)
    assert fast.to_pylist() == slow.to_pylist()


def test_all_columns_at_once_and_the_fast_way_was_taken(stub, client, table):
    fast = client.list_rows(table).to_arrow()
    assert [one.operation for one in stub.calls()][-2:] == [
        "BigQueryRead.CreateReadSession",
        "BigQueryRead.ReadRows",
    ]
    assert (stub.calls()[-1].dataset, stub.calls()[-1].table) == ("d", "t")
    slow = client.list_rows(table).to_arrow(create_bqstorage_client=False)
    assert fast.equals(slow, check_metadata=True)
    assert fast.schema.field("dt").metadata == {b"ARROW:extension:name": b"google:sqlType:datetime"}
    assert fast.schema.field("n").type == pa.decimal128(38, 9)
    assert fast.schema.field("ts").type == pa.timestamp("us", tz="UTC")


def test_a_frame_is_the_same_both_ways(client, table):
    sql = "SELECT * EXCEPT (d, dt, ts) FROM d.t ORDER BY i"
    fast = client.query(sql).to_dataframe()
    slow = client.query(sql).to_dataframe(create_bqstorage_client=False)
    pd.testing.assert_frame_equal(fast, slow)


def test_an_answer_without_rows_keeps_its_columns(client, table):
    found = client.query("SELECT * FROM d.t WHERE false").result().to_arrow()
    assert found.num_rows == 0
    assert found.column_names == list(COLUMNS)


def test_columns_that_a_client_selects(client, table):
    schema = [one for one in client.get_table(table).schema if one.name in ("s", "i")]
    assert client.list_rows(table, selected_fields=schema).to_arrow().column_names == ["i", "s"]


def test_batches_one_after_the_other(stub, client, table):
    batches = client.list_rows(table).to_arrow_iterable(bqstorage_client=stub.read_client())
    assert sum(one.num_rows for one in batches) == 3


def test_pandas_gbq_asks_for_it(stub, client, monkeypatch):
    # Besides the client that it is given it makes one of its own.
    for name, value in stub.environment().items():
        monkeypatch.setenv(name, value)
    # Of less than this the client has a third with the answer to its query, and asks for no more.
    client.query_and_wait(
        "CREATE TABLE d.t AS SELECT x FROM UNNEST(GENERATE_ARRAY(1, 200000)) AS x"
    )
    frame = pandas_gbq.read_gbq(
        "SELECT x FROM d.t ORDER BY x",
        project_id=stub.project,
        bigquery_client=client,
        use_bqstorage_api=True,
        progress_bar_type=None,
    )
    assert list(frame["x"]) == list(range(1, 200001))
    assert any(one.operation == "BigQueryRead.ReadRows" for one in stub.calls())


def test_a_range(client):
    sql = (
        "SELECT RANGE<DATE> '[2021-01-31, UNBOUNDED)' AS d, "
        "RANGE<DATETIME> '[2021-01-31 01:02:03, 2021-02-01 00:00:00)' AS dt"
    )
    fast = client.query(sql).result().to_arrow()
    slow = client.query(sql).result().to_arrow(create_bqstorage_client=False)
    assert fast.equals(slow, check_metadata=True)
    assert fast["d"][0].as_py() == {"start": dt.date(2021, 1, 31), "end": None}


def test_an_interval(client):
    rows = client.query("SELECT MAKE_INTERVAL(1, 2, 3, 4, 5, 6) AS i").result()
    found = rows.to_arrow()
    assert found.schema.field("i").type == pa.month_day_nano_interval()
    assert found["i"][0].as_py() == (14, 3, (4 * 3600 + 5 * 60 + 6) * 10**9)


def test_an_array_that_is_null_is_empty_wherever_it_stands(client):
    client.query_and_wait(
        "CREATE TABLE d.deep (r ARRAY<STRUCT<i INT64, a ARRAY<STRING>, s STRUCT<b ARRAY<INT64>>>>)"
    )
    client.query_and_wait(
        "INSERT INTO d.deep VALUES ([STRUCT(1 AS i, ['x'] AS a, STRUCT([7] AS b) AS s), "
        "STRUCT(2 AS i, CAST(NULL AS ARRAY<STRING>) AS a, NULL AS s)]), (NULL)"
    )
    assert client.list_rows("d.deep").to_arrow().to_pylist() == [
        {
            "r": [
                {"i": 1, "a": ["x"], "s": {"b": [7]}},
                {"i": 2, "a": [], "s": None},
            ]
        },
        {"r": []},
    ]
