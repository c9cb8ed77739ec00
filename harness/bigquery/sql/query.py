"""Queries of GoogleSQL as DuckDB's SQL, with the columns of each. Source: "Query syntax"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql import ordering, selects, set_operations
from harness.bigquery.sql.depth import deeply
from harness.bigquery.sql.expressions import Expressions
from harness.bigquery.sql.kinds import INT64, Kind, Value
from harness.bigquery.sql.places import at, said
from harness.bigquery.sql.scope import Column, Scope
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.bigquery.sql.sources import Found

Columns = tuple[tuple[str, Kind], ...]


class Query:
    """Translates the queries of one statement.

    Attributes:
        resolve: Finds a table by the parts of its name.
        functions: The statement's own functions.
        root: What every query sees behind its own names: the variables of a script.
        system: Finds a system variable by its name.
        routine: Finds a dataset's function by the parts of its name: what a call of it becomes.
        know: Makes known to DuckDB what a part of its SQL calls.
        expressions: Translates the expressions.
    """

    def __init__(
        self,
        resolve: Callable[..., Found],
        *,
        functions: Mapping[str, Callable[[Expressions, exp.Expr, Scope], Value]] | None = None,
        variables: Mapping[str, Value] | None = None,
        system: Callable[..., Value] | None = None,
        know: Callable[[str], None] | None = None,
        routine: Callable[..., Any] | None = None,
    ) -> None:
        self.resolve = resolve
        self.functions = dict(functions or {})
        self.system = system
        self.routine = routine
        self._know = know
        self.root = Scope(aliases=variables or {})
        self.expressions = Expressions(self)

    def know(self, sql: str) -> None:
        """Let DuckDB learn what a part of the statement calls beyond DuckDB's own functions."""
        if self._know is not None:
            self._know(sql)

    def subquery(self, node: exp.Expr, scope: Scope | None) -> tuple[str, Columns]:
        """A query as one that gives values: ``SELECT AS STRUCT`` gives one column.

        Raises:
            ApiError: BigQuery would refuse it, or the stub does.
        """
        sql, columns = self.translate(node, scope)
        if isinstance(node, exp.Select) and node.args.get("kind") == "STRUCT":
            if len({name.lower() for name, _ in columns}) != len(columns):
                raise UnsupportedError(f"a STRUCT with two fields of one name{at(node)}")
            cells = ", ".join(f"{quoted(name)} := q.{quoted(name)}" for name, _ in columns)
            # The order of the rows is that of the inner query.
            sql = f"SELECT struct_pack({cells}) AS s FROM ({sql}) AS q"  # noqa: S608
            columns = (("s", Kind("STRUCT", fields=columns)),)
        return sql, columns

    def rows(self, node: exp.Expr, scope: Scope | None = None) -> tuple[str, Columns]:
        """A query as one that gives rows: ``SELECT AS VALUE`` of a STRUCT gives its fields.

        Raises:
            ApiError: BigQuery would refuse it, or the stub does.
        """
        sql, columns = self.translate(node, scope)
        value = isinstance(node, exp.Select) and node.args.get("kind") == "VALUE"
        if not value or columns[0][1].name != "STRUCT":
            return sql, columns
        fields = columns[0][1].fields
        cells = ", ".join(
            f"struct_extract(v, {literal(one)}) AS {quoted(one)}" for one, _ in fields
        )
        return f"SELECT {cells} FROM ({sql}) AS q(v)", fields  # noqa: S608

    def translate(self, node: exp.Expr, scope: Scope | None = None) -> tuple[str, Columns]:
        """A query.

        Raises:
            ApiError: BigQuery would refuse it, or the stub does.
        """
        # Only the outermost query is begun anew where it is too deep.
        outermost = scope is None or scope is self.root
        sql, columns = (
            deeply(lambda: self.untyped(node, scope)) if outermost else self.untyped(node, scope)
        )
        self.know(sql)
        return sql, tuple((name, INT64 if kind.name == "NULL" else kind) for name, kind in columns)

    def untyped(self, node: exp.Expr, scope: Scope | None) -> tuple[str, Columns]:
        """A query whose columns of NULL have no type yet."""
        outer = Scope(parent=scope or self.root)
        head = self._with(node, outer)
        if isinstance(node, exp.Subquery):
            sql, columns = self.untyped(node.this, outer)
            sql = f"SELECT * FROM ({sql}) AS q"  # noqa: S608
            tail = ordering.tail(self, node, columns, outer)
        elif isinstance(node, exp.SetOperation):
            sql, columns = set_operations.set_operation(self, node, outer)
            tail = ordering.tail(self, node, columns, outer)
        elif isinstance(node, exp.Select):
            sql, columns = selects.select(self, node, outer)
            tail = ""
        elif isinstance(node, exp.Values):
            sql, columns = set_operations.values(self, node, outer)
            tail = ""
        else:
            raise UnsupportedError(said(node) + at(node))
        return head + sql + tail, columns

    def _with(self, node: exp.Expr, outer: Scope) -> str:
        clause = node.args.get("with_")
        if clause is None:
            return ""
        tables: dict[str, Columns] = {}
        outer.tables = tables
        parts, recursive = [], bool(clause.args.get("recursive"))
        for cte in clause.expressions:
            name = cte.alias
            if name.lower() in tables:
                raise ApiError("invalidQuery", f"Duplicate alias {name} for WITH subquery{at(cte)}")
            inner = cte.this
            if recursive and isinstance(inner, exp.SetOperation):
                tables[name.lower()] = self.translate(inner.this, outer)[1]
            sql, columns = self.rows(inner, outer)
            if recursive and sql.startswith("SELECT * FROM (") and sql.endswith(") AS q"):
                # DuckDB looks for the recursion on the outside only.
                sql = sql.removeprefix("SELECT * FROM (").removesuffix(") AS q")
            tables[name.lower()] = columns
            names = ", ".join(quoted(one) for one, _ in columns)
            parts.append(f"{quoted(name.lower())}({names}) AS ({sql})")
        return f"WITH {'RECURSIVE ' if recursive else ''}{', '.join(parts)} "


__all__ = ["Column", "Columns", "Query"]
