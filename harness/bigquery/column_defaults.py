"""Default values of columns. Source: "Specify default column values" of the reference."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.assignment import assigned
from harness.bigquery.sql.parse import parse
from harness.bigquery.sql.query import Query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.bigquery.database import Database
    from harness.bigquery.sql.sources import Found
    from harness.bigquery.types import Field

# The functions that a default may call.
_CALLS = (
    "CURRENT_DATE",
    "CURRENT_DATETIME",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "GENERATE_UUID",
    "RAND",
    "SESSION_USER",
)


@lru_cache(maxsize=256)
def default_sql(field: Field) -> str:
    """The default of a column as DuckDB's SQL.

    Raises:
        ApiError: It is none that BigQuery allows, or does not fit the column.
    """
    tree = parse(f"SELECT {field.default}")
    node = tree.expressions[0] if isinstance(tree, exp.Select) and tree.expressions else None
    if node is None or len(tree.expressions) != 1 or tree.args.get("from_") is not None:
        raise _refusal(field)
    for inner in node.walk():
        call = isinstance(inner, exp.Anonymous) and inner.name.upper() not in _CALLS
        if call or isinstance(inner, exp.Column | exp.Query | exp.Parameter | exp.Placeholder):
            raise _refusal(field)
    query = Query(_nothing)
    value = query.expressions.value(node, query.root)
    return assigned(value, field, what="Default value", verb="assigned to")


def _nothing(*_: object, **__: object) -> Found:
    raise ApiError("invalidQuery", "A default value cannot read a table")


def _refusal(field: Field) -> ApiError:
    return ApiError(
        "invalidQuery",
        f"Unsupported default value expression for column {field.name}: {field.default}",
    )


def with_defaults(
    database: Database, fields: Sequence[Field], rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Rows of JSON with the defaults of the columns that they leave out.

    Args:
        database: Answers the expressions, once for all rows that come together.
        fields: The columns.
        rows: The rows.

    Raises:
        UnsupportedError: A default is not a scalar.
    """
    held = [one for one in fields if one.default is not None]
    if not held:
        return [dict(row) for row in rows]
    filled = []
    known: dict[str, Any] = {}
    for row in rows:
        given = {name.lower() for name in row}
        new = dict(row)
        for one in held:
            if one.name.lower() in given:
                continue
            if one.repeated or one.type == "STRUCT":
                raise UnsupportedError(f"the default of {one.name} for rows that are streamed")
            varies = "RAND" in str(one.default).upper() or "UUID" in str(one.default).upper()
            if varies or one.name not in known:
                known[one.name] = database.scalar(f"SELECT CAST({default_sql(one)} AS VARCHAR)")
            new[one.name] = known[one.name]
        filled.append(new)
    return filled
