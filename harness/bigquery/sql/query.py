"""Queries of GoogleSQL as DuckDB's SQL, with the columns of each. Source: "Query syntax"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql import sources
from harness.bigquery.sql.aggregates import ordered, window
from harness.bigquery.sql.expressions import Expressions, parts_of
from harness.bigquery.sql.kinds import INT64, Kind, Value, coerced, common
from harness.bigquery.sql.places import at, said
from harness.bigquery.sql.scope import Column, Scope
from harness.bigquery.sql.stars import expanded
from harness.bigquery.types import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.bigquery.sql.sources import Found

Columns = tuple[tuple[str, Kind], ...]


_CLAUSES = (
    "with_",
    "expressions",
    "distinct",
    "kind",
    "from_",
    "joins",
    "where",
    "group",
    "having",
    "qualify",
    "windows",
    "order",
    "limit",
    "offset",
)


class Query:
    """Translates the queries of one statement.

    Attributes:
        resolve: Finds a table by the parts of its name.
        functions: The statement's own functions.
        expressions: Translates the expressions.
    """

    def __init__(
        self,
        resolve: Callable[[tuple[str, ...]], Found],
        *,
        functions: Mapping[str, Callable[[Expressions, exp.Expr, Scope], Value]] | None = None,
    ) -> None:
        self.resolve = resolve
        self.functions = dict(functions or {})
        self.expressions = Expressions(self)

    def subquery(self, node: exp.Expr, scope: Scope | None) -> tuple[str, Columns]:
        """A query as one that gives values: ``SELECT AS STRUCT`` gives one column.

        Raises:
            ApiError: BigQuery would refuse it, or the stub does.
        """
        sql, columns = self.translate(node, scope)
        if isinstance(node, exp.Select) and node.args.get("kind") == "STRUCT":
            cells = ", ".join(f"{quoted(name)} := q.{quoted(name)}" for name, _ in columns)
            # The order of the rows is that of the inner query.
            sql = f"SELECT struct_pack({cells}) AS s FROM ({sql}) AS q"  # noqa: S608
            columns = (("s", Kind("STRUCT", fields=columns)),)
        return sql, columns

    def translate(self, node: exp.Expr, scope: Scope | None = None) -> tuple[str, Columns]:
        """A query.

        Raises:
            ApiError: BigQuery would refuse it, or the stub does.
        """
        sql, columns = self._untyped(node, scope)
        return sql, tuple((name, INT64 if kind.name == "NULL" else kind) for name, kind in columns)

    def _untyped(self, node: exp.Expr, scope: Scope | None) -> tuple[str, Columns]:
        """A query whose columns of NULL have no type yet."""
        outer = Scope(parent=scope)
        head = self._with(node, outer)
        if isinstance(node, exp.Subquery):
            sql, columns = self._untyped(node.this, outer)
            sql = f"SELECT * FROM ({sql}) AS q"  # noqa: S608
            tail = self._tail(node, columns, outer)
        elif isinstance(node, exp.SetOperation):
            sql, columns = self._set_operation(node, outer)
            tail = self._tail(node, columns, outer)
        elif isinstance(node, exp.Select):
            sql, columns = self._select(node, outer)
            tail = ""
        elif isinstance(node, exp.Values):
            sql, columns = self._values(node, outer)
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
            sql, columns = self.translate(inner, outer)
            if recursive and sql.startswith("SELECT * FROM (") and sql.endswith(") AS q"):
                # DuckDB looks for the recursion on the outside only.
                sql = sql.removeprefix("SELECT * FROM (").removesuffix(") AS q")
            tables[name.lower()] = columns
            names = ", ".join(quoted(one) for one, _ in columns)
            parts.append(f"{quoted(name.lower())}({names}) AS ({sql})")
        return f"WITH {'RECURSIVE ' if recursive else ''}{', '.join(parts)} "

    def _set_operation(self, node: exp.Expr, scope: Scope) -> tuple[str, Columns]:
        way = type(node).__name__.upper()
        all_rows = "DISTINCT" if node.args.get("distinct") else "ALL"
        if all_rows == "ALL" and way != "UNION":
            raise ApiError("invalidQuery", f"Syntax error: {way} ALL is not supported{at(node)}")
        sides = [self._untyped(one, scope) for one in (node.this, node.expression)]
        (_, left), (_, right) = sides
        if len(left) != len(right):
            raise ApiError(
                "invalidQuery",
                f"Queries in {way} {all_rows} have mismatched column count; query 1 has "
                f"{len(left)} column{'s' * (len(left) != 1)}, query 2 has {len(right)} "
                f"column{'s' * (len(right) != 1)}{at(node.expression)}",
                location="query",
            )
        kinds = []
        for number, ((_, a), (_, b)) in enumerate(zip(left, right, strict=True), start=1):
            kind = common([Value("", a), Value("", b)])
            if kind is None:
                raise ApiError(
                    "invalidQuery",
                    f"Column {number} in {way} {all_rows} has incompatible types: {a}, {b}"
                    f"{at(node.expression)}",
                    location="query",
                )
            kinds.append(kind)
        texts = []
        for sql, columns in sides:
            names = ", ".join(f"c{number}" for number in range(len(columns)))
            cells = ", ".join(
                f"{_made(f'c{number}', have, wanted)} AS {quoted(name)}"
                for number, ((_, have), wanted, (name, _)) in enumerate(
                    zip(columns, kinds, left, strict=True)
                )
            )
            texts.append(f"SELECT {cells} FROM ({sql}) AS q({names})")  # noqa: S608
        joined = f"{way}{' ALL' if all_rows == 'ALL' else ''}"
        named = tuple((name, kind) for (name, _), kind in zip(left, kinds, strict=True))
        return f"SELECT * FROM ({texts[0]} {joined} {texts[1]}) AS q", named  # noqa: S608

    def _values(self, node: exp.Expr, scope: Scope) -> tuple[str, Columns]:
        """The rows of INSERT ... VALUES."""
        rows = [
            [
                self.expressions.value(cell, scope)
                for cell in (row.expressions if isinstance(row, exp.Tuple) else [row.this])
            ]
            for row in node.expressions
        ]
        if len({len(row) for row in rows}) != 1:
            raise ApiError("invalidQuery", "Inserted rows have different numbers of columns")
        columns = []
        for number, cells in enumerate(zip(*rows, strict=True)):
            kind = common(cells)
            if kind is None:
                raise ApiError(
                    "invalidQuery", f"Values of column {number + 1} have no common type{at(node)}"
                )
            columns.append((f"c{number}", INT64 if kind.name == "NULL" else kind))
        texts = [
            ", ".join(coerced(one, kind) for one, (_, kind) in zip(row, columns, strict=True))
            for row in rows
        ]
        return f"SELECT * FROM (VALUES ({'), ('.join(texts)})) AS given", tuple(columns)  # noqa: S608

    def _tail(self, node: exp.Expr, columns: Columns, scope: Scope) -> str:
        """ORDER BY, LIMIT and OFFSET of a set operation."""
        aliases = {name.lower(): Value(quoted(name), kind) for name, kind in columns}
        inner = Scope(parent=scope, aliases=aliases)
        return self._order(node, inner, dict.fromkeys(aliases)) + self._limit(node, inner)

    def _select(  # noqa: C901
        self, node: exp.Select, outer: Scope
    ) -> tuple[str, Columns]:
        scope = Scope(parent=outer)
        for clause, given in node.args.items():
            if given and clause not in _CLAUSES:
                raise UnsupportedError(clause.upper().strip("_"))
        if not node.expressions:
            raise ApiError("invalidQuery", "Syntax error: SELECT list must not be empty")
        from_sql = sources.from_clause(self, node, scope)
        where = ""
        if node.args.get("where"):
            condition = node.args["where"].this
            _no_calls_of_aggregates(condition)
            test = self.expressions.boolean(condition, scope, clause="WHERE clause")
            where = f" WHERE {test}"
        named = self._projections(node, scope)
        later = Scope(
            sources=scope.sources,
            parent=outer,
            merged=scope.merged,
            aliases={name.lower(): value for name, value, own in named if own},
        )
        places = {name.lower(): number for number, (name, _, _) in enumerate(named, start=1)}
        tail = where + self._group(node, later, places, named)
        for key, word in (("having", "HAVING"), ("qualify", "QUALIFY")):
            if node.args.get(key):
                test = self.expressions.boolean(node.args[key].this, later, clause=f"{word} clause")
                tail += f" {word} {test}"
        if node.args.get("windows"):
            defined = [
                f"{quoted(one.name)} AS {window(self.expressions, one, scope)}"
                for one in node.args["windows"]
            ]
            tail += f" WINDOW {', '.join(defined)}"
        tail += self._order(node, later, places) + self._limit(node, later)
        cells = ", ".join(f"{_shown(value)} AS {quoted(name)}" for name, value, _ in named)
        distinct = ""
        if node.args.get("distinct"):
            distinct = "DISTINCT "
            for _, value, _ in named:
                if value.kind.name == "JSON":
                    raise ApiError(
                        "invalidQuery",
                        f"Column of type JSON cannot be used in SELECT DISTINCT{at(node)}",
                    )
        columns = tuple((name, value.kind) for name, value, _ in named)
        return f"SELECT {distinct}{cells}{from_sql}{tail}", columns

    def _projections(self, node: exp.Select, scope: Scope) -> list[tuple[str, Value, bool]]:
        """Name, value, and whether the name was given here."""
        named: list[tuple[str, Value, bool]] = []
        count = 0
        for one in node.expressions:
            star = expanded(self.expressions, one, scope)
            if star is not None:
                named += [(column.name, column.value, False) for column in star]
            elif isinstance(one, exp.Alias):
                named.append((one.alias, self.expressions.value(one.this, scope), True))
            else:
                value, path = self.expressions.value(one, scope), parts_of(one)
                name = path[-1] if path else ""
                if isinstance(one, exp.Dot):
                    name = one.expression.name
                if not name:
                    name, count = f"f{count}_", count + 1
                named.append((name, value, False))
        return named

    def _group(  # noqa: C901
        self,
        node: exp.Select,
        scope: Scope,
        places: Mapping[str, int],
        named: list[tuple[str, Value, bool]],
    ) -> str:
        group = node.args.get("group")
        if group is None:
            return ""
        if group.args.get("all"):
            return " GROUP BY ALL"

        def item(one: exp.Expr) -> str:
            if isinstance(one, exp.Rollup | exp.Cube | exp.GroupingSets):
                inner = ", ".join(item(each) for each in one.expressions)
                word = {exp.Rollup: "ROLLUP", exp.Cube: "CUBE"}.get(type(one), "GROUPING SETS")
                return f"{word}({inner})"
            if isinstance(one, exp.Tuple):
                return f"({', '.join(item(each) for each in one.expressions)})"
            if isinstance(one, exp.Paren):
                return f"({item(one.this)})"
            place = None
            if isinstance(one, exp.Literal) and not one.is_string:
                place = int(one.name)
                if not 1 <= place <= len(named):
                    raise ApiError(
                        "invalidQuery",
                        f"GROUP BY is out of SELECT column number range: {place}{at(one)}",
                    )
            elif isinstance(one, exp.Column) and not one.table:
                number = places.get(one.name.lower())
                place = number if number and named[number - 1][2] else None
            value = named[place - 1][1] if place else self.expressions.value(one, scope)
            if value.kind.name == "JSON":
                raise ApiError(
                    "invalidQuery",
                    f"Grouping by expressions of type JSON is not allowed{at(one)}",
                )
            return value.sql if place is None else str(place)

        parts = [
            item(one)
            for key in ("expressions", "rollup", "cube", "grouping_sets")
            for one in group.args.get(key) or ()
        ]
        return f" GROUP BY {', '.join(parts)}"

    def _order(self, node: exp.Expr, scope: Scope, places: Mapping[str, int | None]) -> str:
        order = node.args.get("order")
        if order is None:
            return ""
        items = []
        for one in order.expressions:
            key = one.this
            place: int | str | None = None
            if isinstance(key, exp.Literal) and not key.is_string:
                place = int(key.name)
                if not 1 <= place <= max(len(places), 1):
                    raise ApiError(
                        "invalidQuery",
                        f"ORDER BY column number item is out of range. Column numbers must be "
                        f"greater than or equal to 1. Found : {place}{at(key)}",
                    )
            elif isinstance(key, exp.Column) and not key.table:
                place = places.get(key.name.lower())
            if place is None:
                items.append(ordered(self.expressions, exp.Order(expressions=[one.copy()]), scope))
            else:
                way = "DESC" if one.args.get("desc") else "ASC"
                first = "FIRST" if one.args.get("nulls_first") else "LAST"
                items.append(f"{place} {way} NULLS {first}")
        return f" ORDER BY {', '.join(items)}"

    def _limit(self, node: exp.Expr, scope: Scope) -> str:
        text = ""
        for key in ("limit", "offset"):
            clause = node.args.get(key)
            if clause is None:
                continue
            value = self.expressions.value(clause.expression, scope)
            if value.kind != INT64:
                raise ApiError(
                    "invalidQuery",
                    f"{key.upper()} expects an integer literal or parameter{at(clause)}",
                )
            text += f" {key.upper()} {value.sql}"
        return text


def _made(sql: str, have: Kind, wanted: Kind) -> str:
    if have.name == "NULL":
        return f"CAST(NULL AS {wanted.duckdb})"
    return coerced(Value(sql, have), wanted)


def _shown(value: Value) -> str:
    return "CAST(NULL AS BIGINT)" if value.kind.name == "NULL" else value.sql


def _no_calls_of_aggregates(condition: exp.Expr) -> None:
    from harness.bigquery.sql.aggregates import table_of_aggregates  # noqa: PLC0415

    for inner in condition.walk(prune=lambda one: isinstance(one, exp.Query | exp.Subquery)):
        if isinstance(inner, exp.Window):
            raise ApiError(
                "invalidQuery", f"Analytic function not allowed in WHERE clause{at(inner)}"
            )
        if isinstance(inner, exp.Anonymous) and inner.name.upper() in table_of_aggregates():
            raise ApiError(
                "invalidQuery",
                f"Aggregate function {inner.name.upper()} not allowed in WHERE clause{at(inner)}",
            )


__all__ = ["Column", "Columns", "Query"]
