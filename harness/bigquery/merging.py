"""MERGE. Source: "MERGE statement" of the reference's page on DML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.changes import (
    checked_values,
    column_of,
    columns_of,
    condition_sql,
    done,
    refuse_double_matches,
    target_of,
    target_scope,
)
from harness.bigquery.errors import ApiError
from harness.bigquery.partitions import PARTITION_TIME
from harness.bigquery.sql.scope import Scope
from harness.bigquery.sql.sources import item
from harness.bigquery.types import quoted

if TYPE_CHECKING:
    from harness.bigquery.entries import Table
    from harness.bigquery.statement import Outcome, Session


def merge(session: Session, tree: exp.Merge, *, dry: bool) -> Outcome:
    """Do a MERGE.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does; nothing has changed then.
    """
    with session.catalog.lock, session.catalog.reading():
        table = target_of(session, tree.this)
        scope = target_scope(session, table, tree.this)
        alias = quoted(scope.sources[0].alias)
        source = item(session.translator(), session.bound(tree.args["using"]), scope)
        condition = condition_sql(session, tree.args["on"], scope)
        joined = f"{table.rows_in} AS {alias} JOIN {source} ON {condition}"
        clauses = [
            _clause(session, table, when, scope=scope, source=source)
            for when in tree.args["whens"].expressions
        ]
        if any(when.args.get("matched") for when in tree.args["whens"].expressions):
            refuse_double_matches(session, joined, alias)
        statement = (
            f"MERGE INTO {table.rows_in} AS {alias} USING {source} ON {condition} "
            + " ".join(clauses)
        )
        return done(session, table, statement, kind="MERGE", dry=dry)


def _clause(session: Session, table: Table, when: exp.When, *, scope: Scope, source: str) -> str:
    target = f"{table.rows_in} AS {quoted(scope.sources[0].alias)}"
    if when.args.get("matched"):
        head, rows, seen = "WHEN MATCHED", f"{target}, {source}", scope
    elif when.args.get("source"):
        head, rows = "WHEN NOT MATCHED BY SOURCE", target
        seen = Scope(sources=scope.sources[:1], parent=scope.parent)
    else:
        head, rows = "WHEN NOT MATCHED", source
        seen = Scope(sources=scope.sources[1:], parent=scope.parent)
    if when.args.get("condition"):
        head += f" AND {condition_sql(session, when.args['condition'], seen)}"
    then = when.args["then"]
    if isinstance(then, exp.Update):
        pairs = [(column_of(table, one.this), one.expression) for one in then.expressions]
        values = checked_values(session, pairs, seen, rows, verb="assigned to")
        sets = ", ".join(
            f"{quoted(field.name)} = {value}"
            for (field, _), value in zip(pairs, values, strict=True)
        )
        return f"{head} THEN UPDATE SET {sets}"
    if isinstance(then, exp.Insert):
        names = None
        if isinstance(then.this, exp.Tuple):
            names = [one.name for one in then.this.expressions]
        fields = columns_of(table, names)
        if isinstance(then.expression, exp.Tuple):
            given = then.expression.expressions
        else:
            # INSERT ROW takes all columns of the source, in their order.
            names = [one.name for one in seen.sources[0].columns if not one.hidden]
            given = [exp.column(one, table=seen.sources[0].alias) for one in names]
        if len(given) != len(fields):
            raise ApiError(
                "invalidQuery",
                f"Inserted row has wrong column count; Has {len(given)}, expected {len(fields)}",
            )
        values = checked_values(
            session, list(zip(fields, given, strict=True)), seen, rows, verb="inserted into"
        )
        targets = [quoted(field.name) for field in fields]
        if table.partitioning is not None and table.pseudo:
            targets.append(quoted(PARTITION_TIME))
            values.append(table.partitioning.now_sql())
        return f"{head} THEN INSERT ({', '.join(targets)}) VALUES ({', '.join(values)})"  # noqa: S608
    return f"{head} THEN DELETE"
