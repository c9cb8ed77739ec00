"""How a table's schema may change: BigQuery allows additions and relaxations, nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from harness.bigquery.entries import Table
    from harness.bigquery.types import Field


def merged_schema(
    table: Table, fields: Sequence[Field], *, updates: Sequence[str] = (), complete: bool = False
) -> tuple[Field, ...]:
    """The table's columns after rows or a schema with these fields.

    Args:
        table: The table.
        fields: The new fields.
        updates: ``ALLOW_FIELD_ADDITION``, ``ALLOW_FIELD_RELAXATION``.
        complete: Whether a column that is not among the fields would be lost.

    Raises:
        ApiError: The fields do not fit, in BigQuery's words.
    """
    what = f"Provided Schema does not match Table {table.ref}."
    return _merged(table.fields, fields, _Rules(what=what, updates=updates, complete=complete))


@dataclass(frozen=True, kw_only=True)
class _Rules:
    what: str
    updates: Sequence[str]
    complete: bool

    def refusal(self, text: str) -> ApiError:
        return ApiError("invalid", f"{self.what} {text}")


def _merged(
    old: Sequence[Field], new: Sequence[Field], rules: _Rules, *, prefix: str = ""
) -> tuple[Field, ...]:
    given = {field.name.lower(): field for field in new}
    known = {field.name.lower() for field in old}
    merged = []
    for field in old:
        other = given.get(field.name.lower())
        if other is None:
            merged.append(_left_out(field, rules, prefix))
        else:
            merged.append(_joined(field, other, rules, prefix))
    merged += [_added(field, rules, prefix) for field in new if field.name.lower() not in known]
    return tuple(merged)


def _left_out(field: Field, rules: _Rules, prefix: str) -> Field:
    name = prefix + field.name
    if rules.complete:
        raise rules.refusal(f"Field {name} is missing in new schema")
    if field.mode != "REQUIRED":
        return field
    if "ALLOW_FIELD_RELAXATION" not in rules.updates:
        raise rules.refusal(f"Required field {name} is missing")
    return replace(field, mode="NULLABLE")


def _joined(field: Field, other: Field, rules: _Rules, prefix: str) -> Field:
    name = prefix + field.name
    if other.type != field.type:
        raise rules.refusal(
            f"Field {name} has changed type from {field.rest()['type']} to {other.rest()['type']}"
        )
    mode = field.mode
    if other.mode != mode:
        relaxed = (mode, other.mode) == ("REQUIRED", "NULLABLE")
        if relaxed and "ALLOW_FIELD_RELAXATION" in rules.updates:
            mode = "NULLABLE"
        else:
            raise rules.refusal(f"Field {name} has changed mode from {mode} to {other.mode}")
    inner = _merged(field.fields, other.fields, rules, prefix=f"{name}.")
    text = other.description if rules.complete else field.description
    default = other.default if rules.complete else field.default
    return replace(field, mode=mode, fields=inner, description=text, default=default)


def _added(field: Field, rules: _Rules, prefix: str) -> Field:
    name = prefix + field.name
    if "ALLOW_FIELD_ADDITION" not in rules.updates:
        raise rules.refusal(f"Cannot add fields (field: {name})")
    if field.mode == "REQUIRED":
        raise rules.refusal(f"Cannot add required fields to an existing schema. (field: {name})")
    return field


def change_schema(
    cursor: duckdb.DuckDBPyConnection, table: Table, fields: tuple[Field, ...]
) -> None:
    """Give the stored rows the columns of a merged schema, within the cursor's transaction."""
    old = {field.name.lower(): field for field in table.fields}
    for field in fields:
        known = old.get(field.name.lower())
        name = quoted(field.name)
        if known is None:
            cursor.execute(f"ALTER TABLE {table.rows_in} ADD COLUMN {name} {field.duckdb_type}")
        elif known.duckdb_type != field.duckdb_type:
            value = widened(known, field, name)
            cursor.execute(
                f"ALTER TABLE {table.rows_in} ALTER {name} TYPE {field.duckdb_type} USING {value}"
            )
        if known is not None and known.default != field.default:
            cursor.execute(f"ALTER TABLE {table.rows_in} ALTER {name} {_default(field)}")
        if known is not None and known.mode == "REQUIRED" and field.mode == "NULLABLE":
            cursor.execute(f"ALTER TABLE {table.rows_in} ALTER {name} DROP NOT NULL")


def _default(field: Field) -> str:
    if field.default is None:
        return "DROP DEFAULT"
    from harness.bigquery.column_defaults import default_sql  # noqa: PLC0415

    return f"SET DEFAULT ({default_sql(field)})"


def widened(known: Field, field: Field, value: str, *, depth: int = 0) -> str:
    """SQL of a value with the fields that its STRUCT was given since; they are NULL.

    Args:
        known: What the value is.
        field: What it becomes.
        value: SQL of the value.
        depth: How many ARRAYs it stands in, for distinct names.
    """
    if known.duckdb_type == field.duckdb_type or field.type != "STRUCT":
        return value
    if field.repeated:
        item = f"row_{depth}"
        one = _widened_struct(known, field, item, depth + 1)
        return f"list_transform({value}, lambda {item} : {one})"
    return _widened_struct(known, field, value, depth)


def _widened_struct(known: Field, field: Field, value: str, depth: int) -> str:
    have = {one.name.lower(): one for one in known.fields}
    parts = []
    for one in field.fields:
        old = have.get(one.name.lower())
        if old is None:
            inner = f"CAST({'[]' if one.repeated else 'NULL'} AS {one.duckdb_type})"
        else:
            part = f"struct_extract({value}, {literal(old.name)})"
            inner = widened(old, one, part, depth=depth)
        parts.append(f"{quoted(one.name)} := {inner}")
    return f"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({', '.join(parts)}) END"
