"""What may be written into a column: BigQuery converts little by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery.types import Field

# What BigQuery turns into another type by itself.
_WIDER = {
    "INT64": ("FLOAT64", "NUMERIC"),
    "NUMERIC": ("FLOAT64",),
    "DATE": ("DATETIME", "TIMESTAMP"),
}
# What a literal of a text may become.
_FROM_TEXT = ("DATE", "DATETIME", "TIMESTAMP", "TIME", "BYTES")


def check(
    fields: Sequence[Field],
    found: Sequence[Field],
    literals: Sequence[bool | None],
    *,
    verb: str,
) -> None:
    """Refuse values of types that their columns do not take.

    Args:
        fields: The columns.
        found: The values' types.
        literals: For each value whether it is a literal; None for NULL.
        verb: What is done with them, for the message.

    Raises:
        ApiError: A value does not fit.
    """
    for number, (field, value, is_literal) in enumerate(
        zip(fields, found, literals, strict=True), start=1
    ):
        if value.sql_type == field.sql_type or is_literal is None:
            continue
        if not value.repeated and not field.repeated:
            if field.type in _WIDER.get(value.type, ()):
                continue
            if is_literal and value.type == "STRING" and field.type in _FROM_TEXT:
                continue
            if is_literal and value.type == "FLOAT64" and field.type == "NUMERIC":
                continue
        raise ApiError(
            "invalidQuery",
            f"Query column {number} has type {value.sql_type} which cannot be {verb} column "
            f"{field.name}, which has type {field.sql_type}",
        )


def is_literal(node: exp.Expr) -> bool | None:
    """Whether it is a literal; None for NULL, which fits every column."""
    if isinstance(node, exp.Alias):
        node = node.this
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Neg):
        node = node.this
    return isinstance(node, exp.Literal)


def literal_columns(source: exp.Expr, count: int) -> list[bool | None]:
    """For each column of a source whether every row of it is written as a literal."""
    rows: list[list[exp.Expr]] = []
    pending = [source]
    while pending:
        node = pending.pop()
        if isinstance(node, exp.SetOperation):
            pending += [node.this, node.expression]
        elif isinstance(node, exp.Subquery):
            pending.append(node.this)
        elif isinstance(node, exp.Values):
            rows += [_cells(row) for row in node.expressions]
        else:
            rows.append(node.expressions)
    columns: list[bool | None] = []
    for number in range(count):
        kinds = {is_literal(row[number]) if number < len(row) else False for row in rows}
        if False in kinds:
            columns.append(False)
        else:
            columns.append(True if True in kinds else None)
    return columns


def _cells(row: exp.Expr) -> list[exp.Expr]:
    cells = row.expressions if isinstance(row, exp.Tuple) else [row.this]
    if any(isinstance(cell, exp.Var) for cell in cells):
        raise UnsupportedError("DEFAULT in VALUES")
    return list(cells)
