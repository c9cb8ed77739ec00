"""MERGE. Source: "MERGE statement" of the reference's page on DML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.field_names import PARTITION_TIME
from harness.bigquery.sql.assignment import assigned, is_default
from harness.bigquery.sql.places import at
from harness.bigquery.sql.scope import Scope
from harness.bigquery.sql.sources import item
from harness.bigquery.statements.changes import (
    columns_of,
    condition_sql,
    done,
    refuse_double_matches,
    target_of,
    target_scope,
)
from harness.bigquery.statements.inserting import default_value
from harness.bigquery.statements.setting import sets_sql
from harness.bigquery.types import quoted

if TYPE_CHECKING:
    from harness.bigquery.entries import Table
    from harness.bigquery.statements.statement import Outcome, Session


def merge(session: Session, tree: exp.Merge, *, dry: bool) -> Outcome:
    """Do a MERGE.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does; nothing has changed then.
    """
    if not isinstance(tree.args.get("on"), exp.Expr):
        raise ApiError(
            "invalidQuery",
            f"Syntax error: MERGE must have an ON clause{at(tree)}",
            location="query",
        )
    with session.catalog.lock, session.catalog.reading():
        table = target_of(session, tree.this, dry=dry)
        session.check_filter(table)
        scope = target_scope(session, table, tree.this)
        alias = quoted(scope.sources[0].alias)
        source = item(session.translator(), session.bound(tree.args["using"]), scope)
        condition = condition_sql(session, tree.args["on"], scope)
        whens = tree.args["whens"].expressions
        clauses = [_clause(session, table, when, scope=scope) for when in whens]
        matched = [_test(session, when, scope) for when in whens if when.args.get("matched")]
        if matched and not dry:
            # Only rows that a clause changes must be matched by one row.
            changed = " OR ".join(one or "true" for one in matched)
            joined = f"{table.rows_in} AS {alias} JOIN {source} ON {condition}"
            refuse_double_matches(session, f"{joined} WHERE {changed}", alias)
        statement = (
            f"MERGE INTO {table.rows_in} AS {alias} USING {source} ON {condition} "
            + " ".join(clauses)
        )
        return done(session, table, statement, kind="MERGE", dry=dry)


def _test(session: Session, when: exp.Expr, scope: Scope) -> str:
    given = when.args.get("condition")
    return condition_sql(session, given, scope) if given is not None else ""


def _clause(session: Session, table: Table, when: exp.Expr, *, scope: Scope) -> str:
    then = when.args["then"]
    if when.args.get("matched"):
        head, seen = "WHEN MATCHED", scope
    elif when.args.get("source"):
        head, seen = "WHEN NOT MATCHED BY SOURCE", Scope(scope.sources[:1], parent=scope.parent)
    else:
        head, seen = "WHEN NOT MATCHED", Scope(scope.sources[1:], parent=scope.parent)
    test = _test(session, when, seen)
    if test:
        head += f" AND {test}"
    if isinstance(then, exp.Update):
        return f"{head} THEN UPDATE SET {sets_sql(session, table, then.expressions, seen)}"
    if isinstance(then, exp.Insert):
        targets, values = _inserted(session, table, then, seen)
        return f"{head} THEN INSERT ({', '.join(targets)}) VALUES ({', '.join(values)})"  # noqa: S608
    return f"{head} THEN DELETE"


def _inserted(
    session: Session, table: Table, then: exp.Insert, scope: Scope
) -> tuple[list[str], list[str]]:
    """The columns and the values of INSERT."""
    listed, given = then.this, then.expression
    if isinstance(listed, exp.Tuple) and not isinstance(given, exp.Tuple):
        # VALUES without a list of columns is read as a call.
        given, listed = listed.expressions[0], None
    if isinstance(given, exp.Tuple | exp.Anonymous):
        nodes = given.expressions
    else:
        # INSERT ROW takes all columns of the source, in their order.
        nodes = [
            exp.column(one.name, table=source.alias)
            for source in scope.sources
            for one in source.columns
            if not one.hidden
        ]
        listed = None
    names = [one.name for one in listed.expressions] if isinstance(listed, exp.Tuple) else None
    arrives = [one for one in names or () if table.pseudo and one.upper() == PARTITION_TIME]
    if arrives:
        raise ApiError(
            "invalidQuery", f"Column {PARTITION_TIME} cannot be inserted by MERGE{at(then)}"
        )
    fields = columns_of(table, names)
    if len(nodes) != len(fields):
        raise ApiError(
            "invalidQuery",
            f"Inserted row has wrong column count; Has {len(nodes)}, expected {len(fields)}"
            f"{at(then)}",
            location="query",
        )
    values = []
    for node, field in zip(nodes, fields, strict=True):
        if is_default(node):
            values.append(default_value(field))
            continue
        value = session.translator().expressions.value(session.bound(node), scope)
        values.append(assigned(value, field, what="Value", verb="inserted into", at=at(node)))
    targets = [quoted(field.name) for field in fields]
    if table.partitioning is not None and table.pseudo:
        targets.append(quoted(PARTITION_TIME))
        values.append(table.partitioning.now_sql())
    return targets, values
