"""INFORMATION_SCHEMA on keys of tables, routines and options of datasets.

Columns are those of the reference's pages on TABLE_CONSTRAINTS, KEY_COLUMN_USAGE, ROUTINES and
SCHEMATA_OPTIONS.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harness.bigquery.routines import TABLE_VALUED

if TYPE_CHECKING:
    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Dataset, Table
    from harness.bigquery.routines import Routine

Columns = tuple[tuple[str, str], ...]
_TEXT, _NUMBER, _TIME = "STRING", "INT64", "TIMESTAMP"
_CONSTRAINT: Columns = (
    ("constraint_catalog", _TEXT),
    ("constraint_schema", _TEXT),
    ("constraint_name", _TEXT),
    ("table_catalog", _TEXT),
    ("table_schema", _TEXT),
    ("table_name", _TEXT),
)
CONSTRAINTS: Columns = (
    *_CONSTRAINT,
    ("constraint_type", _TEXT),
    ("is_deferrable", _TEXT),
    ("initially_deferred", _TEXT),
    ("enforced", _TEXT),
)
KEY_COLUMNS: Columns = (
    *_CONSTRAINT,
    ("column_name", _TEXT),
    ("ordinal_position", _NUMBER),
    ("position_in_unique_constraint", _NUMBER),
)
ROUTINES: Columns = (
    ("specific_catalog", _TEXT),
    ("specific_schema", _TEXT),
    ("specific_name", _TEXT),
    ("routine_catalog", _TEXT),
    ("routine_schema", _TEXT),
    ("routine_name", _TEXT),
    ("routine_type", _TEXT),
    ("routine_body", _TEXT),
    ("routine_definition", _TEXT),
    ("created", _TIME),
    ("last_altered", _TIME),
)
SCHEMATA_OPTIONS: Columns = (
    ("catalog_name", _TEXT),
    ("schema_name", _TEXT),
    ("option_name", _TEXT),
    ("option_type", _TEXT),
    ("option_value", _TEXT),
)
_DAY_MS = 86_400_000


def constraint_rows(_: Catalog, table: Table) -> list[list[Any]]:
    """The rows of TABLE_CONSTRAINTS."""
    return [[*_names(table, name), kind, "NO", "NO", "NO"] for name, kind, _ in _constraints(table)]


def key_rows(_: Catalog, table: Table) -> list[list[Any]]:
    """The rows of KEY_COLUMN_USAGE."""
    return [
        [*_names(table, name), column, number, number if kind == "FOREIGN KEY" else None]
        for name, kind, columns in _constraints(table)
        for number, column in enumerate(columns, start=1)
    ]


def routine_rows(routines: list[Routine]) -> list[list[Any]]:
    """The rows of ROUTINES."""
    rows = []
    for one in routines:
        name = [one.ref.project, one.ref.dataset, one.ref.routine]
        kind = "TABLE FUNCTION" if one.kind == TABLE_VALUED else "FUNCTION"
        rows.append([*name, *name, kind, "SQL", one.body, one.created, one.modified])
    return rows


def dataset_option_rows(datasets: list[Dataset]) -> list[list[Any]]:
    """The rows of SCHEMATA_OPTIONS."""
    rows: list[list[Any]] = []
    for one in datasets:
        told: list[list[Any]] = []
        for option, name in (("description", "description"), ("friendly_name", "friendlyName")):
            if one.kept.get(name):
                text = json.dumps(one.kept[name], ensure_ascii=False)
                told.append([option, "STRING", text])
        for kind in ("Table", "Partition"):
            lifetime = one.kept.get(f"default{kind}ExpirationMs")
            if lifetime:
                option = f"default_{kind.lower()}_expiration_days"
                told.append([option, "FLOAT64", str(int(str(lifetime)) / _DAY_MS)])
        labels = one.kept.get("labels")
        if isinstance(labels, dict) and labels:
            pairs = ", ".join(
                f"STRUCT({json.dumps(key)}, {json.dumps(value)})" for key, value in labels.items()
            )
            told.append(["labels", "ARRAY<STRUCT<STRING, STRING>>", f"[{pairs}]"])
        rows += [[one.project, one.name, *row] for row in told]
    return rows


def _names(table: Table, name: str) -> list[Any]:
    ref = table.ref
    return [ref.project, ref.dataset, f"{ref.table}.{name}", ref.project, ref.dataset, ref.table]


def _constraints(table: Table) -> list[tuple[str, str, list[str]]]:
    kept = table.kept.get("tableConstraints")
    kept = kept if isinstance(kept, dict) else {}
    found: list[tuple[str, str, list[str]]] = []
    if kept.get("primaryKey"):
        found.append(("pk$", "PRIMARY KEY", list(kept["primaryKey"].get("columns") or ())))
    for one in kept.get("foreignKeys") or ():
        columns = [each["referencingColumn"] for each in one.get("columnReferences") or ()]
        found.append((str(one.get("name")), "FOREIGN KEY", columns))
    return found
