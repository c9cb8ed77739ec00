"""SQL functions that a statement makes for itself: CREATE TEMP FUNCTION before the query.

Source: "User-defined functions" of the reference. The body is put in the place of the call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.casts import converted
from harness.bigquery.sql.kinds import Value, coerced, cost, kind_of_type
from harness.bigquery.sql.places import at
from harness.bigquery.sql.scope import Scope
from harness.bigquery.sql.signatures import no_match

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions


def is_temporary_function(tree: exp.Expr) -> bool:
    """Whether a statement is CREATE TEMP FUNCTION."""
    properties = tree.args.get("properties")
    return (
        isinstance(tree, exp.Create)
        and tree.kind == "FUNCTION"
        and bool(properties and properties.find(exp.TemporaryProperty))
    )


def function_of(tree: exp.Create) -> tuple[str, Callable[[Expressions, exp.Expr, Scope], Value]]:
    """The name of a function in capitals, and what a call of it becomes.

    Raises:
        UnsupportedError: It is written in another language than SQL.
    """
    properties = tree.args["properties"].expressions
    if any(isinstance(one, exp.LanguageProperty) for one in properties):
        raise UnsupportedError("a function in another language than SQL")
    name = tree.this.this.name
    parameters = [
        (
            one.name.lower(),
            None if one.args["kind"].this == exp.DType.VARIANT else kind_of_type(one.args["kind"]),
        )
        for one in tree.this.expressions
    ]
    if len({parameter for parameter, _ in parameters}) != len(parameters):
        raise ApiError("invalidQuery", f"Duplicate argument name in function {name}{at(tree)}")
    refuse_aggregates(tree.expression)
    returns = next((one.this for one in properties if isinstance(one, exp.ReturnsProperty)), None)
    result = kind_of_type(returns) if returns is not None else None

    def called(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
        values = [self.value(one, scope) for one in node.expressions]
        fits = len(values) == len(parameters) and all(
            kind is None or cost(value, kind) is not None
            for value, (_, kind) in zip(values, parameters, strict=True)
        )
        if not fits:
            raise no_match(f"function {name}", values, at=at(node))
        given = {
            parameter: Value(
                f"({value.sql if kind is None else coerced(value, kind)})", kind or value.kind
            )
            for value, (parameter, kind) in zip(values, parameters, strict=True)
        }
        made = self.value(tree.expression, Scope(aliases=given))
        if result is not None and cost(made, result) is None:
            raise ApiError(
                "invalidQuery",
                f"Function declared to return {result} but the function body produces "
                f"incompatible type {made.kind}{at(tree.expression)}",
                location="query",
            )
        if result is not None:
            return Value(converted(made, result, safe=False), result)
        return made

    return name.upper(), called


def refuse_aggregates(body: exp.Expr) -> None:
    """Refuse an aggregate or OVER in the body of a function, outside of a subquery.

    Raises:
        ApiError: There is one.
    """
    from harness.bigquery.sql.aggregates import table_of_aggregates  # noqa: PLC0415

    for inner in body.walk(prune=lambda one: isinstance(one, exp.Query)):
        if isinstance(inner, exp.Query):
            continue
        called = isinstance(inner, exp.Anonymous) and inner.name.upper() in table_of_aggregates()
        if called or isinstance(inner, exp.Window):
            what = "Analytic" if isinstance(inner, exp.Window) else "Aggregate"
            raise ApiError(
                "invalidQuery",
                f"{what} function {inner.name.upper()} not allowed in SQL function body{at(inner)}",
                location="query",
            )
