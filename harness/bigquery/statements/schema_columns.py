"""The columns of INFORMATION_SCHEMA's views, and how their rows stand in a statement.

The facts are few, so they are written into the statement itself as one JSON literal.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harness.bigquery.types import Field, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEXT, _NUMBER, _TIME = "STRING", "INT64", "TIMESTAMP"
Columns = tuple[tuple[str, str], ...]
_NAMES: Columns = (("table_catalog", _TEXT), ("table_schema", _TEXT), ("table_name", _TEXT))
PARTITIONS_SUMMARY: Columns = (
    ("project_id", _TEXT),
    ("dataset_id", _TEXT),
    ("table_id", _TEXT),
    ("partition_id", _TEXT),
    ("creation_time", _NUMBER),
    ("last_modified_time", _NUMBER),
)
SCHEMATA: Columns = (
    ("catalog_name", _TEXT),
    ("schema_name", _TEXT),
    ("schema_owner", _TEXT),
    ("creation_time", _TIME),
    ("last_modified_time", _TIME),
    ("location", _TEXT),
)
TABLES: Columns = (
    *_NAMES,
    ("table_type", _TEXT),
    ("is_insertable_into", _TEXT),
    ("is_typed", _TEXT),
    ("creation_time", _TIME),
)
COLUMNS: Columns = (
    *_NAMES,
    ("column_name", _TEXT),
    ("ordinal_position", _NUMBER),
    ("is_nullable", _TEXT),
    ("data_type", _TEXT),
    ("is_hidden", _TEXT),
    ("is_system_defined", _TEXT),
    ("is_partitioning_column", _TEXT),
    ("clustering_ordinal_position", _NUMBER),
    ("column_default", _TEXT),
)
PARTITIONS: Columns = (
    *_NAMES,
    ("partition_id", _TEXT),
    ("total_rows", _NUMBER),
    ("total_logical_bytes", _NUMBER),
    ("total_billable_bytes", _NUMBER),
    ("last_modified_time", _TIME),
    ("storage_tier", _TEXT),
)
SUMMARY: Columns = (
    ("project_id", _TEXT),
    ("dataset_id", _TEXT),
    ("table_id", _TEXT),
    ("creation_time", _NUMBER),
    ("type", _NUMBER),
)
META: Columns = (
    ("project_id", _TEXT),
    ("dataset_id", _TEXT),
    ("table_id", _TEXT),
    ("creation_time", _NUMBER),
    ("last_modified_time", _NUMBER),
    ("row_count", _NUMBER),
    ("size_bytes", _NUMBER),
    ("type", _NUMBER),
)


VIEW: Columns = (
    *_NAMES,
    ("view_definition", _TEXT),
    ("check_option", _TEXT),
    ("use_standard_sql", _TEXT),
)
# Computed when it is read, a materialized view has never been refreshed.
MATERIALIZED: Columns = (*_NAMES, ("last_refresh_time", _TIME), ("refresh_watermark", _TIME))
OPTIONS: Columns = (
    *_NAMES,
    ("option_name", _TEXT),
    ("option_type", _TEXT),
    ("option_value", _TEXT),
)
PATHS: Columns = (
    *_NAMES,
    ("column_name", _TEXT),
    ("field_path", _TEXT),
    ("data_type", _TEXT),
    ("description", _TEXT),
)
JOBS: Columns = (
    ("creation_time", _TIME),
    ("project_id", _TEXT),
    ("user_email", _TEXT),
    ("job_id", _TEXT),
    ("job_type", _TEXT),
    ("statement_type", _TEXT),
    ("priority", _TEXT),
    ("start_time", _TIME),
    ("end_time", _TIME),
    ("query", _TEXT),
    ("state", _TEXT),
    ("total_bytes_processed", _NUMBER),
)


def fields_of(columns: Columns) -> tuple[Field, ...]:
    """The columns as fields."""
    return tuple(Field(name=name, type=kind) for name, kind in columns)


def rows_sql(columns: Columns, rows: Sequence[Sequence[Any]]) -> str:
    """The facts as a subquery; a time is in milliseconds since the epoch."""
    names = [name for name, _ in columns]
    content = json.dumps([dict(zip(names, row, strict=True)) for row in rows])
    shape = json.dumps([{name: "VARCHAR" if kind == _TEXT else "BIGINT" for name, kind in columns}])
    cells = ", ".join(
        f"make_timestamptz(fact.{name} * 1000) AS {name}" if kind == _TIME else f"fact.{name}"
        for name, kind in columns
    )
    facts = f"SELECT unnest(from_json({literal(content)}, {literal(shape)})) AS fact"
    return f"(SELECT {cells} FROM ({facts}))"  # noqa: S608
