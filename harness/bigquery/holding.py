"""Staged rows, held to the parameters of their columns' types before they reach a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError
from harness.bigquery.quoting import quoted
from harness.bigquery.type_parameters import bounded, is_bounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery.database import Database
    from harness.bigquery.types import Field


def hold_staged(
    database: Database, staged: str, fields: Sequence[Field], *, target: Sequence[Field]
) -> None:
    """Round the numbers of staged rows to their columns' scales, and refuse what is too long.

    Args:
        database: Holds the rows.
        staged: The DuckDB table with the rows.
        fields: Its columns.
        target: The columns that they become.

    Raises:
        ApiError: A value does not fit.
    """
    pairs = [(one, _as_target(one, target)) for one in fields]
    sets = [
        f"{quoted(one.name)} = {bounded(held, quoted(one.name))}"
        for one, held in pairs
        if is_bounded(held)
    ]
    if not sets:
        return
    import duckdb  # noqa: PLC0415

    from harness.bigquery.sql.failures import explained  # noqa: PLC0415

    try:
        with database.cursor() as cursor:
            cursor.execute(f"UPDATE {staged} SET {', '.join(sets)}")  # noqa: S608
    except duckdb.Error as error:
        raise ApiError("invalid", explained(error).message) from error


def _as_target(field: Field, target: Sequence[Field]) -> Field:
    """A staged column with the parameters of the column that it becomes."""
    found = [one for one in target if one.name.lower() == field.name.lower()]
    if not found:
        return field
    inner = tuple(_as_target(one, found[0].fields) for one in field.fields)
    return replace(field, parameters=found[0].parameters, fields=inner)
