"""Sessions of the Storage Read API, and their rows."""

from __future__ import annotations

import pyarrow as pa
from google.cloud import bigquery_storage_v1 as storage

types = storage.types

ARROW = types.DataFormat.ARROW


def session_of(reader, table="t", *, least=0, most=0, parent="projects/test-project", **options):
    modifiers = options.pop("modifiers", {})
    return reader.create_read_session(
        {
            "parent": parent,
            "read_session": {
                "table": f"projects/test-project/datasets/d/tables/{table}",
                "data_format": options.pop("data_format", ARROW),
                "read_options": options,
                "table_modifiers": modifiers,
            },
            "max_stream_count": most,
            "preferred_min_stream_count": least,
        }
    )


def rows_of(reader, session, *, offset=0):
    batches = []
    for stream in session.streams:
        batches += [page.to_arrow() for page in reader.read_rows(stream.name, offset).rows().pages]
    return pa.Table.from_batches(batches, schema=schema_of(session)).to_pylist()


def schema_of(session):
    return pa.ipc.read_schema(pa.py_buffer(session.arrow_schema.serialized_schema))
