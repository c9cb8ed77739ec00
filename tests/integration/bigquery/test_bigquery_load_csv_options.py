"""Options of CSV loads: encodings, names, markers, formats of dates and times."""

from __future__ import annotations

import datetime as dt
import gzip
import io

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

PAIR = [bq.SchemaField("a", "INTEGER"), bq.SchemaField("b", "STRING")]


def load(client, content, *, schema=None, kind="CSV", **options):
    config = bq.LoadJobConfig(source_format=kind, schema=schema)
    for name, value in options.items():
        config._set_sub_prop(name, value)
    client.load_table_from_file(io.BytesIO(content), "d.t", job_config=config).result()
    table = client.get_table("d.t")
    return [tuple(row) for row in client.list_rows(table)]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        ("ISO-8859-1", "latin-1"),
        ("UTF-16LE", "utf-16-le"),
        ("UTF-16BE", "utf-16-be"),
        ("UTF-32LE", "utf-32-le"),
        ("utf-32be", "utf-32-be"),
    ],
)
def test_encodings(client, encoding, codec, packed):
    content = "1,é\n2,ü\n".encode(codec)
    content = gzip.compress(content) if packed else content
    assert load(client, content, schema=PAIR, encoding=encoding) == [(1, "é"), (2, "ü")]


def test_an_encoding_of_json(client):
    content = '{"a": 1, "b": "é"}'.encode("utf-16-le")
    rows = load(client, content, schema=PAIR, kind="NEWLINE_DELIMITED_JSON", encoding="UTF-16LE")
    assert rows == [(1, "é")]


def test_an_encoding_that_is_none(client):
    with pytest.raises(BadRequest, match="Invalid value for encoding: EBCDIC"):
        load(client, b"1,x\n", schema=PAIR, encoding="EBCDIC")


def test_a_mark_at_the_start_of_utf_16_is_no_text(client):
    assert load(client, "\ufeff1,x\n".encode("utf-16-le"), schema=PAIR, encoding="UTF-16LE") == [
        (1, "x")
    ]


def test_several_null_markers(client):
    content = b"NA,-\n1,\n,x\n"
    with pytest.raises(BadRequest, match="too many errors"):
        load(client, content, schema=PAIR, nullMarkers=["NA", "-"])
    assert load(client, b"NA,-\n1,\n", schema=PAIR, nullMarkers=["NA", "-"]) == [
        (None, None),
        (1, ""),
    ]
    with pytest.raises(BadRequest, match="Only one of nullMarker and nullMarkers"):
        load(client, content, schema=PAIR, nullMarkers=["NA"], nullMarker="-")


def test_columns_by_their_names(client):
    content = b"B,other,a\nx,9,1\n"
    options = {"sourceColumnMatch": "NAME", "skipLeadingRows": "1"}
    with pytest.raises(BadRequest, match="no column for other"):
        load(client, content, schema=PAIR, **options)
    assert load(client, content, schema=PAIR, ignoreUnknownValues=True, **options) == [(1, "x")]


def test_a_column_that_the_line_of_names_lacks(client):
    options = {"sourceColumnMatch": "NAME", "skipLeadingRows": "2"}
    assert load(client, b"#\nb\nx\ny\n", schema=PAIR, **options) == [(None, "x"), (None, "y")]


def test_a_row_that_does_not_fit_by_name(client):
    options = {"sourceColumnMatch": "NAME", "skipLeadingRows": "1", "maxBadRecords": 1}
    assert load(client, b"b,a\nx,1\ny,z\n", schema=PAIR, **options) == [(1, "x")]


def test_the_character_0(client):
    with pytest.raises(BadRequest):
        load(client, b"1,a\0b\n", schema=PAIR)
    rows = load(client, b"1,a\0b\n2,c\x01\n", schema=PAIR, preserveAsciiControlCharacters=True)
    assert rows == [(1, "a\0b"), (2, "c\x01")]


@pytest.mark.parametrize("delimiter", [",", "|", "\t"])
def test_the_delimiter_is_detected(client, delimiter):
    content = "id,name\n1,x y\n2,z\n".replace(",", delimiter).encode()
    assert load(client, content, autodetect=True) == [(1, "x y"), (2, "z")]
    assert [field.name for field in client.get_table("d.t").schema] == ["id", "name"]


def test_a_delimiter_that_the_job_names_is_taken(client):
    rows = load(client, b"a|b\nc|d\n", autodetect=True, fieldDelimiter=",", skipLeadingRows="1")
    assert rows == [("c|d",)]


@pytest.mark.parametrize(
    ("kind", "option", "form", "text", "value"),
    [
        ("DATE", "dateFormat", "DD/MM/YYYY", "02/01/2021", dt.date(2021, 1, 2)),
        ("DATE", "dateFormat", "MON DD, YYYY", '"Jan 02, 2021"', dt.date(2021, 1, 2)),
        ("TIME", "timeFormat", "HH24.MI.SS", "03.04.05", dt.time(3, 4, 5)),
        ("TIME", "timeFormat", "HH:MI PM", "03:04 PM", dt.time(15, 4)),
        (
            "DATETIME",
            "datetimeFormat",
            "YYYYMMDDTHH24MISS",
            "20210102T030405",
            dt.datetime(2021, 1, 2, 3, 4, 5),  # noqa: DTZ001
        ),
        (
            "TIMESTAMP",
            "timestampFormat",
            "DD-MM-YYYY HH24:MI:SS.FF3",
            "02-01-2021 03:04:05.600",
            dt.datetime(2021, 1, 2, 3, 4, 5, 600_000, tzinfo=dt.UTC),
        ),
        (
            "TIMESTAMP",
            "timestampFormat",
            "YYYY-MM-DD HH24:MI TZH:TZM",
            "2021-01-02 03:04 +02:00",
            dt.datetime(2021, 1, 2, 1, 4, tzinfo=dt.UTC),
        ),
    ],
)
def test_a_format(client, kind, option, form, text, value):
    schema = [bq.SchemaField("x", kind)]
    rows = load(client, f"{text}\n".encode(), schema=schema, **{option: form})
    assert rows == [(value,)]
    with pytest.raises(BadRequest, match="too many errors"):
        load(client, b"2021\n", schema=schema, **{option: form})


def test_a_format_with_an_element_that_is_not_known(client):
    with pytest.raises(BadRequest, match="Not supported by the BigQuery stub: the format Q YYYY"):
        load(client, b"1\n", schema=[bq.SchemaField("x", "DATE")], dateFormat="Q YYYY")


def test_a_time_zone(client):
    schema = [bq.SchemaField("x", "TIMESTAMP")]
    content = b"2021-01-01 00:00:00\n2021-01-01 00:00:00Z\n2021/01/01 00:00:00\n2021-01-01\n"
    rows = load(client, content, schema=schema, timeZone="America/New_York")
    assert [row[0].hour for row in rows] == [5, 0, 5, 5]
    with pytest.raises(BadRequest, match="Invalid time zone: No/Where"):
        load(client, content, schema=schema, timeZone="No/Where")
