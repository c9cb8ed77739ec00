"""Literals of JSON. Source: "JSON literals" of "Lexical structure"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.arguments import constant_text
from harness.bigquery.sql.kinds import JSON, Value
from harness.bigquery.sql.places import at, position
from harness.bigquery.types import literal
from harness.bigquery.vectors.json_values import dump, load

if TYPE_CHECKING:
    from sqlglot import exp


def json_literal(value: Value, node: exp.Expr) -> Value:
    """A JSON value of the text of a literal or parameter.

    Raises:
        ApiError: It is no JSON.
    """
    text = constant_text(node)
    if text is None:
        if value.kind.name == "NULL":
            return Value("CAST(NULL AS JSON)", JSON, literal=True)
        raise UnsupportedError("a JSON literal that is not one text", position=position(node))
    try:
        kept = dump(load(text))
    except ValueError as error:
        message = str(error).removeprefix("bq:")
        raise ApiError(
            "invalidQuery", f"Invalid JSON literal: {message}{at(node)}", location="query"
        ) from error
    return Value(f"CAST({literal(kept)} AS JSON)", JSON, literal=True)
