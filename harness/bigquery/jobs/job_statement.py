"""What does a statement: a query, DML or DDL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.loads.external_tables import fetch_named
from harness.bigquery.statements.queries import select

if TYPE_CHECKING:
    from harness.bigquery.statements.statement import Outcome, Session


def run_statement(session: Session, *, dry: bool = False) -> Outcome:
    """Do what the statement says.

    Args:
        session: The statement.
        dry: Whether it is only checked and its columns told.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    from sqlglot import exp  # noqa: PLC0415

    from harness.bigquery.ddl import definitions as ddl  # noqa: PLC0415
    from harness.bigquery.statements import dml  # noqa: PLC0415

    tree = session.tree
    if isinstance(tree, exp.Query):
        return select(session, tree, dry=dry)
    for kinds, action in (
        ((exp.Insert, exp.Update, exp.Delete, exp.Merge), dml.run),
        ((exp.Create, exp.Drop, exp.Alter, exp.TruncateTable), ddl.run),
    ):
        if isinstance(tree, kinds):
            with session.catalog.reading():
                by_query = tree.args.get("kind") == "TABLE" and tree.expression is not None
                if isinstance(tree, exp.DML) or by_query:
                    fetch_named(session)
                return action(session, dry=dry)
    raise UnsupportedError(f"statement {tree.key.upper()}")
