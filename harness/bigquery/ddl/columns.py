"""The actions of ALTER TABLE on columns. Source: "ALTER TABLE ADD COLUMN" and its kin."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.ddl.options import options_of
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.partitions.layout import field_of
from harness.bigquery.schemas import change_schema
from harness.bigquery.sql.places import at
from harness.bigquery.types import Field, checked, quoted

if TYPE_CHECKING:
    import duckdb

    from harness.bigquery.entries import Table
    from harness.bigquery.statements.statement import Session

# "Data type conversions" of ALTER COLUMN SET DATA TYPE: what an existing type may become.
_WIDER = {
    "INT64": ("NUMERIC", "BIGNUMERIC", "FLOAT64"),
    "NUMERIC": ("BIGNUMERIC", "FLOAT64"),
}


def add(_: Session, cursor: duckdb.DuckDBPyConnection, table: Table, action: exp.Expr) -> Table:
    """ADD COLUMN.

    Raises:
        ApiError: It is there already, or would be required.
    """
    if not isinstance(action, exp.ColumnDef):
        raise UnsupportedError(f"this action of ALTER TABLE{at(action)}")
    field = field_of(action)
    if _find(table, field.name) is not None:
        if action.args.get("exists"):
            return table
        raise ApiError("invalidQuery", f"Column already exists: {field.name}{at(action)}")
    if field.mode == "REQUIRED":
        raise ApiError(
            "invalidQuery",
            f"Cannot add required column {field.name} to an existing table{at(action)}",
        )
    if field.default is not None:
        raise ApiError(
            "invalidQuery",
            f"Column {field.name} cannot be added with a default value; use ALTER COLUMN SET "
            f"DEFAULT once it is there{at(action)}",
        )
    return _with_fields(cursor, table, (*table.fields, field))


def drop(cursor: duckdb.DuckDBPyConnection, table: Table, action: exp.Expr) -> Table:
    """DROP COLUMN.

    Raises:
        ApiError: It is not there, or the table's layout needs it.
    """
    found = _known(table, action.this, exists=bool(action.args.get("exists")))
    if found is None:
        return table
    _check_free(table, found.name, action, verb="drop")
    if len(table.fields) == 1:
        raise ApiError("invalidQuery", f"Cannot drop all columns of a table{at(action)}")
    cursor.execute(f"ALTER TABLE {table.rows_in} DROP COLUMN {quoted(found.name)}")
    return replace(table, fields=tuple(one for one in table.fields if one is not found))


def rename(_: Session, cursor: duckdb.DuckDBPyConnection, table: Table, action: exp.Expr) -> Table:
    """RENAME COLUMN.

    Raises:
        ApiError: It is not there, the new name is taken, or the table's layout needs it.
    """
    found = _known(table, action.this, exists=bool(action.args.get("exists")))
    if found is None:
        return table
    new = action.args["to"].name
    other = _find(table, new)
    if other is not None and other is not found:
        raise ApiError("invalidQuery", f"Column already exists: {new}{at(action.args['to'])}")
    _check_free(table, found.name, action, verb="rename")
    fields = checked(tuple(replace(one, name=new) if one is found else one for one in table.fields))
    if new != found.name:
        cursor.execute(
            f"ALTER TABLE {table.rows_in} RENAME COLUMN {quoted(found.name)} TO {quoted(new)}"
        )
    return replace(table, fields=fields)


def alter(
    session: Session, cursor: duckdb.DuckDBPyConnection, table: Table, action: exp.Expr
) -> Table:
    """ALTER COLUMN.

    Raises:
        ApiError: The column is not there, or cannot be changed so.
    """
    named = action.this
    if isinstance(named, exp.Dot) or (isinstance(named, exp.Column) and named.table):
        raise UnsupportedError(f"ALTER COLUMN of a field of a STRUCT{at(action)}")
    found = _known(table, named, exists=bool(action.args.get("exists")))
    if found is None:
        return table
    if action.args.get("dtype") is not None:
        new = _retyped(found, action)
    elif action.args.get("allow_null"):
        if found.mode != "REQUIRED":
            return table
        new = replace(found, mode="NULLABLE")
    elif action.args.get("expressions"):
        options = options_of(session, action.expressions[0].expressions[0])
        if set(options) - {"description"}:
            raise UnsupportedError(f"column options {', '.join(sorted(options))}{at(action)}")
        new = replace(found, description=options.get("description", found.description))
    else:
        default = action.args.get("default")
        new = replace(found, default=default.sql("bigquery") if default is not None else None)
    fields = tuple(new if one is found else one for one in table.fields)
    return _with_fields(cursor, table, fields)


def _retyped(found: Field, action: exp.Expr) -> Field:
    wanted = field_of(exp.ColumnDef(this=exp.to_identifier(found.name), kind=action.args["dtype"]))
    same = (wanted.type, wanted.fields, wanted.repeated) == (
        found.type,
        found.fields,
        found.repeated,
    )
    plain = not (found.repeated or wanted.repeated)
    same = same and _wide_enough(found.parameters, wanted)
    if not same and not (plain and wanted.type in _WIDER.get(found.type, ())):
        raise ApiError(
            "invalidQuery",
            "ALTER TABLE ALTER COLUMN SET DATA TYPE requires that the existing column type "
            f"({found.declared_type}) is assignable to the new type ({wanted.declared_type})"
            f"{at(action)}",
            location="query",
        )
    return replace(wanted, mode=found.mode, description=found.description, default=found.default)


def _wide_enough(before: tuple[int, ...], wanted: Field) -> bool:
    """Whether parameters of a type leave room for all that those before allow."""
    if not wanted.parameters or before == wanted.parameters:
        return True
    if not before:
        return False
    if wanted.type in ("STRING", "BYTES"):
        return wanted.parameters[0] >= before[0]
    (old, old_scale), (new, new_scale) = (
        (one[0], one[1] if len(one) > 1 else 0) for one in (before, wanted.parameters)
    )
    return new_scale >= old_scale and new - new_scale >= old - old_scale


def _with_fields(
    cursor: duckdb.DuckDBPyConnection, table: Table, fields: tuple[Field, ...]
) -> Table:
    change_schema(cursor, table, checked(fields))
    return replace(table, fields=fields)


def _find(table: Table, name: str) -> Field | None:
    return next((one for one in table.fields if one.name.lower() == name.lower()), None)


def _known(table: Table, named: exp.Expr | None, *, exists: bool) -> Field | None:
    if named is None:
        raise ApiError("invalidQuery", "Syntax error: Expected a column", location="query")
    found = _find(table, named.name)
    if found is None and not exists:
        raise ApiError(
            "invalidQuery", f"Column not found: {named.name}{at(named)}", location="query"
        )
    return found


def _check_free(table: Table, name: str, node: exp.Expr, *, verb: str) -> None:
    by = table.partitioning.column.lower() if table.partitioning else ""
    if name.lower() == by:
        raise ApiError("invalidQuery", f"Cannot {verb} partitioning column {name}{at(node)}")
    if name.lower() in {one.lower() for one in table.clustering}:
        raise ApiError("invalidQuery", f"Cannot {verb} clustering column {name}{at(node)}")
    constraints = table.kept.get("tableConstraints")
    primary = constraints.get("primaryKey") or {} if isinstance(constraints, dict) else {}
    if name.lower() in {one.lower() for one in primary.get("columns", ())}:
        raise ApiError("invalidQuery", f"Cannot {verb} column {name} of a primary key{at(node)}")
