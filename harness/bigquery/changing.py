"""Copy on write: rows that a snapshot shows are copied before the first change of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table


def changeable(catalog: Catalog, table: Table) -> Table:
    """A table whose rows may be changed where they are; the catalog's lock is held.

    Args:
        catalog: The catalog.
        table: The table, as it is in the catalog.

    Returns:
        Its entry, which is the same but for the place of the rows.
    """
    if not catalog.kept.is_frozen(table.rows_in):
        return table
    database = catalog.database
    rows_in = database.create(table.fields, pseudo=table.pseudo)
    try:
        with database.cursor() as cursor:
            cursor.execute(f"INSERT INTO {rows_in} BY NAME SELECT * FROM {table.rows_in}")  # noqa: S608
    except BaseException:
        database.drop(rows_in)
        raise
    return catalog.move_rows(table, rows_in)
