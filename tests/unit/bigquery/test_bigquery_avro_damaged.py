"""Damaged Avro files: refused in BigQuery's words, and never at the cost of the machine's memory."""

from __future__ import annotations

import datetime as dt
import io
import json
import random
import tracemalloc
import zlib
from decimal import Decimal

import fastavro
import pyarrow as pa
import pytest

from harness.bigquery.database import Database
from harness.bigquery.errors import ApiError
from harness.bigquery.loads import avro_limits, load_avro
from harness.bigquery.loads.loads import Source

SYNC = b"0123456789abcdef"
# Far beyond what reading such small files needs, and far beneath what one wrong length asks for.
MOST = 48 << 20
FIELDS = [
    {"name": "i", "type": "long"},
    {"name": "s", "type": ["null", "string"]},
    {"name": "y", "type": "bytes"},
    {"name": "l", "type": {"type": "array", "items": "int"}},
    {"name": "m", "type": {"type": "map", "values": "string"}},
    {"name": "e", "type": {"type": "enum", "name": "e", "symbols": ["A", "B"]}},
    {"name": "f", "type": {"type": "fixed", "name": "f", "size": 3}},
    {"name": "n", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
    {"name": "d", "type": {"type": "int", "logicalType": "date"}},
]


@pytest.fixture(scope="module")
def database():
    database = Database()
    yield database
    database.close()


@pytest.fixture
def staged(database, tmp_path):
    """What reads a file, and tells the most memory that Python and Arrow took for it."""

    def stage(content, **configuration):
        path = tmp_path / "file.avro"
        path.write_bytes(content)
        configuration = {"useAvroLogicalTypes": True, **configuration}
        pool = pa.default_memory_pool()
        before = pool.bytes_allocated()
        tracemalloc.start()
        try:
            done = load_avro.stage(database, Source(paths=(path,)), configuration, None)
            database.drop(done.table)
        except ApiError as error:
            return error
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert peak < MOST
            assert pool.bytes_allocated() - before < MOST
        return done

    return stage


def number(value):
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    return bytes([*out, value])


def sized(content):
    return number(len(content)) + content


def container(schema, blocks, codec=b"null"):
    text = schema if isinstance(schema, bytes) else json.dumps(schema).encode()
    head = b"Obj\x01" + number(2) + sized(b"avro.schema") + sized(text)
    head += sized(b"avro.codec") + sized(codec) + number(0) + SYNC
    return head + b"".join(blocks)


def block(count, content, size=None):
    return number(count) + number(len(content) if size is None else size) + content + SYNC


def record(*fields):
    return {"type": "record", "name": "r", "fields": list(fields)}


def good(codec):
    rows = [
        {
            "i": -(2**40) + one,
            "s": None if one % 3 else "text" * one,
            "y": bytes(range(one)),
            "l": list(range(one)),
            "m": {"k": "v" * one},
            "e": "B",
            "f": b"abc",
            "n": Decimal(one) / 4,
            "d": dt.date(2021, 1, 1 + one),
        }
        for one in range(20)
    ]
    file = io.BytesIO()
    fastavro.writer(file, record(*FIELDS), rows, codec=codec, sync_interval=200, sync_marker=SYNC)
    return file.getvalue()


LENGTHS = (2**62, -(2**62), 2**40, 2**31, 2**31 - 1, -1, 1 << 28, 1 << 21, 5000, 0, 1)


@pytest.mark.parametrize("codec", ["null", "deflate"])
@pytest.mark.parametrize("seed", range(4))
def test_no_damage_of_a_file_costs_memory(staged, codec, seed):
    content = good(codec)
    assert not isinstance(staged(content), ApiError)
    chance = random.Random(f"{codec}-{seed}")
    refused = 0
    for _ in range(120):
        broken = bytearray(content)
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(broken))
            match chance.randrange(4):
                case 0:
                    broken[place] ^= 1 << chance.randrange(8)
                case 1:
                    broken[place : place + 1] = number(chance.choice(LENGTHS))
                case 2:
                    del broken[place : place + chance.randint(1, 40)]
                case _:
                    broken[place:place] = bytes(broken[:place][-chance.randint(1, 200) :])
        refused += isinstance(staged(bytes(broken)), ApiError)
    assert refused > 40


@pytest.mark.parametrize("length", [one for one in LENGTHS if one not in (0, 1)])
def test_lengths_that_the_file_does_not_have(staged, length):
    long, text = {"name": "a", "type": "long"}, {"name": "a", "type": "string"}
    items = {"name": "a", "type": {"type": "array", "items": "long"}}
    big = {"name": "a", "type": {"type": "fixed", "name": "f", "size": abs(length)}}
    for content in (
        b"Obj\x01" + number(length),
        b"Obj\x01" + number(1) + number(length) + b"avro.schema",
        b"Obj\x01" + number(1) + sized(b"avro.schema") + number(length) + b"{}",
        container(record(long), [block(1, b"\x02", length)]),
        container(record(long), [block(length, b"\x02")]),
        container(record(text), [block(1, number(length) + b"abc")]),
        container(record(items), [block(1, number(length) + b"\x02\0")]),
        container(record(items), [block(1, number(-5) + number(length) + b"\x02\0")]),
        container(record(big), [block(1, b"abc")]),
        container(record(long), [block(1, b"\x80\x80\x80\x80\x7f0000", None)], b"snappy"),
    ):
        assert isinstance(staged(content), ApiError)


def test_values_without_bytes_are_not_made_by_their_count(staged):
    empty = {"type": "record", "name": "e", "fields": [{"name": "x", "type": "null"}]}
    for kind in (empty, {"type": "fixed", "name": "f", "size": 0}):
        several = record({"name": "a", "type": {"type": "array", "items": kind}})
        assert isinstance(staged(container(several, [block(1, number(2**60) + b"\0")])), ApiError)
        one = record({"name": "a", "type": kind})
        assert isinstance(staged(container(one, [block(2**60, b"")])), ApiError)


def test_a_block_that_unpacks_without_end(staged, monkeypatch):
    monkeypatch.setattr(avro_limits, "BLOCK_BYTES", 1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(bytes(200 << 20)) + packer.flush()
    schema = record({"name": "a", "type": "long"})
    told = staged(container(schema, [block(200 << 20, bomb)], b"deflate"))
    assert isinstance(told, ApiError)
    assert "longer than 1 MB" in str(told)


def test_schemas_that_grow_without_end(staged):
    deep = b'{"type":"array","items":' * 50_000 + b'"int"' + b"}" * 50_000
    wide = {"name": "r0", "type": "record", "fields": [{"name": "x", "type": "int"}]}
    for level in range(1, 40):
        fields = [{"name": "a", "type": wide}, {"name": "b", "type": f"r{level - 1}"}]
        wide = {"name": f"r{level}", "type": "record", "fields": fields}
    nested = b'{"name":"x","type":"int"}'
    for level in range(800):
        inner = b'{"type":"record","name":"n%d","fields":[%s]}' % (level, nested)
        nested = b'{"name":"x","type":%s}' % inner
    for schema in (deep, b"[" * 100_000, wide, inner, b'"int"', b"[]", b"\xff"):
        assert isinstance(staged(container(schema, [])), ApiError)
    assert "Too many total leaf fields" in str(staged(container(wide, [])))
