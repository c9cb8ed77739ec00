"""SAFE.f(...): NULL where f fails; what its arguments do is not forgiven.

Source: "SAFE. prefix" of the reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError
from harness.bigquery.sql.aggregates import table_of_aggregates
from harness.bigquery.sql.hoisting import called
from harness.bigquery.sql.macros import safe
from harness.bigquery.sql.places import at

if TYPE_CHECKING:
    from sqlglot import exp

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.kinds import Value
    from harness.bigquery.sql.scope import Scope


def forgiven(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    """A call with SAFE. before it.

    Raises:
        ApiError: The function does not have it, or the call is refused as it stands.
    """
    name = node.this.name.upper()
    if name in table_of_aggregates():
        raise ApiError(
            "invalidQuery",
            f"Aggregate function {name} does not support SAFE{at(node.this)}",
            location="query",
        )
    value = called(self, node.this, scope, self.value, wrapped=lambda sql: f"TRY({safe(sql)})")
    self.query.know(value.sql)
    return value
