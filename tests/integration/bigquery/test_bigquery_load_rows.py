"""Rows that do not fit, in files of CSV and JSON: told one by one, or left out where allowed."""

from __future__ import annotations

import gzip
import io

import pytest
from google.api_core.exceptions import BadRequest, NotFound
from google.cloud import bigquery as bq

TWO = [bq.SchemaField("id", "INTEGER"), bq.SchemaField("name", "STRING")]


def load(client, content, kind="CSV", table="d.t", **options):
    options.setdefault("schema", TWO)
    config = bq.LoadJobConfig(source_format=kind, **options)
    return client.load_table_from_file(io.BytesIO(content), table, job_config=config)


def rows_of(client, table="d.t"):
    return [tuple(row) for row in client.list_rows(client.get_table(table))]


def refused(client, content, kind="CSV", **options):
    """The job's errors, its table untouched."""
    job = load(client, content, kind, **options)
    with pytest.raises(BadRequest):
        job.result()
    with pytest.raises(NotFound):
        client.get_table("d.t")
    assert job.error_result == job.errors[0]
    return [
        one["message"].removeprefix("Error while reading data, error message: ")
        for one in job.errors
    ]


def test_the_three_kinds_of_error_of_a_row(client):
    assert refused(client, b"1,a\nabc,b\n2,c\n") == [
        (
            "CSV table encountered too many errors, giving up. Rows: 2; errors: 1. Please look into "
            "the errors[] collection for more details."
        ),
        (
            "CSV processing encountered too many errors, giving up. Rows: 2; errors: 1; max bad: 0; "
            "error percent: 0"
        ),
        (
            "Could not parse 'abc' as INT64 for field id (position 0) starting at location 4 with "
            "message 'Unable to parse'"
        ),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"1,a\n2,b,c\n",
            "Too many values in row starting at position: 4. Found 3 column(s) while expected 2.",
        ),
        (
            b"1,a\n2\n",
            (
                "CSV table references column position 1, but line starting at position:4 contains "
                "only 1 columns."
            ),
        ),
        (
            b'1,"a\n2,b\n',
            (
                "Error detected while parsing row starting at position: 0. Error: Missing close quote "
                'character (").'
            ),
        ),
        (
            b'1,"a\nb"\n2,b\n',
            (
                "Error detected while parsing row starting at position: 0. Error: Missing close quote "
                'character (").'
            ),
        ),
        (
            b'1,"a"x\n',
            (
                "Error detected while parsing row starting at position: 0. Error: Data between close "
                'quote character (") and field separator.'
            ),
        ),
        (
            b"1,a\0b\n",
            (
                "Error detected while parsing row starting at position: 0. Error: Bad character "
                "(ASCII 0) encountered."
            ),
        ),
    ],
)
def test_a_row_whose_columns_do_not_fit(client, content, message):
    assert refused(client, content)[2] == message


def test_a_quote_that_is_never_closed_loses_nothing_in_silence(client):
    content = b'1,a"b\n2,"c\n3,d\n'
    for newlines in (False, True):
        told = refused(client, content, allow_quoted_newlines=newlines)[2]
        assert "position: 6. Error: Missing close quote character" in told


def test_a_required_value_that_is_missing(client):
    schema = [bq.SchemaField("id", "INTEGER", mode="REQUIRED"), TWO[1]]
    assert refused(client, b"1,a\n,b\n", schema=schema)[2] == (
        "Required column value for column index: 0 is missing in row starting at position: 4"
    )


def test_as_many_bad_rows_as_allowed_are_left_out_and_told(client):
    content = b'id,name\n1,a\nx,b\n2,"c"d\n3,e,f\n4\n5,g\n'
    job = load(client, content, max_bad_records=4, skip_leading_rows=1).result()
    assert rows_of(client) == [(1, "a"), (5, "g")]
    assert (job.output_rows, job.state, job.error_result) == (2, "DONE", None)
    assert [one["message"].split(":")[1].split()[0] for one in job.errors] == [
        "Could",
        "Error",
        "Too",
        "CSV",
    ]
    assert job._properties["statistics"]["load"]["badRecords"] == "4"
    other = load(client, content, max_bad_records=3, skip_leading_rows=1)
    with pytest.raises(BadRequest, match=r"giving up\. Rows: 5; errors: 4"):
        other.result()
    assert client.get_table("d.t").num_rows == 2


def test_an_empty_field_is_null_and_an_empty_text_in_quotes_is_not(client):
    load(client, b'1,\n,"x"\n"",""\n').result()
    assert rows_of(client) == [(1, None), (None, "x"), (None, "")]


def test_a_null_marker_makes_an_empty_number_wrong(client):
    load(client, b"1,\n\\N,\\N\n", null_marker="\\N").result()
    assert rows_of(client) == [(1, ""), (None, None)]
    with pytest.raises(BadRequest, match="Could not parse '' as INT64"):
        load(client, b",a\n", null_marker="\\N").result()


@pytest.mark.parametrize("packed", [False, True])
def test_options_of_csv(client, packed):
    content = "1;'a;b'';c'\r\n2;ü\r\n3\r\n4;d;more\r\n".encode("latin-1")
    load(
        client,
        gzip.compress(content) if packed else content,
        field_delimiter=";",
        quote_character="'",
        encoding="ISO-8859-1",
        allow_jagged_rows=True,
        ignore_unknown_values=True,
    ).result()
    assert rows_of(client) == [(1, "a;b';c"), (2, "ü"), (3, None), (4, "d")]


