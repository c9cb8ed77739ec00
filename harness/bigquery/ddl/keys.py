"""PRIMARY KEY and FOREIGN KEY, which BigQuery keeps and never enforces.

Source: "Use primary and foreign keys" of the reference, and TableConstraints of REST.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.places import at
from harness.bigquery.sql.sources import name_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery.entries import Table
    from harness.bigquery.statements.statement import Session
    from harness.bigquery.types import Field

_CONSTRAINTS = "tableConstraints"


def keys_of_schema(
    session: Session, schema: exp.Schema, table: str, fields: Sequence[Field]
) -> dict[str, Any]:
    """The constraints among the columns of CREATE TABLE, as ``kept`` has them.

    Raises:
        ApiError: One is enforced, or names a column that is not there.
    """
    kept: dict[str, Any] = {}
    for one in schema.expressions:
        if isinstance(one, exp.ColumnDef):
            for inner in one.args.get("constraints") or ():
                kind = inner.args.get("kind")
                if isinstance(kind, exp.PrimaryKeyColumnConstraint):
                    _check_options(kind, one)
                    kept = _with_primary(kept, [one.name], table, one)
                elif isinstance(kind, exp.Reference):
                    node = exp.ForeignKey(expressions=[one.this.copy()], reference=kind.copy())
                    kept = _with_foreign(session, kept, node, "", table)
        else:
            kept = with_key(session, kept, one, table=table, fields=fields)
    return kept


def with_key(
    session: Session,
    kept: dict[str, Any],
    node: exp.Expr,
    *,
    table: str,
    fields: Sequence[Field],
) -> dict[str, Any]:
    """What is kept of a table, with one constraint more.

    Raises:
        ApiError: It is enforced, names a column that is not there, or is there already.
    """
    name = ""
    if isinstance(node, exp.Constraint):
        name, node = node.name, node.expressions[0]
    if not isinstance(node, exp.PrimaryKey | exp.ForeignKey):
        raise UnsupportedError(f"{type(node).__name__} in a table's columns{at(node)}")
    known = {one.name.lower() for one in fields}
    for column in node.expressions:
        if column.name.lower() not in known:
            raise ApiError("invalidQuery", f"Column not found: {column.name}{at(column)}")
    if isinstance(node, exp.PrimaryKey):
        _check_options(node, node)
        return _with_primary(kept, [one.name for one in node.expressions], table, node)
    return _with_foreign(session, kept, node, name, table)


def without_key(table: Table, node: exp.Drop) -> dict[str, Any]:
    """What is kept of a table, with one constraint fewer.

    Raises:
        ApiError: It is not there, and the statement does not say IF EXISTS.
    """
    constraints = dict(_constraints(table.kept))
    if node.args["kind"] == "PRIMARY KEY":
        found = constraints.pop("primaryKey", None)
        missing = f"Primary key not found in table {table.ref}."
    else:
        name = node.this.name
        before = constraints.get("foreignKeys") or []
        after = [one for one in before if one["name"].lower() != name.lower()]
        found = len(after) < len(before)
        constraints["foreignKeys"] = after
        missing = f"Constraint not found: {name}"
    if not found and not node.args.get("exists"):
        raise ApiError("invalidQuery", f"{missing}{at(node)}")
    return {**table.kept, _CONSTRAINTS: {key: one for key, one in constraints.items() if one}}


def _constraints(kept: Any) -> dict[str, Any]:
    found = kept.get(_CONSTRAINTS)
    return found if isinstance(found, dict) else {}


def _check_options(node: exp.Expr, place: exp.Expr) -> None:
    if "NOT ENFORCED" not in [str(one).upper() for one in node.args.get("options") or ()]:
        raise ApiError("invalidQuery", f"Enforcement of primary key is not supported.{at(place)}")


def _with_primary(
    kept: dict[str, Any], columns: list[str], table: str, node: exp.Expr
) -> dict[str, Any]:
    constraints = _constraints(kept)
    if "primaryKey" in constraints:
        raise ApiError("invalidQuery", f"Already Exists: Primary key of table {table}{at(node)}")
    return {**kept, _CONSTRAINTS: {**constraints, "primaryKey": {"columns": columns}}}


def _with_foreign(
    session: Session, kept: dict[str, Any], node: exp.ForeignKey, name: str, table: str
) -> dict[str, Any]:
    reference = node.args.get("reference")
    if reference is None:
        raise ApiError("invalidQuery", f"Syntax error: Expected keyword REFERENCES{at(node)}")
    if "NOT ENFORCED" not in [str(one).upper() for one in reference.args.get("options") or ()]:
        raise ApiError("invalidQuery", f"Enforcement of foreign key is not supported.{at(node)}")
    constraints = _constraints(kept)
    others = constraints.get("foreignKeys") or []
    named = name or f"fk${len(others) + 1}"
    if any(one["name"].lower() == named.lower() for one in others):
        raise ApiError("invalidQuery", f"Already Exists: Constraint {table}.{named}{at(node)}")
    target = reference.this
    columns = [one.name for one in target.expressions] if isinstance(target, exp.Schema) else []
    if len(columns) != len(node.expressions):
        raise ApiError("invalidQuery", f"Foreign key must name as many columns twice{at(node)}")
    foreign = {
        "name": named,
        "referencedTable": session.ref(name_parts(target.this)).rest(),
        "columnReferences": [
            {"referencingColumn": one.name, "referencedColumn": other}
            for one, other in zip(node.expressions, columns, strict=True)
        ],
    }
    return {**kept, _CONSTRAINTS: {**constraints, "foreignKeys": [*others, foreign]}}
