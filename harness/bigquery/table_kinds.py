"""Kinds of tables, and what is not done with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError

if TYPE_CHECKING:
    from harness.bigquery.entries import Table


def table_kind(table: Table) -> str:
    """``TABLE``, ``VIEW``, ``MATERIALIZED_VIEW`` or ``SNAPSHOT``: the type in REST."""
    if "materializedView" in table.kept:
        return "MATERIALIZED_VIEW"
    if "snapshotDefinition" in table.kept:
        return "SNAPSHOT"
    if table.external is not None:
        return "EXTERNAL"
    return "TABLE" if table.view is None else "VIEW"


def refuse_view(table: Table) -> None:
    """Refuse what is done to rows where there are none.

    Raises:
        ApiError: It is a view.
    """
    if table.view is not None or table.external is not None:
        _refuse(table)


def refuse_changes(table: Table) -> None:
    """Refuse to change rows that do not change: those of a view or of a snapshot.

    Raises:
        ApiError: It is one.
    """
    if table_kind(table) != "TABLE":
        _refuse(table)


def check_kind(table: Table, wanted: str) -> None:
    """Refuse a statement on another kind of table than it names.

    Raises:
        ApiError: It is another kind.
    """
    if table_kind(table) != wanted:
        _refuse(table)


def _refuse(table: Table) -> None:
    kind = table_kind(table).replace("_", " ")
    raise ApiError(
        "invalid",
        f"{table.ref} is not allowed for this operation because it is currently a {kind}.",
    )