def test_newlines_in_quotes_where_they_are_allowed(client):
    load(client, b'1,"a\nb"\n2,"c\r\nd"\n', allow_quoted_newlines=True).result()
    assert rows_of(client) == [(1, "a\nb"), (2, "c\r\nd")]


def test_what_is_not_utf8_is_loaded_with_other_characters(client):
    load(client, b"1,\xff\n").result()
    assert rows_of(client) == [(1, "\ufffd")]


def test_an_empty_file_is_an_empty_table(client):
    load(client, b"").result()
    assert rows_of(client) == []


@pytest.mark.parametrize(
    "option", ["timestampTargetPrecision", "jsonExtension", "referenceFileSchemaUri"]
)
def test_an_option_that_is_not_done_is_refused_by_name(client, option):
    config = bq.LoadJobConfig(schema=TWO)
    config._properties["load"][option] = "x"
    job = client.load_table_from_file(io.BytesIO(b"1,a\n"), "d.t", job_config=config)
    with pytest.raises(BadRequest, match=f"Not supported by the BigQuery stub: {option}"):
        job.result()


def test_detected_columns(client):
    content = b",when,share,flag,empty,mixed\n0,2021-01-01 10:00:00,1,true,,1\n1,2021-01-02,0.5,false,,x\n"
    load(client, content, schema=None, autodetect=True).result()
    assert [(one.name, one.field_type) for one in client.get_table("d.t").schema] == [
        ("int64_field_0", "INTEGER"),
        ("when", "STRING"),
        ("share", "FLOAT"),
        ("flag", "BOOLEAN"),
        ("empty", "STRING"),
        ("mixed", "STRING"),
    ]
    load(client, b"1,2.5,a\n", table="d.u", schema=None, autodetect=True).result()
    assert [one.name for one in client.get_table("d.u").schema] == [
        "int64_field_0",
        "double_field_1",
        "string_field_2",
    ]


def test_only_the_first_500_rows_are_looked_at(client):
    content = b"n\n" + b"1\n" * 600 + b"x\n"
    with pytest.raises(BadRequest, match="Could not parse 'x' as INT64 for field n"):
        load(client, content, schema=None, autodetect=True).result()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (b'{"id": 1, "more": 2}', "No such field: more."),
        (b'{"id": "abc"}', "Could not convert value to INT64. Field: id; Value: abc"),
        (b'{"id": [1]}', "Array specified for non-repeated field: id."),
        (b'{"id": {"a": 1}}', "JSON object specified for non-record field: id"),
        (b'{"id": 1', "Parser terminated before end of string"),
        (b"[1]", "Start of array encountered without start of object."),
        (b'{"r": {"x": 1, "y": 2}}', "No such field: r.y."),
        (b'{"l": 3}', "Repeated field must be imported as a JSON array. Field: l."),
        (b'{"l": [1, null]}', "Only optional fields can be set to NULL. Field: l; Value: NULL"),
        (b'{"a": [{"z": [1]}]}', "Array specified for non-repeated field: a.z."),
    ],
)
def test_a_row_of_json_that_does_not_fit(client, row, message):
    record = [bq.SchemaField("x", "INTEGER")]
    schema = [
        TWO[0],
        bq.SchemaField("l", "INTEGER", mode="REPEATED"),
        bq.SchemaField("r", "RECORD", fields=record),
        bq.SchemaField("a", "RECORD", mode="REPEATED", fields=[bq.SchemaField("z", "STRING")]),
    ]
    content = b'{"id": 1}\n\n' + row + b"\n"
    told = refused(client, content, "NEWLINE_DELIMITED_JSON", schema=schema)
    assert told[0].startswith(
        "JSON table encountered too many errors, giving up. Rows: 2; errors: 1."
    )
    assert told[2] == f"JSON parsing error in row starting at position 11: {message}"
    load(
        client, content, "NEWLINE_DELIMITED_JSON", table="d.u", schema=schema, max_bad_records=1
    ).result()
    assert client.get_table("d.u").num_rows == 1


def test_unknown_members_of_json_may_be_ignored(client):
    content = b'{"id": 1, "more": {"a": [1]}}\n{"ID": 2}\n'
    load(client, content, "NEWLINE_DELIMITED_JSON", ignore_unknown_values=True).result()
    assert rows_of(client)[0] == (1, None)


def test_packed_json(client):
    content = gzip.compress(b'{"id": 1}\n{"id": "2"}\n')
    load(client, content, "NEWLINE_DELIMITED_JSON").result()
    assert rows_of(client) == [(1, None), (2, None)]


def test_an_error_in_an_object_names_it(client, stub, gcs_server, monkeypatch):
    endpoint, put = gcs_server
    put("bucket", "a.csv", b"1,a\n2,b\n")
    put("bucket", "b.csv", b"3,c\nx,d\n")
    monkeypatch.setattr(stub._server._running.api.jobs, "gcs_endpoint", endpoint)
    config = bq.LoadJobConfig(source_format="CSV", schema=TWO)
    job = client.load_table_from_uri(
        ["gs://bucket/a.csv", "gs://bucket/b.csv"], "d.t", job_config=config
    )
    with pytest.raises(BadRequest, match="Rows: 4; errors: 1"):
        job.result()
    assert job.error_result["location"] == "gs://bucket/b.csv"
    assert job.errors[2]["message"].endswith(" File: gs://bucket/b.csv")
    assert "starting at location 4 " in job.errors[2]["message"]
