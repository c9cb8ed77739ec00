"""INFORMATION_SCHEMA's facts of one table as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.schema_facts import CONSTRAINTS, KEY_COLUMNS, constraint_rows, key_rows
from harness.bigquery.sizes import bytes_by_partition, bytes_read
from harness.bigquery.statements.schema_columns import (
    COLUMNS,
    MATERIALIZED,
    META,
    OPTIONS,
    PARTITIONS,
    PATHS,
    SUMMARY,
    TABLES,
    VIEW,
    Columns,
)
from harness.bigquery.table_facts import option_rows, path_rows, view_rows
from harness.bigquery.table_kinds import table_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table


def partition_rows(table: Table) -> list[list[Any]]:
    """The rows of ``table$__PARTITIONS_SUMMARY__``."""
    return [
        [*_name_cells(table), part.id, part.created, part.modified] for part in table.partitions
    ]


def _name_cells(table: Table) -> list[Any]:
    return [table.ref.project, table.ref.dataset, table.ref.table]


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
        size = bytes_read(catalog.database, table)
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
    size = bytes_read(catalog.database, table)
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


# By the view's name: its columns, and the rows of a table.
VIEWS: dict[str, tuple[Columns, Callable[[Catalog, Table], list[list[Any]]]]] = {
    "TABLES": (TABLES, _tables),
    "COLUMNS": (COLUMNS, _columns),
    "COLUMN_FIELD_PATHS": (PATHS, _named(path_rows)),
    "MATERIALIZED_VIEWS": (MATERIALIZED, _materialized),
    "KEY_COLUMN_USAGE": (KEY_COLUMNS, key_rows),
    "PARTITIONS": (PARTITIONS, _partitions),
    "TABLE_CONSTRAINTS": (CONSTRAINTS, constraint_rows),
    "TABLE_OPTIONS": (OPTIONS, _named(option_rows)),
    "VIEWS": (VIEW, _named(view_rows)),
    "__TABLES_SUMMARY__": (SUMMARY, _summary),
    "__TABLES__": (META, _meta),
}
