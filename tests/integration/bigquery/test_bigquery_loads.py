"""Load jobs over the wire, sent by the google client."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound
from google.cloud import bigquery as bq

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")


def rows_of(client, table):
    return [tuple(row) for row in client.list_rows(client.get_table(table))]


def frame():
    instants = pd.to_datetime(["2021-01-01 10:00", "2021-01-02 00:00", None])
    return pd.DataFrame(
        {
            "id": [1, 2, 3],
            "name": ["a", None, "c"],
            "at": instants,
            "seen": instants.tz_localize("UTC"),
            "day": [dt.date(2021, 1, 1), None, dt.date(2021, 1, 3)],
            "price": [1.5, None, -2.0],
            "ok": [True, False, True],
        }
    )


def test_a_dataframe_keeps_its_types_and_nulls(client):
    job = client.load_table_from_dataframe(frame(), "d.t")
    assert job.result().output_rows == 3
    schema = {field.name: field.field_type for field in client.get_table("d.t").schema}
    assert schema == {
        "id": "INTEGER",
        "name": "STRING",
        "at": "DATETIME",
        "seen": "TIMESTAMP",
        "day": "DATE",
        "price": "FLOAT",
        "ok": "BOOLEAN",
    }
    first, second, third = rows_of(client, "d.t")
    at = dt.datetime.fromisoformat("2021-01-01T10:00")
    assert first == (1, "a", at, at.replace(tzinfo=dt.UTC), dt.date(2021, 1, 1), 1.5, True)
    assert second[1:2] + second[4:6] == (None, None, None)
    assert third[2:4] == (None, None)


def test_every_type_makes_the_round_trip(client):
    schema = [
        bq.SchemaField("n", "NUMERIC"),
        bq.SchemaField("b", "BYTES"),
        bq.SchemaField("t", "TIME"),
        bq.SchemaField("l", "INTEGER", mode="REPEATED"),
        bq.SchemaField("s", "RECORD", fields=[bq.SchemaField("x", "STRING")]),
        bq.SchemaField(
            "r",
            "RECORD",
            mode="REPEATED",
            fields=[bq.SchemaField("y", "INTEGER"), bq.SchemaField("z", "STRING", mode="REPEATED")],
        ),
    ]
    row = {
        "n": Decimal("12345678901234567890.123456789"),
        "b": b"\x00\xff",
        "t": dt.time(1, 2, 3, 4),
        "l": [1, 2],
        "s": {"x": 'quote " and \\ and \n'},
        "r": [{"y": 1, "z": ["p", "q"]}, {"y": None, "z": []}],
    }
    config = bq.LoadJobConfig(schema=schema)
    client.load_table_from_dataframe(pd.DataFrame([row]), "d.t", job_config=config).result()
    found = dict(next(iter(client.list_rows("d.t"))))
    assert found == row
    assert [field.field_type for field in client.get_table("d.t").schema][:3] == [
        "NUMERIC",
        "BYTES",
        "TIME",
    ]
    assert dict(next(iter(client.query_and_wait("SELECT * FROM d.t")))) == row


def test_a_parquet_timestamp_without_a_zone_is_a_timestamp_unless_the_schema_says_datetime(client):
    table = pa.table(
        {"at": pa.array([dt.datetime.fromisoformat("2021-01-01T10:00")], pa.timestamp("us"))}
    )
    for name, schema, expected in (
        ("plain", None, "TIMESTAMP"),
        ("civil", [bq.SchemaField("at", "DATETIME")], "DATETIME"),
    ):
        file = io.BytesIO()
        pq.write_table(table, file)
        config = bq.LoadJobConfig(source_format="PARQUET", schema=schema)
        client.load_table_from_file(file, f"d.{name}", rewind=True, job_config=config).result()
        assert client.get_table(f"d.{name}").schema[0].field_type == expected


def test_write_dispositions(client):
    def load(disposition):
        config = bq.LoadJobConfig(write_disposition=disposition)
        return client.load_table_from_dataframe(frame(), "d.t", job_config=config).result()

    load("WRITE_EMPTY")
    load("WRITE_APPEND")
    assert client.get_table("d.t").num_rows == 6
    load("WRITE_TRUNCATE")
    assert client.get_table("d.t").num_rows == 3
    with pytest.raises(Conflict, match=r"Already Exists: Table test-project:d\.t"):
        load("WRITE_EMPTY")
    assert client.get_table("d.t").num_rows == 3


def test_create_never_wants_a_table(client):
    config = bq.LoadJobConfig(create_disposition="CREATE_NEVER")
    with pytest.raises(NotFound, match=r"Not found: Table test-project:d\.t"):
        client.load_table_from_dataframe(frame(), "d.t", job_config=config).result()


def test_a_missing_dataset_is_not_made(client):
    with pytest.raises(NotFound, match="Not found: Dataset test-project:nowhere"):
        client.load_table_from_dataframe(frame(), "nowhere.t").result()


def test_an_append_of_another_type_is_refused_and_changes_nothing(client):
    client.load_table_from_dataframe(frame()[["id"]], "d.t").result()
    config = bq.LoadJobConfig(schema=[bq.SchemaField("id", "STRING")])
    texts = pd.DataFrame({"id": ["x"]})
    with pytest.raises(BadRequest, match="Field id has changed type from INTEGER to STRING"):
        client.load_table_from_dataframe(texts, "d.t", job_config=config).result()
    assert rows_of(client, "d.t") == [(1,), (2,), (3,)]


def test_an_append_with_a_new_column_needs_the_option(client):
    client.load_table_from_dataframe(frame()[["id"]], "d.t").result()
    both = frame()[["id", "name"]]
    with pytest.raises(BadRequest, match=r"Cannot add fields \(field: name\)"):
        client.load_table_from_dataframe(both, "d.t").result()
    config = bq.LoadJobConfig(schema_update_options=["ALLOW_FIELD_ADDITION"])
    client.load_table_from_dataframe(both, "d.t", job_config=config).result()
    assert rows_of(client, "d.t")[:4] == [(1, None), (2, None), (3, None), (1, "a")]


def test_a_null_in_a_required_column_is_refused(client):
    schema = [bq.SchemaField("name", "STRING", mode="REQUIRED")]
    client.create_table(bq.Table("test-project.d.t", schema=schema))
    json = [{"name": "a"}, {"name": None}]
    config = bq.LoadJobConfig(schema=schema)
    with pytest.raises(BadRequest, match="Only optional fields can be set to NULL"):
        client.load_table_from_json(json, "d.t", job_config=config).result()
    assert client.get_table("d.t").num_rows == 0


def test_a_column_name_with_a_blank_is_refused(client):
    file = io.BytesIO()
    pq.write_table(pa.table({"a b": [1]}), file)
    config = bq.LoadJobConfig(source_format="PARQUET")
    with pytest.raises(BadRequest, match='Invalid field name "a b"'):
        client.load_table_from_file(file, "d.t", rewind=True, job_config=config).result()


def test_a_parquet_column_that_does_not_match_the_schema_is_refused(client):
    file = io.BytesIO()
    pq.write_table(pa.table({"a": ["x"]}), file)
    schema = [bq.SchemaField("a", "INTEGER")]
    config = bq.LoadJobConfig(source_format="PARQUET", schema=schema)
    with pytest.raises(BadRequest, match="Parquet column 'a' has type BYTE_ARRAY"):
        client.load_table_from_file(file, "d.t", rewind=True, job_config=config).result()
    with pytest.raises(NotFound):
        client.get_table("d.t")


def test_a_file_that_is_not_parquet(client):
    config = bq.LoadJobConfig(source_format="PARQUET")
    with pytest.raises(BadRequest, match="not in Parquet format"):
        client.load_table_from_file(io.BytesIO(b"no"), "d.t", job_config=config).result()


def csv_config(**options):
    return bq.LoadJobConfig(source_format="CSV", **options)


def test_csv_with_a_schema(client):
    content = b'id|note|at\n1|"two\nlines"|2021-01-01 10:00:00\n2||\n'
    schema = [
        bq.SchemaField("id", "INTEGER"),
        bq.SchemaField("note", "STRING"),
        bq.SchemaField("at", "TIMESTAMP"),
    ]
    config = csv_config(
        schema=schema, skip_leading_rows=1, field_delimiter="|", allow_quoted_newlines=True
    )
    client.load_table_from_file(io.BytesIO(content), "d.t", job_config=config).result()
    assert rows_of(client, "d.t") == [
        (1, "two\nlines", dt.datetime(2021, 1, 1, 10, tzinfo=dt.UTC)),
        (2, None, None),
    ]


def test_csv_that_does_not_parse_names_value_and_column(client):
    schema = [bq.SchemaField("id", "INTEGER")]
    config = csv_config(schema=schema)
    with pytest.raises(BadRequest, match="Could not parse 'abc' as INT64 for field id"):
        client.load_table_from_file(io.BytesIO(b"1\nabc\n"), "d.t", job_config=config).result()
    with pytest.raises(NotFound):
        client.get_table("d.t")


def test_csv_with_too_many_columns_is_refused(client):
    config = csv_config(schema=[bq.SchemaField("id", "INTEGER")])
    with pytest.raises(BadRequest, match="Error while reading data"):
        client.load_table_from_file(io.BytesIO(b"1,2\n"), "d.t", job_config=config).result()


def test_csv_detects_names_and_types(client):
    content = b"id,name,share,day,ok\n1,a,0.5,2021-01-01,true\n2,b,,2021-01-02,false\n"
    config = csv_config(autodetect=True)
    client.load_table_from_file(io.BytesIO(content), "d.t", job_config=config).result()
    schema = [(field.name, field.field_type) for field in client.get_table("d.t").schema]
    assert schema == [
        ("id", "INTEGER"),
        ("name", "STRING"),
        ("share", "FLOAT"),
        ("day", "DATE"),
        ("ok", "BOOLEAN"),
    ]
    assert rows_of(client, "d.t")[1] == (2, "b", None, dt.date(2021, 1, 2), False)


def test_csv_without_any_schema_is_refused(client):
    config = csv_config()
    with pytest.raises(BadRequest, match="No schema specified on job or table"):
        client.load_table_from_file(io.BytesIO(b"1\n"), "d.t", job_config=config).result()


def test_json_rows(client):
    rows = [
        {"id": 1, "tags": ["a", "b"], "inner": {"x": 1.5}},
        {"id": 2, "tags": [], "inner": None},
    ]
    client.load_table_from_json(rows, "d.t").result()
    assert rows_of(client, "d.t") == [(1, ["a", "b"], {"x": 1.5}), (2, [], None)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"id": 1, "more": 2}, "No such field: more"),
        ({"id": "abc"}, "Could not convert value to INT64. Field: id; Value: abc"),
        ({"id": [1]}, "Array specified for non-repeated field: id"),
    ],
)
def test_json_that_does_not_fit(client, row, message):
    config = bq.LoadJobConfig(schema=[bq.SchemaField("id", "INTEGER")])
    with pytest.raises(BadRequest, match=message):
        client.load_table_from_json([row], "d.t", job_config=config).result()
    with pytest.raises(NotFound):
        client.get_table("d.t")


def test_a_resumable_upload_in_chunks(client, monkeypatch):
    """The client sends 100 MB a chunk; a smaller size shows the same protocol sooner."""
    monkeypatch.setattr("google.cloud.bigquery.client._DEFAULT_CHUNKSIZE", 1024 * 1024)
    count = 700_000
    file = io.BytesIO()
    table = pa.table({"id": range(count), "twice": range(0, 2 * count, 2)})
    pq.write_table(table, file, compression="none", use_dictionary=False)
    size = file.tell()
    assert size > 5 * 1024 * 1024
    config = bq.LoadJobConfig(source_format="PARQUET")
    job = client.load_table_from_file(
        file, "d.t", rewind=True, size=size, job_config=config
    ).result()
    assert job.output_rows == count
    total = next(iter(client.query_and_wait("SELECT SUM(id) AS a, SUM(twice) AS b FROM d.t")))
    assert (total.a, total.b) == (count * (count - 1) // 2, count * (count - 1))


def test_objects_of_gcs(client, stub, gcs_server, monkeypatch):
    endpoint, put = gcs_server
    for day in (1, 2):
        file = io.BytesIO()
        pq.write_table(pa.table({"day": [day]}), file)
        put("bucket", f"in/{day}.parquet", file.getvalue())
    monkeypatch.setattr(stub._server._running.api.jobs, "gcs_endpoint", endpoint)
    config = bq.LoadJobConfig(source_format="PARQUET")
    client.load_table_from_uri("gs://bucket/in/*.parquet", "d.t", job_config=config).result()
    assert sorted(rows_of(client, "d.t")) == [(1,), (2,)]
    client.load_table_from_uri("gs://bucket/in/1.parquet", "d.t", job_config=config).result()
    assert client.get_table("d.t").num_rows == 3
    with pytest.raises(NotFound, match="Not found: URI gs://bucket/none"):
        client.load_table_from_uri("gs://bucket/none", "d.t", job_config=config).result()
