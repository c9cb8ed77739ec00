"""Avro files, as loads take them: types, codecs, damage."""

from __future__ import annotations

import datetime as dt
import io
import json
import struct
import zlib
from decimal import Decimal

import fastavro
import pyarrow as pa
import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

LOGICAL = {
    "n": ({"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 4}, "NUMERIC"),
    "f": (
        {"type": "fixed", "name": "dec", "size": 9, "logicalType": "decimal", "precision": 18},
        "NUMERIC",
    ),
    "d": ({"type": "int", "logicalType": "date"}, "DATE"),
    "tm": ({"type": "int", "logicalType": "time-millis"}, "TIME"),
    "tu": ({"type": "long", "logicalType": "time-micros"}, "TIME"),
    "sm": ({"type": "long", "logicalType": "timestamp-millis"}, "TIMESTAMP"),
    "su": ({"type": "long", "logicalType": "timestamp-micros"}, "TIMESTAMP"),
    "lm": ({"type": "long", "logicalType": "local-timestamp-millis"}, "DATETIME"),
    "lu": ({"type": "long", "logicalType": "local-timestamp-micros"}, "DATETIME"),
}
INSTANT = dt.datetime(2021, 3, 4, 5, 6, 7, 891000, tzinfo=dt.UTC)
VALUES = {
    "n": Decimal("-12.3456"),
    "f": Decimal(7),
    "d": dt.date(1969, 12, 31),
    "tm": dt.time(1, 2, 3, 4000),
    "tu": dt.time(1, 2, 3, 4),
    "sm": INSTANT,
    "su": INSTANT,
    "lm": INSTANT.replace(tzinfo=None),
    "lu": INSTANT.replace(tzinfo=None),
}


def record(fields):
    items = fields.items()
    return {
        "type": "record",
        "name": "r",
        "namespace": "some.space",
        "fields": [{"name": name, "type": kind} for name, kind in items],
    }


def avro(fields, rows, **options):
    file = io.BytesIO()
    fastavro.writer(file, fastavro.parse_schema(record(fields)), rows, **options)
    return file.getvalue()


def load(client, content, table="d.t", **options):
    config = bq.LoadJobConfig(source_format="AVRO", **options)
    return client.load_table_from_file(io.BytesIO(content), table, job_config=config).result()


def rows_of(client, table="d.t"):
    return [dict(row.items()) for row in client.list_rows(client.get_table(table))]


def schema_of(client, table="d.t"):
    return {f.name: (f.field_type, f.mode) for f in client.get_table(table).schema}


def snappy(content):
    return pa.Codec("snappy").compress(content, asbytes=True) + struct.pack(
        ">I", zlib.crc32(content)
    )


def test_primitive_types_are_required_unless_a_union_with_null(client):
    fields = {
        "b": "boolean",
        "i": "int",
        "l": ["null", "long"],
        "f": "float",
        "x": ["double", "null"],
        "y": "bytes",
        "s": "string",
        "nothing": "null",
    }
    row = {"b": True, "i": -1, "l": 2**62, "f": 0.5, "x": None, "y": b"\0\xff", "s": "é"}
    job = load(client, avro(fields, [row | {"nothing": None}]))
    assert (job.output_rows, job.input_files) == (1, 1)
    assert rows_of(client) == [row]
    assert schema_of(client) == {
        "b": ("BOOLEAN", "REQUIRED"),
        "i": ("INTEGER", "REQUIRED"),
        "l": ("INTEGER", "NULLABLE"),
        "f": ("FLOAT", "REQUIRED"),
        "x": ("FLOAT", "NULLABLE"),
        "y": ("BYTES", "REQUIRED"),
        "s": ("STRING", "REQUIRED"),
    }


def test_nested_types(client):
    inner = {"type": "record", "name": "point", "fields": [{"name": "x", "type": "int"}]}
    fields = {
        "one": inner,
        "again": ["null", "some.space.point"],
        "many": {"type": "array", "items": "point"},
        "words": ["null", {"type": "array", "items": "string"}],
        "map": {"type": "map", "values": ["null", "long"]},
        "e": {"type": "enum", "name": "colour", "symbols": ["RED", "BLUE"]},
        "fix": {"type": "fixed", "name": "two", "size": 2},
    }
    row = {
        "one": {"x": 1},
        "again": None,
        "many": [{"x": 2}, {"x": 3}],
        "words": None,
        "map": {"a": 1, "b": None},
        "e": "BLUE",
        "fix": b"ab",
    }
    load(client, avro(fields, [row]))
    pairs = [{"key": "a", "value": 1}, {"key": "b", "value": None}]
    assert rows_of(client) == [row | {"words": [], "map": pairs}]
    assert schema_of(client)["map"] == ("RECORD", "REPEATED")
    assert schema_of(client)["again"] == ("RECORD", "NULLABLE")
    assert schema_of(client)["e"] == ("STRING", "REQUIRED")


def test_logical_types_are_heeded_where_the_job_says_so(client):
    content = avro({name: kind for name, (kind, _) in LOGICAL.items()}, [VALUES])
    load(client, content, use_avro_logical_types=True)
    told = schema_of(client)
    assert {name: told[name][0] for name in told} == {n: kind for n, (_, kind) in LOGICAL.items()}
    assert rows_of(client) == [VALUES]
    load(client, content, "d.plain")
    kinds = {kind for kind, _ in schema_of(client, "d.plain").values()}
    assert kinds == {"INTEGER", "BYTES"}
    assert rows_of(client, "d.plain")[0]["d"] == -1


def test_a_long_decimal_is_refused_by_name(client):
    kind = {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 20}
    with pytest.raises(BadRequest, match=r"decimal\(38, 20\) of field n"):
        load(client, avro({"n": kind}, []), use_avro_logical_types=True)


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_codecs(client, codec):
    rows = [{"a": number, "s": "x" * number} for number in range(5000)]
    content = avro({"a": "long", "s": "string"}, rows, codec=codec, sync_interval=1000)
    assert load(client, content).output_rows == 5000
    total = client.query("SELECT SUM(a), SUM(LENGTH(s)) FROM d.t").result()
    assert [tuple(row) for row in total] == [(12497500, 12497500)]


def packed_by_snappy():
    content = avro({"a": "long"}, [{"a": 7}])
    head, sync = content[: -16 - 3], content[-16:]
    head = head.replace(b"\x08null", b"\x0csnappy")
    body = snappy(b"\x0e")
    return head + b"\x02" + bytes([len(body) * 2]) + body + sync


def test_snappy_and_its_check(client):
    content = packed_by_snappy()
    load(client, content)
    assert rows_of(client) == [{"a": 7}]
    broken = content[:-17] + bytes([content[-17] ^ 1]) + content[-16:]
    with pytest.raises(BadRequest, match="CRC32 check failure uncompressing block with Snappy"):
        load(client, broken, "d.other")


def test_other_codecs_are_refused(client):
    content = avro({"a": "long"}, [{"a": 7}], codec="bzip2")
    with pytest.raises(BadRequest, match="Unknown codec in data file: bzip2"):
        load(client, content)


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_a_file_cut_at_any_byte_changes_nothing(client, codec):
    rows = [{"a": number, "s": "text"} for number in range(20)]
    content = avro({"a": "long", "s": "string"}, rows, codec=codec)
    with io.BytesIO(content) as file:
        begins = content.rindex(content[-16:], 0, len(content) - 16) + 16
        file.seek(begins)
    client.create_table(bq.Table("test-project.d.t", [bq.SchemaField("a", "INTEGER")]))
    for size in {0, 1, 3, 4, 20, begins - 1, begins + 1, begins + 5, len(content) - 1}:
        with pytest.raises(BadRequest, match=r"The Apache Avro library failed to .*EOF reached"):
            load(client, content[:size])
    assert client.get_table("d.t").num_rows == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: b"PAR1" + c[4:], "Magic does not match"),
        (lambda c: c[:-1] + bytes([c[-1] ^ 1]), "Sync mismatch"),
        (lambda c: c.replace(b'"long"', b'"lung"'), "Unknown type: lung"),
        (lambda c: c.replace(b'"record"', b'"recor""'), "JSON error"),
        (lambda c: c.replace(b"avro.schema", b"avro.schemx"), "No schema in metadata"),
    ],
)
def test_damage_is_told(client, change, message):
    content = avro({"a": "long"}, [{"a": 1}, {"a": 2}])
    with pytest.raises(BadRequest, match=message):
        load(client, change(content))


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (["null", "long", "string"], "an Avro union of 2 types in field a"),
        (
            {"type": "array", "items": {"type": "array", "items": "long"}},
            "Nested array formatting is not supported. Field: a",
        ),
        (["null", "some.space.r"], "Recursive type some.space.r is not supported"),
    ],
)
def test_what_a_table_cannot_hold(client, kind, message):
    with pytest.raises(BadRequest, match=message):
        load(client, avro({"a": kind}, []))


