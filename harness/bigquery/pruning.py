"""Which partitions a statement reads: those that a constant filter does not rule out.

"Query partitioned tables" of the reference: a filter prunes where it compares the partitioning
column with a constant expression; one that looks at other columns or tables does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.partitions import PARTITION_DATE, PARTITION_TIME
from harness.bigquery.pruning_filters import Filter
from harness.bigquery.sql.parameters import bind
from harness.bigquery.sql.translate import name_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.bigquery.entries import Table
    from harness.bigquery.statement import Session


def check_filter(session: Session, table: Table) -> None:
    """Refuse a statement that reads a table without the filter that it requires.

    Args:
        session: The statement.
        table: The table.

    Raises:
        ApiError: A mention of the table has none.
    """
    if not table.require_filter or table.partitioning is None:
        return
    if all(one.usable() for one in filters_of(session, table)):
        return
    column = table.partitioning.column
    names = f"'{column}'"
    if table.pseudo:
        names = f"'{PARTITION_TIME}', '{PARTITION_DATE}'"
    raise ApiError(
        "invalidQuery",
        f"Cannot query over table '{str(table.ref).replace(':', '.')}' without a filter over "
        f"column(s) {names} that can be used for partition elimination",
    )


def filters_of(session: Session, table: Table) -> list[Filter]:
    """The conditions on each mention of a table in a statement.

    Args:
        session: The statement.
        table: The table.
    """
    tree = bind(session.tree.copy(), session.statement.parameters)
    named = {one.alias.lower() for one in tree.find_all(exp.CTE)}
    found = []
    for mention in tree.find_all(exp.Table):
        parts = name_parts(mention)
        if len(parts) == 1 and parts[0].lower() in named:
            continue
        try:
            same = session.ref(parts) == table.ref
        except ApiError:
            continue
        if same:
            found.append(
                Filter(
                    table=table,
                    alias=mention.alias_or_name.lower(),
                    conditions=tuple(conditions_of(mention)),
                    constant=lambda node: f"({session.sql(exp.Select(expressions=[node.copy()]))})",
                )
            )
    return found


def partitions_read(session: Session, table: Table) -> frozenset[str] | None:
    """Ids of the partitions of a table that a statement reads, or None for all.

    Args:
        session: The statement.
        table: The table.
    """
    if table.partitioning is None:
        return None
    filters = filters_of(session, table)
    if not filters or not all(one.usable() for one in filters):
        return None
    return frozenset().union(*(one.read(session.catalog.database) for one in filters))


def conditions_of(mention: exp.Expr) -> Iterator[exp.Expr]:
    """What holds for all rows that are read of a table which is mentioned in FROM or as a target.

    A filter around a subquery holds for the subquery's table too where the columns have the same
    names, as BigQuery pushes it down.
    """
    node: exp.Expr | None = mention
    while node is not None:
        where = node.args.get("where")
        if isinstance(where, exp.Where) and isinstance(node, exp.Select | exp.Update | exp.Delete):
            yield where.this
        if isinstance(node, exp.Select):
            for join in node.args.get("joins") or ():
                on = join.args.get("on")
                if on is not None and not join.args.get("side"):
                    yield on
        node = node.parent
