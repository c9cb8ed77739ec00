"""Times in parquet files: without a zone, of every unit, and beyond the range."""

from __future__ import annotations

import datetime as dt
import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

SECOND = 1_609_459_201
MOMENT = dt.datetime(2021, 1, 1, 0, 0, 1, tzinfo=dt.UTC)


def load(client, values, kind, **options):
    file = io.BytesIO()
    pq.write_table(pa.table({"at": pa.array(values, kind)}), file, version="2.6")
    config = bq.LoadJobConfig(source_format="PARQUET", **options)
    return client.load_table_from_file(
        file, "d.t", rewind=True, size=file.tell(), job_config=config
    ).result()


def rows_of(client):
    return [row[0] for row in client.list_rows(client.get_table("d.t"))]


@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
@pytest.mark.parametrize(("unit", "factor"), [("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_every_unit_is_a_timestamp(client, unit, factor, zone):
    load(client, [SECOND * factor, None], pa.timestamp(unit, tz=zone))
    assert rows_of(client) == [MOMENT, None]


@pytest.mark.parametrize("unit", ["ms", "us"])
def test_a_datetime_where_the_schema_says_so(client, unit):
    factor = {"ms": 10**3, "us": 10**6}[unit]
    load(
        client,
        [-factor, None],
        pa.timestamp(unit),
        schema=[bq.SchemaField("at", "DATETIME")],
    )
    assert rows_of(client) == [dt.datetime(1969, 12, 31, 23, 59, 59), None]  # noqa: DTZ001


@pytest.mark.parametrize("kind", ["TIMESTAMP", "DATETIME"])
@pytest.mark.parametrize("value", [253_402_300_800_000_000, -62_135_596_800_000_001, 2**63 - 1])
def test_a_time_beyond_the_range_is_refused(client, kind, value):
    with pytest.raises(BadRequest, match=f"Invalid {kind.lower()} value in column at"):
        load(client, [0, value], pa.timestamp("us"), schema=[bq.SchemaField("at", kind)])


def test_the_edges_of_the_range(client):
    edges = [253_402_300_799_999_999, -62_135_596_800_000_000]
    load(client, edges, pa.timestamp("us", tz="UTC"))
    last, first = rows_of(client)
    assert (last.year, last.microsecond, first.year) == (9999, 999_999, 1)


@pytest.mark.parametrize("unit", ["HOUR", "DAY", "MONTH", "YEAR"])
def test_partitions_of_times_before_the_epoch(client, unit):
    values = [-1, 0, None, -400_000_000_000_000]
    partitioning = bq.TimePartitioning(type_=unit, field="at")
    load(client, values, pa.timestamp("us", tz="UTC"), time_partitioning=partitioning)
    size = {"HOUR": 10, "DAY": 8, "MONTH": 6, "YEAR": 4}[unit]
    found = client.list_partitions("d.t")
    assert found == sorted(["1969123123"[:size], "1970010100"[:size], "__NULL__",
                            "__UNPARTITIONED__"])  # fmt: skip


@pytest.mark.filterwarnings("ignore:Loading DataFrames via:PendingDeprecationWarning")
def test_what_pandas_loads_has_the_types_of_the_clients_schema(client):
    frame = pd.DataFrame(
        {
            "civil": pd.to_datetime(["2021-01-01 00:00:01", None]),
            "instant": pd.to_datetime(["2021-01-01 00:00:01", None], utc=True),
        }
    )
    for rows in (2, 4):
        client.load_table_from_dataframe(frame, "d.t").result()
        table = client.get_table("d.t")
        assert [field.field_type for field in table.schema] == ["DATETIME", "TIMESTAMP"]
        assert table.num_rows == rows
    assert next(iter(client.list_rows(table))).values() == (MOMENT.replace(tzinfo=None), MOMENT)


def test_a_civil_time_is_not_appended_to_a_datetime_without_a_schema(client):
    client.create_table(bq.Table("test-project.d.t", [bq.SchemaField("at", "DATETIME")]))
    with pytest.raises(BadRequest, match="Field at has changed type from DATETIME to TIMESTAMP"):
        load(client, [0], pa.timestamp("us"))
    load(client, [0], pa.timestamp("us"), schema=[bq.SchemaField("at", "DATETIME")])
    assert client.get_table("d.t").num_rows == 1
