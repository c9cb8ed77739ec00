"""ibis, given clients that know the stub's address: rows come back by the Storage Read API."""

from __future__ import annotations

import datetime as dt
import decimal
import os

import grpc
import ibis
import pandas as pd
import pyarrow as pa
import pytest
from google.cloud.bigquery_storage_v1 import BigQueryReadClient
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import (
    BigQueryReadGrpcTransport,
)
from ibis import _

FRAME = pd.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "kind": ["a", "a", "b", None],
        "share": [1.0, 2.5, None, 4.0],
        "local": pd.to_datetime(["2021-01-30", "2021-01-31", "2021-02-01", "2021-02-02"]),
    }
)


@pytest.fixture(scope="module")
def storage():
    address = os.environ["BIGQUERY_EMULATOR_HOST"].removeprefix("http://")
    with grpc.insecure_channel(address) as channel:
        yield BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))


@pytest.fixture
def con(client, dataset, storage):
    return ibis.bigquery.connect(dataset_id=dataset, client=client, storage_client=storage)


@pytest.fixture
def table(con):
    return con.create_table("t", FRAME)


def tuples(expression) -> list[tuple]:
    frame = expression.to_pandas()
    return list(frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None))


def test_tables_and_datasets(con, dataset) -> None:
    con.create_table("one", FRAME)
    con.create_table("two", schema={"id": "!int64", "word": "string"})
    con.create_view("shown", con.table("one").select("id"))
    assert con.list_tables() == ["one", "shown", "two"]
    assert dataset in con.list_databases()
    assert con.list_tables(database=dataset, like="t.") == ["two"]
    con.create_database(f"{dataset}_more")
    con.create_database(f"{dataset}_more", force=True)
    con.drop_database(f"{dataset}_more")
    con.drop_view("shown")
    con.drop_table("one")
    con.drop_table("one", force=True)
    assert con.list_tables() == ["two"]
    with pytest.raises(ibis.common.exceptions.TableNotFound):
        con.table("one")


def test_a_schema_of_many_types(con) -> None:
    schema = {
        "id": "!int64",
        "word": "string",
        "price": "decimal(38, 9)",
        "large": "decimal(76, 38)",
        "moment": "timestamp('UTC')",
        "local": "timestamp",
        "day": "date",
        "at": "time",
        "numbers": "array<int64>",
        "pair": "struct<x: int64, y: string>",
        "anything": "json",
        "raw": "binary",
        "share": "float64",
        "paid": "boolean",
    }
    made = con.create_table("types", schema=ibis.schema(schema))
    # BigQuery has no NULL within an array.
    wanted = {**schema, "numbers": "array<!int64>"}
    assert {name: str(kind) for name, kind in made.schema().items()} == wanted


def test_rows_as_pandas_arrow_and_polars(table) -> None:
    pd.testing.assert_frame_equal(
        table.order_by("id").to_pandas(), FRAME, check_dtype=False, check_index_type=False
    )
    arrow = table.order_by("id").to_pyarrow()
    assert arrow["kind"].to_pylist() == ["a", "a", "b", None]
    assert arrow.schema.field("id").type == pa.int64()
    assert sum(batch.num_rows for batch in table.to_pyarrow_batches()) == 4
    # polars does not take the name that Arrow's DATETIME columns bear here as with BigQuery.
    assert table.drop("local").to_polars().shape == (4, 3)
    assert table.count().execute() == 4
    assert table.share.max().execute() == 4.0


def test_insert_and_overwrite(con, table) -> None:
    con.insert("t", FRAME)
    con.insert("t", table.filter(_.id == 1))
    assert table.count().execute() == 10
    con.insert("t", FRAME.head(1), overwrite=True)
    assert table.count().execute() == 1


def test_a_table_of_an_expression(con, table) -> None:
    con.create_table("made", table.mutate(next=_.id + 1))
    con.create_table("made", table.mutate(next=_.id + 2), overwrite=True)
    assert sorted(con.table("made").next.to_pandas()) == [3, 4, 5, 6]


def test_group_by(table) -> None:
    sums = table.group_by("kind").agg(
        rows=_.count(),
        total=_.share.sum(),
        mean=_.share.mean(),
        highest=_.id.max(),
        ids=_.id.collect(order_by=_.id.desc()),
    )
    frame = sums.order_by(ibis.asc("kind", nulls_first=True)).to_pandas()
    assert frame["rows"].tolist() == [1, 2, 1]
    assert frame["total"].tolist()[:2] == [4.0, 3.5]
    assert pd.isna(frame["total"][2])
    assert frame["highest"].tolist() == [4, 2, 3]
    assert [list(ids) for ids in frame["ids"]] == [[4], [2, 1], [3]]
    assert tuples(table.group_by("kind").having(_.count() > 1).agg(rows=_.count())) == [("a", 2)]


def test_windows(table) -> None:
    told = table.mutate(
        number=ibis.row_number().over(group_by="kind", order_by="id"),
        running=_.id.cumsum(order_by=_.id),
        before=_.id.lag().over(order_by="id"),
        whole=_.id.sum().over(group_by="kind"),
        rank=ibis.dense_rank().over(order_by=_.kind.fill_null("z")),
    ).order_by("id")
    columns = ("number", "running", "before", "whole", "rank")
    assert tuples(told[columns]) == [
        (0, 1, None, 3, 0),
        (1, 3, 1, 3, 0),
        (0, 6, 2, 3, 1),
        (0, 10, 3, 4, 2),
    ]


