"""What a view or an external table shows now: rows that it does not hold itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from harness.bigquery.statements.outcomes import Statement
from harness.bigquery.statements.queries import open_session, select

if TYPE_CHECKING:
    import pyarrow as pa

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table
    from harness.bigquery.statements.statement import Session


def holds_rows(table: Table) -> bool:
    """Whether the rows are the table's own: not a view's, nor those of files."""
    return table.view is None and table.external is None


def seen_rows(catalog: Catalog, table: Table) -> pa.Table:
    """The rows that a query of it gives, as the stub's own tables have them.

    Args:
        catalog: The catalog.
        table: A view or an external table.

    Raises:
        ApiError: It cannot be read.
    """
    ref = table.ref
    text = f"SELECT * FROM `{ref.project}.{ref.dataset}.{ref.table}`"  # noqa: S608 - a known name
    # One statement is no script.
    session = cast("Session", open_session(catalog, Statement(text=text, project=ref.project)))
    staged = str(select(session, session.tree).staged)
    try:
        with catalog.database.cursor() as cursor:
            return cursor.sql(f"FROM {staged}").to_arrow_table()
    finally:
        catalog.database.drop(staged)
