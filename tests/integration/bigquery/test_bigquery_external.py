"""External tables over objects: made, read, changed beneath, refused."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json

import fastavro
import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound
from google.cloud import bigquery as bq

from harness.services.bigquery import BigQueryStub

PROJECT = "test-project"


@pytest.fixture
def world(gcs_server):
    url, put = gcs_server
    stub = BigQueryStub(project=PROJECT, gcs_endpoint=url)
    stub.start()
    with stub.client() as client:
        client.create_dataset("d")
        yield client, put
    stub.stop()


def parquet(**columns):
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def answer(client, sql, **options):
    return [tuple(row) for row in client.query(sql, **options).result()]


def make(client, kind, uris, *, schema=None, change=None, name="e"):
    config = bq.ExternalConfig(kind)
    config.source_uris = uris
    if change:
        change(config)
    table = bq.Table(f"{PROJECT}.d.{name}", schema)
    table.external_data_configuration = config
    return client.create_table(table)


def test_a_parquet_table_by_ddl_and_a_partitioned_copy_of_it(world):
    client, put = world
    days = [dt.datetime(2021, 1, day, 5, tzinfo=dt.UTC) for day in (1, 2)]
    put("b", "green/a.parquet", parquet(id=[1, 2], at=days))
    put("b", "green/b.parquet", parquet(id=[3], at=days[:1]))
    put("b", "green/readme.txt", b"no table")
    job = client.query(
        "CREATE OR REPLACE EXTERNAL TABLE `test-project.d.e` "
        "OPTIONS (format = 'PARQUET', uris = ['gs://b/green/*.parquet'])"
    )
    job.result()
    assert job.statement_type == "CREATE_EXTERNAL_TABLE"
    counted = client.query("SELECT COUNT(*), SUM(id) FROM d.e")
    assert [tuple(row) for row in counted.result()] == [(3, 6)]
    assert counted.total_bytes_processed > 0
    assert [one.table_id for one in counted.referenced_tables] == ["e"]
    client.query(
        "CREATE OR REPLACE TABLE d.p PARTITION BY DATE(at) AS SELECT * FROM `test-project.d.e`"
    ).result()
    assert client.list_partitions("d.p") == ["20210101", "20210102"]
    assert answer(client, "SELECT _FILE_NAME FROM d.e WHERE id = 3") == [
        ("gs://b/green/b.parquet",)
    ]
    first = next(iter(client.query("SELECT * FROM d.e").result()))
    assert list(first.keys()) == ["id", "at"]


def test_its_facts(world):
    client, put = world
    put("b", "x.csv", b"a,b\n1,x\n")
    table = make(client, "CSV", ["gs://b/x.csv"], change=lambda c: setattr(c, "autodetect", True))
    assert (table.table_type, table.num_rows) == ("EXTERNAL", 0)
    assert [(field.name, field.field_type) for field in table.schema] == [
        ("a", "INTEGER"),
        ("b", "STRING"),
    ]
    told = client.get_table("d.e").external_data_configuration
    assert (told.source_format, told.source_uris) == ("CSV", ["gs://b/x.csv"])
    assert [one.table_type for one in client.list_tables("d")] == ["EXTERNAL"]
    sql = "SELECT table_type, is_insertable_into FROM d.INFORMATION_SCHEMA.TABLES"
    assert answer(client, sql) == [("EXTERNAL", "NO")]
    assert answer(client, "SELECT type FROM d.__TABLES__") == [(3,)]
    with pytest.raises(Conflict):
        make(client, "CSV", ["gs://b/x.csv"])


def test_csv_with_options(world):
    client, put = world
    put("b", "1.csv.gz", gzip.compress(b"skip\n1|-|'x'\n2|y|'p|q'\n"))

    def change(config):
        config.options.skip_leading_rows = 1
        config.options.field_delimiter = "|"
        config.options.quote_character = "'"
        config.compression = "GZIP"

    schema = [bq.SchemaField("a", "INTEGER"), *(bq.SchemaField(n, "STRING") for n in "bc")]
    make(client, "CSV", ["gs://b/*.gz"], schema=schema, change=change)
    assert answer(client, "SELECT * FROM d.e ORDER BY a") == [(1, "-", "x"), (2, "y", "p|q")]


def test_csv_options_in_ddl(world):
    client, put = world
    put("b", "1.csv", b"h;h\n1;NA;9\n2;z\n")
    client.query(
        "CREATE EXTERNAL TABLE IF NOT EXISTS d.e (a INT64, b STRING) OPTIONS (format='csv', "
        "uris=['gs://b/1.csv'], skip_leading_rows=1, field_delimiter=';', null_marker='NA', "
        "ignore_unknown_values=true, description='told', labels=[('k', 'v')])"
    ).result()
    assert answer(client, "SELECT * FROM d.e ORDER BY a") == [(1, None), (2, "z")]
    table = client.get_table("d.e")
    assert (table.description, table.labels) == ("told", {"k": "v"})
    again = client.query("CREATE EXTERNAL TABLE IF NOT EXISTS d.e OPTIONS (format='CSV')")
    again.result()
    assert again.ddl_operation_performed == "SKIP"


def test_rows_that_do_not_fit(world):
    client, put = world
    put("b", "1.json", b'{"a": 1}\n{"a": "x"}\n{"a": 2, "z": 1}\n')
    schema = [bq.SchemaField("a", "INTEGER")]

    def make_it(name, bad, *, unknown=False):
        def change(config):
            config.max_bad_records = bad
            config.ignore_unknown_values = unknown

        return make(
            client,
            "NEWLINE_DELIMITED_JSON",
            ["gs://b/1.json"],
            schema=schema,
            change=change,
            name=name,
        )

    make_it("none", 0)
    make_it("two", 2)
    make_it("one", 1, unknown=True)
    with pytest.raises(BadRequest, match=r"Error while reading table: d.none, error message: JSON"):
        answer(client, "SELECT * FROM d.none")
    assert answer(client, "SELECT a FROM d.two") == [(1,)]
    assert answer(client, "SELECT a FROM d.one ORDER BY a") == [(1,), (2,)]


def test_avro_and_orc(world):
    client, put = world
    file = io.BytesIO()
    schema = {"type": "record", "name": "r", "fields": [{"name": "d", "type": {
        "type": "int", "logicalType": "date"}}]}  # fmt: skip
    fastavro.writer(file, schema, [{"d": dt.date(2021, 1, 1)}])
    put("b", "x.avro", file.getvalue())
    file = io.BytesIO()
    orc.write_table(pa.table({"a": [1, 2]}), file)
    put("b", "x.orc", file.getvalue())
    client.query(
        "CREATE EXTERNAL TABLE d.e OPTIONS (format='AVRO', uris=['gs://b/*.avro'], "
        "enable_logical_types=true)"
    ).result()
    make(client, "ORC", ["gs://b/x.orc"], name="o")
    assert answer(client, "SELECT d FROM d.e") == [(dt.date(2021, 1, 1),)]
    assert answer(client, "SELECT SUM(a) FROM d.o") == [(3,)]


def test_what_changes_beneath_is_read_at_once(world):
    client, put = world
    put("b", "a.parquet", parquet(id=[1]))
    make(client, "PARQUET", ["gs://b/*"])
    view = bq.Table(f"{PROJECT}.d.v")
    view.view_query = "SELECT id + 1 AS x FROM d.e"
    client.create_table(view)
    assert answer(client, "SELECT SUM(x) FROM d.v") == [(2,)]
    put("b", "b.parquet", parquet(id=[10]))
    put("b", "a.parquet", parquet(id=[5]))
    assert answer(client, "SELECT SUM(x) FROM d.v") == [(17,)]


def test_a_column_that_a_file_lacks_or_has_beside(world):
    client, put = world
    put("b", "a.parquet", parquet(id=[1], old=[1]))
    put("b", "b.parquet", parquet(id=[2], name=["x"]))
    make(client, "PARQUET", ["gs://b/*"])
    assert answer(client, "SELECT * FROM d.e ORDER BY id") == [(1, None), (2, "x")]


def test_a_column_of_another_type_fails_as_the_real_one_does(world):
    client, put = world
    put("b", "a.parquet", parquet(fee=pa.array([1], pa.int64())))
    put("b", "b.parquet", parquet(fee=pa.array([1.5], pa.float64())))
    make(client, "PARQUET", ["gs://b/*"])
    with pytest.raises(
        BadRequest,
        match=r"Error while reading table: d\.e, error message: Parquet column 'fee' has type INT64 "
        "which does not match the target cpp_type FLOAT64",
    ):
        answer(client, "SELECT * FROM d.e")


def test_no_files(world):
    client, put = world
    text = r"Failed to expand table d.e with file pattern gs://b/x\*.csv: matched no files"
    with pytest.raises(BadRequest, match=text):
        make(client, "CSV", ["gs://b/x*.csv"], change=lambda c: setattr(c, "autodetect", True))
    make(client, "CSV", ["gs://b/x*.csv"], schema=[bq.SchemaField("a", "INTEGER")])
    with pytest.raises(BadRequest, match=text):
        answer(client, "SELECT * FROM d.e")
    put("b", "x1.csv", b"1\n")
    assert answer(client, "SELECT a FROM d.e") == [(1,)]


def test_an_object_that_is_gone(world):
    client, _ = world
    make(client, "CSV", ["gs://b/gone.csv"], schema=[bq.SchemaField("a", "INTEGER")])
    with pytest.raises(NotFound, match=r"gs://b/gone\.csv"):
        answer(client, "SELECT * FROM d.e")


def test_hive_partitions_are_columns(world):
    client, put = world
    for day, zone in ((1, "a"), (2, "a"), (2, "b%20c")):
        name = f"t/dt=2021-01-0{day}/zone={zone}/x.parquet"
        put("b", name, parquet(id=[day]))
    options = bq.HivePartitioningOptions()
    options.mode = "AUTO"
    options.source_uri_prefix = "gs://b/t"
    options.require_partition_filter = True
    make(
        client,
        "PARQUET",
        ["gs://b/t/*"],
        change=lambda config: setattr(config, "hive_partitioning", options),
    )
    assert [field.field_type for field in client.get_table("d.e").schema] == [
        "INTEGER",
        "DATE",
        "STRING",
    ]
    with pytest.raises(BadRequest, match=r"without a filter over column\(s\) 'dt', 'zone' that"):
        answer(client, "SELECT * FROM d.e")
    sql = "SELECT id, zone FROM d.e WHERE dt = '2021-01-02' ORDER BY zone"
    assert answer(client, sql) == [(2, "a"), (2, "b c")]


def test_hive_partitions_in_ddl(world):
    client, put = world
    put("b", "t/year=2020/x.csv", b"1\n")
    put("b", "t/year=__HIVE_DEFAULT_PARTITION__/x.csv", b"2\n")
    head = "CREATE OR REPLACE EXTERNAL TABLE d.e (a INT64)\nWITH PARTITION COLUMNS"
    tail = "OPTIONS (format='CSV', uris=['gs://b/t/*'], hive_partition_uri_prefix='gs://b/t')"
    client.query(f"{head} (year STRING) {tail}").result()
    assert answer(client, "SELECT * FROM d.e ORDER BY a") == [(1, "2020"), (2, None)]
    client.query(f"{head} {tail}").result()
    assert answer(client, "SELECT * FROM d.e ORDER BY a") == [(1, 2020), (2, None)]
    put("b", "t/month=1/x.csv", b"3\n")
    with pytest.raises(BadRequest, match="Partition keys should be invariant"):
        answer(client, "SELECT * FROM d.e")


def test_a_key_of_another_type_than_declared(world):
    client, put = world
    put("b", "t/n=x/1.csv", b"1\n")
    client.query(
        "CREATE EXTERNAL TABLE d.e (a INT64) WITH PARTITION COLUMNS (n INT64) OPTIONS "
        "(format='CSV', uris=['gs://b/t/*'], hive_partition_uri_prefix='gs://b/t/')"
    ).result()
    with pytest.raises(BadRequest, match="Partition key n with value 'x' cannot be read as INT64"):
        answer(client, "SELECT a FROM d.e")


def test_a_temporary_table_of_one_query(world):
    client, put = world
    put("b", "a.csv", b"1,x\n2,y\n")
    config = bq.ExternalConfig("CSV")
    config.source_uris = ["gs://b/a.csv"]
    config.schema = [bq.SchemaField("n", "INTEGER"), bq.SchemaField("s", "STRING")]
    job = bq.QueryJobConfig(table_definitions={"files": config})
    sql = "SELECT COUNT(*), MAX(f.s), MAX(_FILE_NAME) FROM files AS f"
    assert answer(client, sql, job_config=job) == [(2, "y", "gs://b/a.csv")]
    with pytest.raises(BadRequest, match="must be qualified with a dataset"):
        answer(client, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO d.e VALUES (1)",
        "UPDATE d.e SET id = 1 WHERE true",
        "DELETE FROM d.e WHERE true",
        "TRUNCATE TABLE d.e",
    ],
)
def test_its_rows_cannot_be_changed(world, sql):
    client, put = world
    put("b", "a.parquet", parquet(id=[1]))
    make(client, "PARQUET", ["gs://b/*"])
    with pytest.raises(BadRequest, match=r"not allowed for this operation because it is currently"):
        client.query(sql).result()


def test_other_ways_to_write_or_read_its_rows(world):
    client, put = world
    put("b", "a.parquet", parquet(id=[1]))
    table = make(client, "PARQUET", ["gs://b/*"])
    with pytest.raises(BadRequest, match="currently a EXTERNAL"):
        client.load_table_from_json([{"id": 1}], table).result()
    with pytest.raises(BadRequest, match="type EXTERNAL"):
        client.insert_rows_json(table, [{"id": 1}])
    with pytest.raises(BadRequest, match="type EXTERNAL"):
        list(client.list_rows(table))
    with pytest.raises(BadRequest, match="currently a EXTERNAL"):
        client.copy_table(table, "d.copy").result()
    with pytest.raises(BadRequest, match="currently a EXTERNAL"):
        client.extract_table(table, "gs://b/out.csv").result()


def test_it_is_dropped(world):
    client, put = world
    put("b", "a.parquet", parquet(id=[1]))
    make(client, "PARQUET", ["gs://b/*"])
    with pytest.raises(BadRequest):
        client.query("DROP TABLE d.e").result()
    client.query("DROP EXTERNAL TABLE d.e").result()
    client.query("DROP EXTERNAL TABLE IF EXISTS d.e").result()
    with pytest.raises(NotFound):
        client.query("DROP EXTERNAL TABLE d.e").result()
    client.create_table(bq.Table(f"{PROJECT}.d.t", [bq.SchemaField("a", "INTEGER")]))
    with pytest.raises(BadRequest):
        client.query("DROP EXTERNAL TABLE d.t").result()
    with pytest.raises(Conflict):
        client.query(
            "CREATE OR REPLACE EXTERNAL TABLE d.t OPTIONS (format='CSV', uris=['gs://b/a'])"
        ).result()


def test_its_definition_is_changed(world):
    client, put = world
    put("b", "a.json", json.dumps({"a": 1}).encode())
    put("b", "b.json", json.dumps({"a": 2, "b": "x"}).encode())
    table = make(client, "NEWLINE_DELIMITED_JSON", ["gs://b/a.json"])
    config = table.external_data_configuration
    config.source_uris = ["gs://b/b.json"]
    table.external_data_configuration = config
    client.update_table(table, ["external_data_configuration"])
    assert answer(client, "SELECT * FROM d.e") == [(2, "x")]
    table = client.get_table("d.e")
    table.description = "told"
    assert client.update_table(table, ["description"]).table_type == "EXTERNAL"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("format='GOOGLE_SHEETS', uris=['https://x']", "external tables of GOOGLE_SHEETS"),
        ("format='ICEBERG', uris=['gs://b/x']", "external tables of ICEBERG"),
        ("format='CSV', uris=['https://x']", "external tables over https://x"),
        ("format='CSV'", "Required parameter is missing: sourceUris"),
        ("uris=['gs://b/x']", "Required parameter is missing: sourceFormat"),
        ("format='CSV', uris=['gs://b/x'], sheet_range='a'", "option sheet_range"),
    ],
)
def test_what_is_refused(world, options, message):
    client, _ = world
    with pytest.raises(BadRequest, match=message):
        client.query(f"CREATE EXTERNAL TABLE d.e OPTIONS ({options})").result()


def test_a_connection_is_refused_with_its_place(world):
    client, _ = world
    sql = "CREATE EXTERNAL TABLE d.e\nWITH CONNECTION `us.x` OPTIONS (format='CSV')"
    with pytest.raises(BadRequest, match=r"WITH CONNECTION at \[2:1\]"):
        client.query(sql).result()


def test_without_a_gcs_endpoint(client):
    with pytest.raises(BadRequest, match="started without a GCS endpoint"):
        make(client, "PARQUET", ["gs://b/x"])
