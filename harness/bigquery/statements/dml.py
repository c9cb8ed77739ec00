"""INSERT, UPDATE, DELETE and MERGE: one at a time, each wholly or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.joins import from_clause
from harness.bigquery.sql.places import at
from harness.bigquery.statements.changes import (
    condition_sql,
    done,
    refuse_double_matches,
    target_of,
    target_scope,
)
from harness.bigquery.statements.inserting import insert
from harness.bigquery.statements.merging import merge
from harness.bigquery.statements.setting import sets_sql
from harness.bigquery.types import quoted

if TYPE_CHECKING:
    from harness.bigquery.statements.statement import Outcome, Session


def run(session: Session, *, dry: bool = False) -> Outcome:
    """Do a DML statement.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    tree = session.tree
    if tree.args.get("with_") is not None:
        raise ApiError(
            "invalidQuery",
            f"Syntax error: WITH cannot stand before {tree.key.upper()}{at(tree.args['with_'])}",
            location="query",
        )
    if isinstance(tree, exp.Insert):
        return insert(session, tree, dry=dry)
    if isinstance(tree, exp.Update):
        return _update(session, tree, dry=dry)
    if isinstance(tree, exp.Delete):
        return _delete(session, tree, dry=dry)
    if isinstance(tree, exp.Merge):
        return merge(session, tree, dry=dry)
    raise UnsupportedError(f"statement {tree.key.upper()}")


def _update(session: Session, tree: exp.Update, *, dry: bool) -> Outcome:
    where = _where(tree, "UPDATE")
    with session.catalog.lock, session.catalog.reading():
        table = target_of(session, tree.this, dry=dry)
        session.check_filter(table)
        scope = target_scope(session, table, tree.this)
        alias, joined = quoted(scope.sources[0].alias), ""
        if tree.args.get("from_"):
            joined = from_clause(session.translator(), session.bound(tree), scope)
        sets = sets_sql(session, table, tree.expressions, scope)
        condition = condition_sql(session, where.this, scope)
        if joined:
            both = f"{table.rows_in} AS {alias}{joined.replace(' FROM ', ', ', 1)}"
            refuse_double_matches(session, f"{both} WHERE {condition}", alias)
        statement = f"UPDATE {table.rows_in} AS {alias} SET {sets}{joined} WHERE {condition}"  # noqa: S608
        return done(session, table, statement, kind="UPDATE", dry=dry)


def _delete(session: Session, tree: exp.Delete, *, dry: bool) -> Outcome:
    where = _where(tree, "DELETE")
    named = tree.this or (tree.args.get("tables") or [None])[0]
    with session.catalog.lock, session.catalog.reading():
        table = target_of(session, named, dry=dry)
        session.check_filter(table)
        scope = target_scope(session, table, named)
        alias = quoted(scope.sources[0].alias)
        condition = condition_sql(session, where.this, scope)
        statement = f"DELETE FROM {table.rows_in} AS {alias} WHERE {condition}"  # noqa: S608
        return done(session, table, statement, kind="DELETE", dry=dry)


def _where(tree: exp.Expr, verb: str) -> exp.Expr:
    where: exp.Expr | None = tree.args.get("where")
    if where is None:
        raise ApiError("invalidQuery", f"{verb} must have a WHERE clause at [1:1]")
    return where