def test_text_that_is_not_utf8(client):
    content = avro({"a": "string"}, [{"a": "ab"}]).replace(b"\x04ab", b"\x04\xff\xff")
    with pytest.raises(BadRequest, match="Invalid UTF-8"):
        load(client, content)


def test_a_schema_of_the_job_must_agree(client):
    content = avro({"a": "long"}, [{"a": 1}])
    with pytest.raises(BadRequest, match="Avro column 'a' has type INT64 which does not match"):
        load(client, content, schema=[bq.SchemaField("a", "STRING")])
    load(client, content, schema=[bq.SchemaField("a", "INTEGER"), bq.SchemaField("b", "STRING")])
    assert rows_of(client) == [{"a": 1, "b": None}]


def test_no_rows_make_a_table_with_columns(client):
    load(client, avro({"a": "long"}, []))
    assert client.get_table("d.t").num_rows == 0
    assert schema_of(client) == {"a": ("INTEGER", "REQUIRED")}


def test_a_json_text_and_a_datetime_text_of_exports(client):
    fields = {
        "j": {"type": "string", "sqlType": "JSON"},
        "t": {"type": "string", "logicalType": "datetime"},
    }
    row = {"j": json.dumps({"a": 1}), "t": "2021-01-02T03:04:05.600000"}
    load(client, avro(fields, [row]), use_avro_logical_types=True)
    assert rows_of(client) == [{"j": {"a": 1}, "t": dt.datetime(2021, 1, 2, 3, 4, 5, 600000)}]  # noqa: DTZ001


def test_a_damaged_size_takes_no_memory(client):
    content = avro({"a": "long"}, [{"a": 1}])
    head, sync = content[: -16 - 3], content[-16:]
    # Two numbers of ten bytes: the count, and a size beyond any memory.
    broken = head + b"\x02" + b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01" + b"\x02" + sync
    with pytest.raises(BadRequest, match="EOF reached"):
        load(client, broken)
