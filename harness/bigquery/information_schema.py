"""INFORMATION_SCHEMA, ``__TABLES__`` and the partitions summary: the catalog's facts as rows.

The facts are few, so they are written into the statement itself as one JSON literal.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.resources import bytes_of
from harness.bigquery.schema_facts import (
    CONSTRAINTS,
    KEY_COLUMNS,
    ROUTINES,
    SCHEMATA_OPTIONS,
    constraint_rows,
    dataset_option_rows,
    key_rows,
    routine_rows,
)
from harness.bigquery.sizes import bytes_by_partition
from harness.bigquery.table_facts import job_rows, option_rows, path_rows, view_rows
from harness.bigquery.types import Field, literal
from harness.bigquery.views import table_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table

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
_SCHEMATA: Columns = (
    ("catalog_name", _TEXT),
    ("schema_name", _TEXT),
    ("schema_owner", _TEXT),
    ("creation_time", _TIME),
    ("last_modified_time", _TIME),
    ("location", _TEXT),
)
_TABLES: Columns = (
    *_NAMES,
    ("table_type", _TEXT),
    ("is_insertable_into", _TEXT),
    ("is_typed", _TEXT),
    ("creation_time", _TIME),
)
_COLUMNS: Columns = (
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
_PARTITIONS: Columns = (
    *_NAMES,
    ("partition_id", _TEXT),
    ("total_rows", _NUMBER),
    ("total_logical_bytes", _NUMBER),
    ("total_billable_bytes", _NUMBER),
    ("last_modified_time", _TIME),
    ("storage_tier", _TEXT),
)
_SUMMARY: Columns = (
    ("project_id", _TEXT),
    ("dataset_id", _TEXT),
    ("table_id", _TEXT),
    ("creation_time", _NUMBER),
    ("type", _NUMBER),
)
_META: Columns = (
    ("project_id", _TEXT),
    ("dataset_id", _TEXT),
    ("table_id", _TEXT),
    ("creation_time", _NUMBER),
    ("last_modified_time", _NUMBER),
    ("row_count", _NUMBER),
    ("size_bytes", _NUMBER),
    ("type", _NUMBER),
)


_VIEW: Columns = (
    *_NAMES,
    ("view_definition", _TEXT),
    ("check_option", _TEXT),
    ("use_standard_sql", _TEXT),
)
# Computed when it is read, a materialized view has never been refreshed.
_MATERIALIZED: Columns = (*_NAMES, ("last_refresh_time", _TIME), ("refresh_watermark", _TIME))
_OPTIONS: Columns = (
    *_NAMES,
    ("option_name", _TEXT),
    ("option_type", _TEXT),
    ("option_value", _TEXT),
)
_PATHS: Columns = (
    *_NAMES,
    ("column_name", _TEXT),
    ("field_path", _TEXT),
    ("data_type", _TEXT),
    ("description", _TEXT),
)
_JOBS: Columns = (
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
_JOB_VIEWS = ("JOBS", "JOBS_BY_PROJECT", "JOBS_BY_USER")


def view_sql(
    catalog: Catalog, parts: tuple[str, ...], *, project: str, location: str
) -> str | None:
    """SQL for a view of the catalog, or None if the name is not one of them.

    Args:
        catalog: The catalog.
        parts: The parts of the name, such as ``ny_taxi``, ``INFORMATION_SCHEMA``, ``COLUMNS``.
        project: The project of a name without one.
        location: Where the job runs, or nothing.

    Raises:
        ApiError: The dataset is not there, or the stub does not have this view.
    """
    upper = [part.upper() for part in parts]
    if "INFORMATION_SCHEMA" in upper:
        place = upper.index("INFORMATION_SCHEMA")
        view = ".".join(upper[place + 1 :])
        before = parts[:place]
        if view == "SCHEMATA":
            return _rows_sql(_SCHEMATA, _schemata(catalog, before[0] if before else project))
        if view == "SCHEMATA_OPTIONS":
            owned = catalog.datasets(before[0] if before else project)
            return _rows_sql(SCHEMATA_OPTIONS, dataset_option_rows(owned))
        if view == "ROUTINES" and before:
            owner, dataset = (before[-2], before[-1]) if len(before) > 1 else (project, before[-1])
            catalog.dataset(owner, dataset, location=location)
            routines = catalog.routines.of_dataset(owner, dataset)
            return _rows_sql(ROUTINES, routine_rows(routines))
        if view in _JOB_VIEWS:
            return _rows_sql(_JOBS, _jobs_of(catalog, before, project=project))
        if view not in _VIEWS or not before or before[0].lower().startswith("region-"):
            raise UnsupportedError(f"{'.'.join(before)}.INFORMATION_SCHEMA.{view}".lstrip("."))
    elif upper[-1] in ("__TABLES_SUMMARY__", "__TABLES__"):
        view, before = upper[-1], parts[:-1]
    else:
        return None
    owner, dataset = (before[-2], before[-1]) if len(before) > 1 else (project, before[-1])
    catalog.dataset(owner, dataset, location=location)
    columns, rows = _VIEWS[view]
    found = [row for table in catalog.tables(owner, dataset) for row in rows(catalog, table)]
    return _rows_sql(columns, found)


def fields_of(columns: Columns) -> tuple[Field, ...]:
    """The columns as fields."""
    return tuple(Field(name=name, type=kind) for name, kind in columns)


def partition_rows(table: Table) -> list[list[Any]]:
    """The rows of ``table$__PARTITIONS_SUMMARY__``."""
    return [
        [*_name_cells(table), part.id, part.created, part.modified] for part in table.partitions
    ]


def rows_sql(columns: Columns, rows: Sequence[Sequence[Any]]) -> str:
    """The facts as a subquery; a time is in milliseconds since the epoch."""
    return _rows_sql(columns, rows)


def _rows_sql(columns: Columns, rows: Sequence[Sequence[Any]]) -> str:
    names = [name for name, _ in columns]
    content = json.dumps([dict(zip(names, row, strict=True)) for row in rows])
    shape = json.dumps([{name: "VARCHAR" if kind == _TEXT else "BIGINT" for name, kind in columns}])
    cells = ", ".join(
        f"make_timestamptz(fact.{name} * 1000) AS {name}" if kind == _TIME else f"fact.{name}"
        for name, kind in columns
    )
    facts = f"SELECT unnest(from_json({literal(content)}, {literal(shape)})) AS fact"
    return f"(SELECT {cells} FROM ({facts}))"  # noqa: S608


def _name_cells(table: Table) -> list[Any]:
    return [table.ref.project, table.ref.dataset, table.ref.table]


def _schemata(catalog: Catalog, project: str) -> list[list[Any]]:
    return [
        [one.project, one.name, None, one.created, one.modified, one.location]
        for one in catalog.datasets(project)
    ]


def _tables(_: Catalog, table: Table) -> list[list[Any]]:
    kind = {"TABLE": "BASE TABLE"}.get(table_kind(table), table_kind(table).replace("_", " "))
    takes_rows = "YES" if kind == "BASE TABLE" else "NO"
    if table.external is not None:
        kind, takes_rows = "EXTERNAL", "NO"
    return [[*_name_cells(table), kind, takes_rows, "NO", table.created]]


def _columns(_: Catalog, table: Table) -> list[list[Any]]:
    by = table.partitioning.column.lower() if table.partitioning else ""
    clusters = [name.lower() for name in table.clustering]
    return [
        [
            *_name_cells(table),
            field.name,
            number,
            "NO" if field.mode == "REQUIRED" else "YES",
            field.declared_type,
            "NO",
            "NO",
            "YES" if field.name.lower() == by else "NO",
            clusters.index(field.name.lower()) + 1 if field.name.lower() in clusters else None,
            field.default if field.default is not None else "NULL",
        ]
        for number, field in enumerate(table.fields, start=1)
    ]


def _partitions(catalog: Catalog, table: Table) -> list[list[Any]]:
    if table.view is not None or table.external is not None:
        return []
    names = _name_cells(table)
    if table.partitioning is None:
        size = bytes_of(catalog.database, table)
        return [[*names, None, table.rows, size, size, table.modified, "ACTIVE"]]
    sizes = bytes_by_partition(catalog.database, table)
    return [
        [*names, one.id, one.rows, *[sizes.get(one.id, 0)] * 2, one.modified, "ACTIVE"]
        for one in table.partitions
    ]


def _materialized(_: Catalog, table: Table) -> list[list[Any]]:
    there = table_kind(table) == "MATERIALIZED_VIEW"
    return [[*_name_cells(table), None, None]] if there else []


def _summary(_: Catalog, table: Table) -> list[list[Any]]:
    return [[*_name_cells(table), table.created, _type_number(table)]]


def _meta(catalog: Catalog, table: Table) -> list[list[Any]]:
    size = bytes_of(catalog.database, table)
    number = _type_number(table)
    return [[*_name_cells(table), table.created, table.modified, table.rows, size, number]]


def _type_number(table: Table) -> int:
    if table.external is not None:
        return 3
    return 1 if table.view is None else 2


def _named(
    cells: Callable[[Table], list[list[Any]]],
) -> Callable[[Catalog, Table], list[list[Any]]]:
    """Rows whose first cells are the table's name."""
    return lambda _, table: [[*_name_cells(table), *row] for row in cells(table)]


def _jobs_of(catalog: Catalog, before: tuple[str, ...], *, project: str) -> list[list[Any]]:
    regions = [part for part in before if part.lower().startswith("region-")]
    owners = [part for part in before if part not in regions]
    location = regions[0].lower().removeprefix("region-") if regions else catalog.location
    return job_rows(catalog, owners[0] if owners else project, location)


_VIEWS: dict[str, tuple[Columns, Callable[[Catalog, Table], list[list[Any]]]]] = {
    "TABLES": (_TABLES, _tables),
    "COLUMNS": (_COLUMNS, _columns),
    "COLUMN_FIELD_PATHS": (_PATHS, _named(path_rows)),
    "MATERIALIZED_VIEWS": (_MATERIALIZED, _materialized),
    "KEY_COLUMN_USAGE": (KEY_COLUMNS, key_rows),
    "PARTITIONS": (_PARTITIONS, _partitions),
    "TABLE_CONSTRAINTS": (CONSTRAINTS, constraint_rows),
    "TABLE_OPTIONS": (_OPTIONS, _named(option_rows)),
    "VIEWS": (_VIEW, _named(view_rows)),
    "__TABLES_SUMMARY__": (_SUMMARY, _summary),
    "__TABLES__": (_META, _meta),
}
