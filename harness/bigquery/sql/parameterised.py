"""The parameters that a statement gives a type: ``CAST(x AS NUMERIC(10, 2))``, ``a STRING(3)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.places import at
from harness.bigquery.type_parameters import checked_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence


def parameters_of_type(node: exp.DataType, kind: str) -> tuple[int, ...]:
    """The parameters of a scalar type in a statement.

    Raises:
        ApiError: The type does not take them.
    """
    if kind.startswith("RANGE"):
        return ()
    given = _numbers(node.expressions)
    try:
        return checked_parameters(kind, given)
    except ApiError as error:
        raise ApiError("invalidQuery", f"{error.message}{at(node)}", location="query") from None


def _numbers(given: Sequence[exp.Expr]) -> tuple[int, ...]:
    numbers = []
    for one in given:
        text = one.this.name if isinstance(one, exp.DataTypeParam) else one.name
        if text.upper() == "MAX":
            raise UnsupportedError(f"the type parameter MAX{at(one)}")
        if not text.isdigit():
            raise ApiError("invalidQuery", f"Syntax error: Unexpected {text}{at(one)}")
        numbers.append(int(text))
    return tuple(numbers)


def refuse_within(node: exp.DataType) -> None:
    """Refuse parameters in an ARRAY or STRUCT that a value is cast to.

    Raises:
        ApiError: There are some.
    """
    for one in node.find_all(exp.DataTypeParam):
        raise UnsupportedError(f"type parameters within an ARRAY or STRUCT{at(one)}")
