"""INSERT, UPDATE, DELETE and MERGE: one at a time, each wholly or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.assignment import check, is_literal, literal_columns
from harness.bigquery.changes import (
    cell,
    column_of,
    columns_of,
    condition_sql,
    done,
    expression_sql,
    plain_fields,
    refuse_double_matches,
    target_of,
    target_scope,
)
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.merging import merge
from harness.bigquery.partitions import PARTITION_TIME
from harness.bigquery.sql.joins import from_clause
from harness.bigquery.types import quoted

if TYPE_CHECKING:
    from harness.bigquery.statement import Outcome, Session


def run(session: Session, *, dry: bool = False) -> Outcome:
    """Do a DML statement.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    tree = session.tree
    if isinstance(tree, exp.Insert):
        return _insert(session, tree, dry=dry)
    if isinstance(tree, exp.Update):
        return _update(session, tree, dry=dry)
    if isinstance(tree, exp.Delete):
        return _delete(session, tree, dry=dry)
    if isinstance(tree, exp.Merge):
        return merge(session, tree, dry=dry)
    raise UnsupportedError(f"statement {tree.key.upper()}")


def _insert(session: Session, tree: exp.Insert, *, dry: bool) -> Outcome:
    target = tree.this
    names = None
    if isinstance(target, exp.Schema):
        names = [one.name for one in target.expressions]
        target = target.this
    source = tree.expression
    with session.catalog.lock, session.catalog.reading():
        table = target_of(session, target)
        fields = columns_of(table, names)
        for one in table.fields:
            if one.mode == "REQUIRED" and one not in fields:
                raise ApiError("invalidQuery", f"Required field {one.name} cannot be null")
        literals = literal_columns(source, len(fields))
        sql = session.sql(source)
        found = plain_fields(session, sql)
        if len(found) != len(fields):
            raise ApiError(
                "invalidQuery",
                f"Inserted row has wrong column count; Has {len(found)}, expected {len(fields)}",
            )
        check(fields, found, literals, verb="inserted into")
        targets = [quoted(one.name) for one in fields]
        columns = ", ".join(f"c{number}" for number in range(len(fields)))
        cells = [
            f"CAST({'NULL' if literals[n] is None else f'c{n}'} AS {one.duckdb_type})"
            for n, one in enumerate(fields)
        ]
        if table.partitioning is not None and table.pseudo:
            targets.append(quoted(PARTITION_TIME))
            cells.append(table.partitioning.now_sql())
        statement = (
            f"INSERT INTO {table.rows_in} ({', '.join(targets)}) "  # noqa: S608
            f"SELECT {', '.join(cells)} FROM ({sql}) AS q({columns})"
        )
        return done(session, table, statement, kind="INSERT", dry=dry)


def _update(session: Session, tree: exp.Update, *, dry: bool) -> Outcome:
    where = tree.args.get("where")
    if where is None:
        raise ApiError("invalidQuery", "UPDATE must have a WHERE clause at [1:1]")
    with session.catalog.lock, session.catalog.reading():
        table = target_of(session, tree.this)
        session.check_filter(table)
        scope = target_scope(session, table, tree.this)
        alias, joined = quoted(scope.sources[0].alias), ""
        if tree.args.get("from_"):
            joined = from_clause(session.translator(), session.bound(tree), scope)
        fields = [column_of(table, one.this) for one in tree.expressions]
        if len({field.name for field in fields}) != len(fields):
            raise ApiError("invalidQuery", "Update item is assigned more than once")
        values = [expression_sql(session, one.expression, scope) for one in tree.expressions]
        condition = condition_sql(session, where.this, scope)
        probe = f"SELECT {', '.join(values)} FROM {table.rows_in} AS {alias}"  # noqa: S608
        probe += joined.replace(" FROM ", ", ", 1)
        literals = [is_literal(one.expression) for one in tree.expressions]
        check(fields, plain_fields(session, probe), literals, verb="assigned to")
        sets = ", ".join(
            f"{quoted(field.name)} = {cell(value, field, is_null=literal is None)}"
            for field, value, literal in zip(fields, values, literals, strict=True)
        )
        if joined:
            both = f"{table.rows_in} AS {alias}{joined.replace(' FROM ', ', ', 1)}"
            refuse_double_matches(session, f"{both} WHERE {condition}", alias)
        statement = f"UPDATE {table.rows_in} AS {alias} SET {sets}{joined} WHERE {condition}"  # noqa: S608
        return done(session, table, statement, kind="UPDATE", dry=dry)


def _delete(session: Session, tree: exp.Delete, *, dry: bool) -> Outcome:
    where = tree.args.get("where")
    if where is None:
        raise ApiError("invalidQuery", "DELETE must have a WHERE clause at [1:1]")
    named = tree.this or (tree.args.get("tables") or [None])[0]
    with session.catalog.lock, session.catalog.reading():
        table = target_of(session, named)
        session.check_filter(table)
        scope = target_scope(session, table, named)
        alias = quoted(scope.sources[0].alias)
        condition = condition_sql(session, where.this, scope)
        statement = f"DELETE FROM {table.rows_in} AS {alias} WHERE {condition}"  # noqa: S608
        return done(session, table, statement, kind="DELETE", dry=dry)
