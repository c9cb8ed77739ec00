"""UNPIVOT. Source: "UNPIVOT operator" of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.sql.kinds import INT64, STRING, Kind, Value
from harness.bigquery.sql.places import at
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery.sql.scope import Column, Source

Columns = tuple[tuple[str, Kind], ...]


def unpivoted(pivot: exp.Expr, field: exp.In, sql: str, source: Source) -> tuple[str, Columns]:
    """What a table becomes by UNPIVOT.

    Raises:
        ApiError: A column is not there, or the columns do not fit together.
    """
    values = _names(pivot.expressions[0])
    taken = [_set(one, source, len(values)) for one in field.expressions]
    kinds = [column.value.kind for column in taken[0][0]]
    for columns, _, node in taken:
        if [column.value.kind for column in columns] != kinds:
            raise ApiError(
                "invalidQuery",
                "The datatype of column does not match with other datatypes in the IN clause. "
                f"Expected {', '.join(map(str, kinds))}{at(node)}",
                location="query",
            )
    labels = [label for _, label, _ in taken]
    if len({label.kind for label in labels}) != 1:
        raise ApiError(
            "invalidQuery", f"UNPIVOT labels must all be STRING or all be INT64{at(pivot)}"
        )
    used = {column.name for columns, _, _ in taken for column in columns}
    kept = [one for one in source.columns if one.name not in used and not one.hidden]
    parts = []
    for columns, label, _ in taken:
        cells = [f"{one.value.sql} AS {quoted(one.name)}" for one in kept]
        cells += [
            f"{column.value.sql} AS {quoted(name)}"
            for name, column in zip(values, columns, strict=True)
        ]
        cells.append(f"{label.sql} AS {quoted(field.this.name)}")
        part = f"SELECT {', '.join(cells)} FROM {sql} AS {quoted(source.alias)}"  # noqa: S608
        if not pivot.args.get("include_nulls"):
            # A row goes only where all of its values are NULL.
            part += " WHERE " + " OR ".join(f"{one.value.sql} IS NOT NULL" for one in columns)
        parts.append(part)
    told = [(one.name, one.value.kind) for one in kept]
    told += [*zip(values, kinds, strict=True), (field.this.name, labels[0].kind)]
    return f"({' UNION ALL '.join(parts)})", tuple(told)


def _names(node: exp.Expr) -> list[str]:
    return [one.name for one in node.expressions] if isinstance(node, exp.Tuple) else [node.name]


def _set(node: exp.Expr, source: Source, count: int) -> tuple[Sequence[Column], Value, exp.Expr]:
    """The columns of one item of IN, its label, and where it stands."""
    named = isinstance(node, exp.PivotAlias | exp.Alias)
    given = node.this if named else node
    names = _names(given)
    if len(names) != count:
        raise ApiError(
            "invalidQuery",
            f"UNPIVOT needs {count} columns in each set, not {len(names)}{at(node)}",
        )
    columns = [_column(name, source, node) for name in names]
    alias = node.args["alias"] if named else None
    if alias is None:
        return columns, Value(literal("_".join(one.name for one in columns)), STRING), node
    if not isinstance(alias, exp.Literal):
        raise ApiError(
            "invalidQuery", f"UNPIVOT labels must be literals of STRING or INT64{at(node)}"
        )
    if alias.is_string:
        return columns, Value(literal(alias.name), STRING), node
    return columns, Value(f"CAST({int(alias.name)} AS BIGINT)", INT64), node


def _column(name: str, source: Source, node: exp.Expr) -> Column:
    found = [one for one in source.columns if one.name.lower() == name.lower()]
    if len(found) != 1:
        raise ApiError("invalidQuery", f"Unrecognized name: {name}{at(node)}", location="query")
    return found[0]
