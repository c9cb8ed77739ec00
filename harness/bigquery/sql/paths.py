"""Names in expressions: of columns and fields, of system variables, of a dataset's functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.places import at, said
from harness.bigquery.sql.scope import field_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.kinds import Value
    from harness.bigquery.sql.scope import Scope

# Of functions that have a dot in their own names.
_PREFIXES = ("AEAD", "AI", "HLL_COUNT", "KEYS", "KLL_QUANTILES", "ML", "NET", "OBJ", "SAFE")


def parts_of(node: exp.Expr) -> tuple[str, ...] | None:
    """The names of a path such as ``t.column.field``, or None where it is none."""
    if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
        # Backquotes may hold several names together, and what is behind the fourth hangs on it.
        deep = [
            one
            for part in node.parts
            for one in (part.flatten() if isinstance(part, exp.Dot) else (part,))
        ]
        return tuple(name for one in deep for name in one.name.split("."))
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        head = parts_of(node.this)
        return (*head, node.expression.name) if head else None
    return None


def system_name(node: exp.Expr) -> str:
    """The name of ``@@name`` in lower case, or nothing where it is no system variable."""
    if isinstance(node, exp.Dot):
        head = system_name(node.this)
        return f"{head}.{node.expression.name.lower()}" if head else ""
    if isinstance(node, exp.Parameter) and isinstance(node.this, exp.Parameter):
        return str(node.this.this.name).lower()
    return ""


def _path(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    parts = parts_of(node)
    if parts:
        return scope.find(parts, at=at(node))
    if system_name(node):
        return _system_variable(self, node, scope)
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        return field_of(self.value(node.this, scope), node.expression.name, at=at(node))
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Anonymous):
        return _routine(self, node, scope)
    if isinstance(node, exp.Dot):
        raise UnsupportedError(f"{said(node)}{at(node)}")
    raise ApiError("invalidQuery", f"Syntax error: Unexpected *{at(node)}")


def _routine(self: Expressions, node: exp.Dot, scope: Scope) -> Value:
    """A call of a dataset's function, or of a function whose name has a prefix."""
    call = node.expression
    parts = [
        *".".join(one.name for one in node.this.find_all(exp.Identifier)).split("."),
        call.name,
    ]
    if parts[0].upper() in _PREFIXES or self.query.routine is None:
        raise UnsupportedError(f"function {'.'.join(parts)}{at(node)}")
    made: Value = self.query.routine(parts, at=at(node))(self, call, scope)
    return made


def _system_variable(self: Expressions, node: exp.Expr, _scope: Scope) -> Value:
    name = system_name(node)
    if not name or self.query.system is None:
        raise UnsupportedError(said(node) + at(node))
    return self.query.system(name, at=at(node))


ACTIONS: dict[type[exp.Expr], Callable[[Expressions, exp.Expr, Scope], Value]] = {
    exp.Column: _path,
    exp.Dot: _path,
    exp.Parameter: _system_variable,
}