def test_joins(con, table) -> None:
    names = con.create_table("names", {"kind": ["a", "c"], "name": ["first", "third"]})
    joined = table.join(names, "kind").order_by("id")
    assert tuples(joined["id", "name"]) == [(1, "first"), (2, "first")]
    left = table.left_join(names, "kind").order_by("id")
    assert [name for (name,) in tuples(left[("name",)])] == ["first", "first", None, None]
    assert table.anti_join(names, "kind").count().execute() == 2
    assert table.semi_join(names, "kind").count().execute() == 2
    outer = table.outer_join(names, "kind")
    assert outer.count().execute() == 5
    again = table.view()
    assert table.join(again, table.id < again.id).count().execute() == 6


def test_rows_of_memory_are_joined(table) -> None:
    few = ibis.memtable({"kind": ["a"], "weight": [9]})
    assert table.join(few, "kind").weight.sum().execute() == 18


def test_sets(table) -> None:
    assert table.union(table).count().execute() == 8
    assert table.union(table, distinct=True).count().execute() == 4
    assert table.intersect(table.filter(_.id < 3)).count().execute() == 2
    assert table.difference(table.filter(_.id == 1)).count().execute() == 3
    assert table[("kind",)].distinct().count().execute() == 3


def test_dates(table) -> None:
    one = table.filter(_.id == 2).select(
        year=_.local.year(),
        month=_.local.truncate("M").date(),
        text=_.local.strftime("%Y/%m/%d"),
        next=(_.local + ibis.interval(days=1)).date(),
        day=_.local.date(),
        weekday=_.local.day_of_week.index(),
    )
    row = one.to_pandas().iloc[0]
    assert (row["year"], row["text"], row["weekday"]) == (2021, "2021/01/31", 6)
    assert [pd.Timestamp(row[name]).date() for name in ("month", "next", "day")] == [
        dt.date(2021, 1, 1),
        dt.date(2021, 2, 1),
        dt.date(2021, 1, 31),
    ]


def test_strings_and_numbers(table) -> None:
    one = table.filter(_.id == 1).select(
        upper=_.kind.upper(),
        length=_.kind.length(),
        contained=_.kind.contains("a"),
        replaced=_.kind.re_replace("[a-z]", "q"),
        part=("key-" + _.kind).split("-")[1],
        text=_.id.cast("string"),
        half=_.id / 2,
        floor=_.id // 2,
        rest=_.id % 2,
        power=_.id**2,
        rounded=(_.share / 3).round(2),
        clipped=_.share.clip(2, 3),
        price=_.id.cast("decimal(38, 9)"),
    )
    (row,) = one.to_pyarrow().to_pylist()
    assert row == {
        "upper": "A",
        "length": 1,
        "contained": True,
        "replaced": "q",
        "part": "a",
        "text": "1",
        "half": 0.5,
        "floor": 0,
        "rest": 1,
        "power": 1,
        "rounded": 0.33,
        "clipped": 2.0,
        "price": decimal.Decimal(1),
    }


def test_conditions_structs_and_arrays(table) -> None:
    one = table.order_by("id").select(
        size=ibis.cases((_.id > 3, "large"), (_.id > 1, "mean"), else_="small"),
        known=_.kind.fill_null("") != "",
        chosen=_.id.isin([1, 2]),
        pair=ibis.struct({"kind": _.kind, "id": _.id}),
        pieces=ibis.array([_.id, _.id * 2]),
    )
    rows = one.to_pyarrow().to_pylist()
    assert [row["size"] for row in rows] == ["small", "mean", "mean", "large"]
    assert [row["known"] for row in rows] == [True, True, True, False]
    assert [row["chosen"] for row in rows] == [True, True, False, False]
    assert rows[2]["pair"] == {"kind": "b", "id": 3}
    assert one.pieces.unnest().sum().execute() == 30
    assert tuples(one.select(kind=_.pair.kind).limit(1)) == [("a",)]


def test_sql_and_parameters(con, table, dataset) -> None:
    counted = con.sql(f"SELECT kind, COUNT(*) AS rows_of FROM {dataset}.t GROUP BY kind")
    assert tuples(counted.filter(_.rows_of > 1)) == [("a", 2)]
    least = ibis.param("int64")
    assert table.filter(_.id > least).count().execute(params={least: 2}) == 2


def test_files(con, tmp_path) -> None:
    FRAME.to_csv(tmp_path / "rows.csv", index=False)
    FRAME.to_parquet(tmp_path / "rows.parquet")
    assert con.read_csv(tmp_path / "rows.csv").count().execute() == 4
    assert con.read_parquet(tmp_path / "rows.parquet").count().execute() == 4


def test_upsert_and_truncate(con, table) -> None:
    new = FRAME.head(2).assign(id=[2, 9], kind=["new", "new"])
    con.upsert("t", new, on="id")
    assert tuples(table.filter(_.kind == "new").order_by("id")[("id",)]) == [(2,), (9,)]
    assert table.count().execute() == 5


def test_a_temporary_table(con) -> None:
    made = con.create_table("passing", FRAME, temp=True)
    assert made.count().execute() == 4
    assert "passing" not in con.list_tables()
