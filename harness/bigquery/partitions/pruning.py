"""Which partitions a statement reads: those that a constant filter does not rule out.

"Query partitioned tables" of the reference: a filter prunes where it compares the partitioning
column with a constant expression; one that looks at other columns or tables does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.field_names import PARTITION_DATE, PARTITION_TIME
from harness.bigquery.partitions.pruning_filters import Filter
from harness.bigquery.sql.parameters import bind
from harness.bigquery.sql.translate import name_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.bigquery.entries import Table, TableRef
    from harness.bigquery.statements.statement import Session


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
    tree = bound(session)
    named = {one.alias.lower() for one in tree.find_all(exp.CTE)}
    return [
        filter_of(session, table, mention)
        for mention in tree.find_all(exp.Table)
        if mention.name.lower() not in named or mention.db
        if _means(mentioned(session, mention), table)
    ]


def bound(session: Session) -> exp.Expr:
    """The statement with its parameters put in."""
    if not session.statement.parameters:
        return session.tree
    return bind(session.tree.copy(), session.statement.parameters)


def mentioned(session: Session, mention: exp.Table) -> TableRef | None:
    """The table that a mention means, or None."""
    try:
        return session.ref(name_parts(mention))
    except ApiError:
        return None


def _means(ref: TableRef | None, table: Table) -> bool:
    """Whether a name is a table's own, or a wildcard over it."""
    if ref is None or not ref.table.endswith("*"):
        return ref == table.ref
    same = (ref.project, ref.dataset) == (table.ref.project, table.ref.dataset)
    return same and table.ref.table.startswith(ref.table.removesuffix("*"))


def filter_of(session: Session, table: Table, mention: exp.Table) -> Filter:
    """The conditions on one mention of a table.

    Args:
        session: The statement.
        table: The table.
        mention: Where it stands in the statement.
    """
    return Filter(
        table=table,
        alias=mention.alias_or_name.lower(),
        conditions=tuple(conditions_of(mention)),
        variables=frozenset(session.script.variables if session.script else ()),
        constant=lambda node: f"({session.sql(exp.Select(expressions=[node.copy()]))})",
    )


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
        if isinstance(node, exp.Merge) and node.args.get("on") is not None:
            # "Pruning partitions when using a MERGE statement": unless other rows are changed too.
            whens = node.args["whens"].expressions
            if mention is node.this and not any(one.args.get("source") for one in whens):
                yield node.args["on"]
        if isinstance(node, exp.Select):
            for join in node.args.get("joins") or ():
                on = join.args.get("on")
                if on is not None and not join.args.get("side"):
                    yield on
        node = node.parent
