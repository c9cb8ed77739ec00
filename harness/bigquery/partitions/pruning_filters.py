"""Conditions on a partitioned table: which partitions may have rows that fit them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.field_names import PARTITION_DATE
from harness.bigquery.sql.calls import known
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.database import Database
    from harness.bigquery.entries import Table

# Signs, and the same with the sides exchanged.
_SIGNS: dict[type[exp.Expr], tuple[str, str]] = {
    exp.EQ: ("=", "="),
    exp.GT: (">", "<"),
    exp.GTE: (">=", "<="),
    exp.LT: ("<", ">"),
    exp.LTE: ("<=", ">="),
}
# What keeps the order of a column's values.
_TRUNCATIONS = (exp.DateTrunc, exp.DatetimeTrunc, exp.TimestampTrunc)
_UNITS = ("HOUR", "DAY", "MONTH", "QUARTER", "YEAR")
_AS_DATE = (exp.Date, exp.TsOrDsToDate)
_TIMES = (exp.Timestamp, exp.TsOrDsToTimestamp, exp.TsOrDsToDatetime)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """The conditions on one mention of a table.

    Attributes:
        table: The table.
        alias: What its columns are qualified by, in lower case.
        conditions: The conditions that hold for all its rows that are read.
        constant: Gives the SQL of a constant expression.
        variables: Names of a script's variables, in lower case.
    """

    table: Table
    alias: str
    conditions: tuple[exp.Expr, ...]
    constant: Callable[[exp.Expr], str]
    variables: frozenset[str] = frozenset()

    def usable(self) -> bool:
        """Whether a condition could rule out a partition."""
        return any(map(self._usable, self.conditions))

    def read(self, database: Database) -> frozenset[str]:
        """Ids of the partitions that are read."""
        partitions = self.table.partitions
        partitioning = self.table.partitioning
        if partitioning is None or not partitions or not self.usable():
            return frozenset(part.id for part in partitions)
        bounds = ", ".join(
            f"({literal(part.id)}, {', '.join(partitioning.bounds_sql(part.id))})"
            for part in partitions
        )
        possible = " AND ".join(map(self._possible, self.conditions))
        with database.cursor() as cursor:
            rows = cursor.execute(
                f"SELECT id FROM (VALUES {bounds}) AS p(id, low, high) "  # noqa: S608
                f"WHERE id = '__UNPARTITIONED__' OR coalesce({possible}, false)"
            ).fetchall()
        return frozenset(str(row[0]) for row in rows)

    def _usable(self, node: exp.Expr) -> bool:
        node = _bare(node)
        if isinstance(node, exp.And):
            return self._usable(node.this) or self._usable(node.expression)
        if isinstance(node, exp.Or):
            return self._usable(node.this) and self._usable(node.expression)
        return self._leaf(node) is not None

    def _possible(self, node: exp.Expr) -> str:
        """SQL of whether a partition from ``low`` to ``high`` may have a row that fits."""
        node = _bare(node)
        if isinstance(node, exp.And | exp.Or):
            word = "AND" if isinstance(node, exp.And) else "OR"
            return f"({self._possible(node.this)} {word} {self._possible(node.expression)})"
        return self._leaf(node) or "true"

    def _leaf(self, node: exp.Expr) -> str | None:
        if isinstance(node, exp.In):
            return self._within(node) if node.args.get("unnest") else self._listed(node)
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            bounds = self._bounds(node.this)
            return f"{bounds[0]} IS NULL" if bounds else None
        if isinstance(node, exp.Between):
            bounds = self._bounds(node.this)
            given = node.args["low"], node.args["high"]
            if bounds is None or not all(map(self._is_constant, given)):
                return None
            low, high = map(self._value, given)
            return f"({bounds[1]} >= {low} AND {bounds[0]} <= {high})"
        return self._comparison(node)

    def _listed(self, node: exp.In) -> str | None:
        bounds, values = self._bounds(node.this), node.expressions
        if bounds is None or not values or not all(map(self._is_constant, values)):
            return None
        return f"({' OR '.join(_equal(bounds, self._value(one)) for one in values)})"

    def _within(self, node: exp.In) -> str | None:
        """``column IN UNNEST(array)``."""
        bounds, array = self._bounds(node.this), node.args["unnest"].expressions[0]
        if bounds is None or not self._is_constant(array):
            return None
        kind = "BIGINT" if self._by_range else "TIMESTAMP"
        fits = _equal(bounds, f"TRY_CAST(one AS {kind})")
        return f"len(list_filter({self.constant(array)}, lambda one : {fits})) > 0"

    def _is_constant(self, node: exp.Expr) -> bool:
        """Whether an expression looks at no column and at no table; variables are constants."""
        own = {field.name.lower() for field in self.table.fields}
        return not any(
            not isinstance(one, exp.Column)
            or one.table
            or one.name.lower() in own
            or one.name.lower() not in self.variables
            for one in known(node).find_all(exp.Column, exp.Query)
        )

    @property
    def _by_range(self) -> bool:
        return self.table.partitioning is not None and self.table.partitioning.type == "RANGE"

    def _comparison(self, node: exp.Expr) -> str | None:
        if type(node) not in _SIGNS:
            return None
        sign, flipped = _SIGNS[type(node)]
        bounds, other = self._bounds(node.this), node.args["expression"]
        if bounds is None:
            bounds, other, sign = self._bounds(other), node.this, flipped
        if bounds is None or not self._is_constant(other):
            return None
        value = self._value(other)
        if sign == "=":
            return _equal(bounds, value)
        return f"{bounds[1] if sign[0] == '>' else bounds[0]} {sign} {value}"

    def _bounds(self, node: exp.Expr) -> tuple[str, str] | None:
        """The least and the greatest value of an expression in a partition, or None."""
        node = known(_bare(node))
        if isinstance(node, exp.Column):
            return self._column(node)
        cast = "DATE" if isinstance(node, _AS_DATE) else ""
        if isinstance(node, exp.Cast) and node.to.this == exp.DType.DATE:
            cast = "DATE"
        if (isinstance(node, _TIMES) and not node.args.get("zone")) or cast:
            inner = self._bounds(node.this)
            return _mapped(inner, f"CAST({{}} AS {cast})") if inner and cast else inner
        if isinstance(node, _TRUNCATIONS) and node.args["unit"].name.upper() in _UNITS:
            inner = self._bounds(node.this)
            unit = node.args["unit"].name.lower()
            return _mapped(inner, f"date_trunc('{unit}', {{}})") if inner else None
        return None

    def _column(self, node: exp.Column) -> tuple[str, str] | None:
        partitioning = self.table.partitioning
        if partitioning is None or (node.table and node.table.lower() != self.alias):
            return None
        name = node.name.upper()
        if self.table.pseudo and name == PARTITION_DATE:
            return "CAST(low AS DATE)", "CAST(low AS DATE)"
        if name != partitioning.column.upper():
            return None
        # The time that a row came is told as the start of its partition.
        bounds = ("low", "low" if self.table.pseudo else "high")
        dated = any(
            field.type == "DATE" and field.name.upper() == name for field in self.table.fields
        )
        return _mapped(bounds, "CAST({} AS DATE)") if dated else bounds

    def _value(self, node: exp.Expr) -> str:
        return f"TRY_CAST({self.constant(node)} AS {'BIGINT' if self._by_range else 'TIMESTAMP'})"


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _equal(bounds: tuple[str, str], value: str) -> str:
    return f"({bounds[0]} <= {value} AND {bounds[1]} >= {value})"


def _mapped(bounds: tuple[str, str], form: str) -> tuple[str, str]:
    return form.format(bounds[0]), form.format(bounds[1])
