"""Files of each format that are cut or changed, and their uploads."""

from __future__ import annotations

import csv
import io
import json
from functools import cache

import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet

from tests.bigquery_fuzzing.bad_bodies import as_bytes
from tests.bigquery_fuzzing.wire import COLUMNS, TABLE, job_of


@cache
def files():
    """A file of each format with the columns of ``d.t``."""
    import fastavro

    rows = [{"a": number, "b": f"text {number}"} for number in range(40)]
    table = pa.Table.from_pylist(rows)
    parquet, orc, text, avro = io.BytesIO(), io.BytesIO(), io.StringIO(), io.BytesIO()
    pa.parquet.write_table(table, parquet)
    pa.orc.write_table(table, orc)
    csv.writer(text).writerows(list(row.values()) for row in rows)
    types = {"a": "long", "b": "string"}
    schema = {
        "type": "record",
        "name": "r",
        "fields": [{"name": name, "type": ["null", types[name]]} for name in types],
    }
    fastavro.writer(avro, schema, rows, codec="deflate")
    lines = "\n".join(map(json.dumps, rows))
    return {
        "PARQUET": parquet.getvalue(),
        "ORC": orc.getvalue(),
        "CSV": text.getvalue().encode(),
        "NEWLINE_DELIMITED_JSON": lines.encode(),
        "AVRO": avro.getvalue(),
    }


def damaged(random, content):
    """A file that is cut, or some of whose bytes are others."""
    content = bytearray(content)
    if random.randrange(2):
        del content[random.randrange(len(content)) :]
    for _ in range(random.choice((0, 1, 1, 8))):
        if content:
            content[random.randrange(len(content))] = random.randrange(256)
    return bytes(content)


def load_job(kind, *, new=False, autodetect=False, **more):
    """The job that loads a file into ``d.t``, or into a new table."""
    load = {
        "destinationTable": {**TABLE, "tableId": "fresh"} if new else TABLE,
        "sourceFormat": kind,
        **({"autodetect": True} if autodetect else {"schema": {"fields": COLUMNS}}),
        **more,
    }
    return job_of(load=load)


def multipart(job, content):
    """The body of a multipart upload, as the client writes it."""
    return (
        b"--==0==\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n"
        + as_bytes(job)
        + b"\r\n--==0==\r\ncontent-type: */*\r\n\r\n"
        + content
        + b"\r\n--==0==--"
    )


MULTIPART = (("content-type", 'multipart/related; boundary="==0=="'),)
