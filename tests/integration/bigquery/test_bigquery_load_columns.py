"""Files that tell their own columns: parquet and ORC."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.api_core.exceptions import BadRequest, NotFound
from google.cloud import bigquery as bq
from pyarrow import orc

AT = dt.datetime.fromisoformat("2021-01-31T10:00:00.123456")


def parquet(content, **options):
    file = io.BytesIO()
    pq.write_table(content, file, **options)
    return file.getvalue()


def load(client, content, kind="PARQUET", **options):
    config = bq.LoadJobConfig(source_format=kind, **options)
    return client.load_table_from_file(io.BytesIO(content), "d.t", job_config=config).result()


def kinds(client):
    return [(field.name, field.field_type, field.mode) for field in client.get_table("d.t").schema]


def rows_of(client):
    return [dict(row) for row in client.list_rows(client.get_table("d.t"))]


@pytest.mark.parametrize(
    ("unit", "kept"),
    [
        ("s", "2021-01-31T10:00:00"),
        ("ms", "2021-01-31T10:00:00.123"),
        ("us", AT.isoformat()),
        ("ns", AT.isoformat()),
    ],
)
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Paris"])
def test_timestamps_of_each_unit(client, unit, kept, zone):
    at = pa.array([AT], pa.timestamp("us", "UTC")).cast(pa.timestamp(unit, "UTC"), safe=False)
    column = at.cast(pa.timestamp(unit, zone))
    load(client, parquet(pa.table({"at": column})))
    assert kinds(client) == [("at", "TIMESTAMP", "NULLABLE")]
    expected = dt.datetime.fromisoformat(kept).replace(tzinfo=dt.UTC)
    assert rows_of(client) == [{"at": expected}]


def test_types_of_parquet(client):
    content = pa.table(
        {
            "e": pa.array(["a", None]).dictionary_encode(),
            "i": pa.array([1, None], pa.int8()),
            "u": pa.array([2**32, None], pa.uint64()),
            "f": pa.array([1.5, None], pa.float32()),
            "t": pa.array([dt.time(1, 2, 3, 4), None], pa.time64("us")),
            "d": pa.array([Decimal("1.25"), None], pa.decimal128(10, 2)),
            "b": pa.array([b"\0", None]),
            "n": pa.array([None, None], pa.null()),
        }
    )
    load(client, parquet(content))
    assert [kind for _, kind, _ in kinds(client)] == [
        "STRING",
        "INTEGER",
        "INTEGER",
        "FLOAT",
        "TIME",
        "NUMERIC",
        "BYTES",
        "INTEGER",
    ]
    first = rows_of(client)[0]
    assert (first["e"], first["u"], first["d"], first["t"]) == (
        "a",
        2**32,
        Decimal("1.25"),
        dt.time(1, 2, 3, 4),
    )
    assert set(rows_of(client)[1].values()) == {None}


def test_nested_lists_and_records(client):
    rows = [{"r": [{"x": 1, "l": ["a"], "s": {"y": 2.5}}]}, {"r": []}, {"r": None}]
    options = bq.ParquetOptions()
    options.enable_list_inference = True
    load(client, parquet(pa.Table.from_pylist(rows)), parquet_options=options)
    assert rows_of(client) == [rows[0], {"r": []}, {"r": []}]


def test_a_list_without_inference_comes_as_it_is_written(client):
    content = pa.table({"l": [[1, 2], [], None], "r": [{"m": [[3]]}, {"m": []}, None]})
    load(client, parquet(content))
    element = {"list": [{"element": 1}, {"element": 2}]}
    nested = {"m": {"list": [{"element": {"list": [{"element": 3}]}}]}}
    assert rows_of(client) == [
        {"l": element, "r": nested},
        {"l": {"list": []}, "r": {"m": {"list": []}}},
        {"l": None, "r": None},
    ]
    field = client.get_table("d.t").schema[0]
    assert (field.field_type, field.mode) == ("RECORD", "NULLABLE")
    assert (field.fields[0].name, field.fields[0].mode) == ("list", "REPEATED")


def test_the_names_within_a_list_are_the_files(client):
    content = parquet(pa.table({"l": [[1]]}), use_compliant_nested_type=False)
    load(client, content)
    assert rows_of(client) == [{"l": {"list": [{"item": 1}]}}]


@pytest.mark.parametrize(
    ("size", "targets", "kind"),
    [
        ((38, 9), None, "NUMERIC"),
        ((29, 0), None, "NUMERIC"),
        ((30, 0), ["NUMERIC", "STRING"], "STRING"),
        ((38, 20), ["STRING"], "STRING"),
        ((5, 2), ["STRING"], "STRING"),
        ((5, 2), ["BIGNUMERIC"], "BIGNUMERIC"),
        ((38, 20), ["NUMERIC", "BIGNUMERIC"], "BIGNUMERIC"),
        ((76, 38), ["NUMERIC", "BIGNUMERIC"], "BIGNUMERIC"),
        ((76, 38), ["STRING"], "STRING"),
    ],
)
def test_what_a_decimal_becomes(client, size, targets, kind):
    value = Decimal("1.5") if size[1] else Decimal(2)
    column = pa.array([value], (pa.decimal128 if size[0] <= 38 else pa.decimal256)(*size))
    load(client, parquet(pa.table({"d": column})), decimal_target_types=targets)
    assert kinds(client)[0][1] == kind
    assert Decimal(rows_of(client)[0]["d"]) == value


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_big_number_of_a_frame(client):
    least, most = (Decimal(f"{sign}{'9' * 38}.{'8' * 38}") for sign in ("-", ""))
    frame = pd.DataFrame({"x": [1.5, None, 2.5], "d": [least, None, most]})
    schema = [bq.SchemaField("x", "FLOAT64"), bq.SchemaField("d", "BIGNUMERIC")]
    for _ in range(2):
        config = bq.LoadJobConfig(schema=schema)
        client.load_table_from_dataframe(frame, "d.t", job_config=config).result()
    rows = [tuple(row.values()) for row in client.list_rows("d.t")]
    assert rows == [(1.5, least), (None, None), (2.5, most)] * 2


@pytest.mark.parametrize("kind", [pa.decimal128(38, 20), pa.decimal256(76, 38)])
def test_a_decimal_is_never_rounded(client, kind):
    column = pa.array([Decimal("0.12345678901234567890")], kind)
    with pytest.raises(BadRequest, match=r"Column d of type DECIMAL.* does not fit any"):
        load(client, parquet(pa.table({"d": column})))
    nested = pa.array([{"d": Decimal("0.1")}], pa.struct([("d", pa.decimal256(76, 38))]))
    with pytest.raises(BadRequest, match=r"Not supported by the BigQuery stub: decimal256"):
        load(client, parquet(pa.table({"s": nested})))
    nested = pa.array([{"d": Decimal("0.1")}], pa.struct([("d", pa.decimal128(38, 20))]))
    with pytest.raises(BadRequest, match=r"Not supported by the BigQuery stub: DECIMAL\(38,20\)"):
        load(client, parquet(pa.table({"s": nested})))
    with pytest.raises(NotFound):
        client.get_table("d.t")


def test_orc(client):
    content = pa.table(
        {
            "i": pa.array([1, None], pa.int32()),
            "s": ["a", None],
            "at": pa.array([AT, None], pa.timestamp("ns")),
            "day": pa.array([AT.date(), None]),
            "d": pa.array([Decimal("1.25"), None], pa.decimal128(10, 2)),
            "r": [{"x": 1}, None],
            "l": [[1, 2], []],
        }
    )
    file = io.BytesIO()
    orc.write_table(content, file)
    load(client, file.getvalue(), "ORC")
    assert kinds(client) == [
        ("i", "INTEGER", "NULLABLE"),
        ("s", "STRING", "NULLABLE"),
        ("at", "TIMESTAMP", "NULLABLE"),
        ("day", "DATE", "NULLABLE"),
        ("d", "NUMERIC", "NULLABLE"),
        ("r", "RECORD", "NULLABLE"),
        ("l", "INTEGER", "REPEATED"),
    ]
    first, second = rows_of(client)
    assert first == {
        "i": 1,
        "s": "a",
        "at": AT.replace(tzinfo=dt.UTC),
        "day": AT.date(),
        "d": Decimal("1.25"),
        "r": {"x": 1},
        "l": [1, 2],
    }
    assert second["l"] == []
    assert {value for name, value in second.items() if name != "l"} == {None}


@pytest.mark.parametrize("content", [b"", b"no", b"ORC" + b"\0" * 50])
def test_a_file_that_is_not_orc(client, content):
    with pytest.raises(BadRequest, match="not in ORC format"):
        load(client, content, "ORC")


@pytest.mark.parametrize("kind", ["DATASTORE_BACKUP", "NONE"])
def test_a_format_that_is_not_done_is_refused_by_name(client, kind):
    with pytest.raises(
        BadRequest, match=f"Not supported by the BigQuery stub: source format {kind}"
    ):
        load(client, b"", kind)


def test_a_parquet_file_cut_anywhere_changes_nothing(client):
    content = parquet(pa.table({"a": list(range(100)), "b": ["x" * 10] * 100}))
    for stop in range(0, len(content), 97):
        with pytest.raises(BadRequest, match="Error while reading data"):
            load(client, content[:stop])
    assert list(client.list_tables("d")) == []


def test_several_objects_and_wildcards(client, stub, gcs_server, monkeypatch):
    endpoint, put = gcs_server
    for name in ("in/a/1.parquet", "in/b/2.parquet", "in/b/2.txt", "other/3.parquet"):
        put("bucket", name, parquet(pa.table({"n": [int(name.split("/")[-1][0])]})))
    monkeypatch.setattr(stub._server._running.api.jobs, "gcs_endpoint", endpoint)
    config = bq.LoadJobConfig(source_format="PARQUET")
    uris = ["gs://bucket/in/*.parquet", "gs://bucket/other/3.parquet"]
    job = client.load_table_from_uri(uris, "d.t", job_config=config).result()
    assert (job.input_files, job.output_rows) == (3, 3)
    assert sorted(row["n"] for row in rows_of(client)) == [1, 2, 3]
    for uri, error in (
        ("gs://bucket/none*", NotFound),
        ("gs://bu*/x", NotFound),
        ("gs://bucket/*/*", BadRequest),
        ("http://bucket/x", BadRequest),
    ):
        with pytest.raises(error):
            client.load_table_from_uri(
                ["gs://bucket/other/*", uri], "d.t", job_config=config
            ).result()
    assert client.get_table("d.t").num_rows == 3
