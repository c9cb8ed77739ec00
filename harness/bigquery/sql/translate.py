"""A query's syntax tree, made ready for DuckDB."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.sql.rewrites import NODE_REWRITES
from harness.bigquery.sql.times import TIME_REWRITES

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Reader:
    """Puts DuckDB's sources in the place of BigQuery's tables.

    Attributes:
        resolve: Gives, for the parts of a table's name, what stands for it in FROM.
        seen: The names that were resolved.
    """

    resolve: Callable[[tuple[str, ...]], str]
    seen: set[tuple[str, ...]] = field(default_factory=set)

    def place_tables(self, tree: exp.Expr) -> None:
        """Replace all tables below a node; the names of WITH are left."""
        named = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
        for table in list(tree.find_all(exp.Table)):
            if _is_local(table, named) or not table.name:
                continue
            self.place(table)

    def place(self, table: exp.Table) -> None:
        """Replace one table.

        Raises:
            ApiError: It is not there, or has a clause that the stub does not do.
        """
        parts = name_parts(table)
        for clause in ("version", "pivots", "sample", "when", "joins", "partition"):
            if table.args.get(clause):
                raise UnsupportedError(f"{clause.upper()} of a table")
        self.seen.add(parts)
        alias = table.alias or parts[-1].rpartition(".")[2]
        if any(part.upper() == "INFORMATION_SCHEMA" for part in parts):
            alias = table.alias if table.alias and "." not in table.alias else parts[-1]
        source = self.resolve(parts)
        sql = f"SELECT * FROM {source}"  # noqa: S608
        new = exp.maybe_parse(sql, into=exp.Select, dialect="duckdb").args["from_"].this
        new.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        table.replace(new)


def name_parts(table: exp.Table) -> tuple[str, ...]:
    """The parts of a table's name; backquotes may have held several together."""
    return tuple(".".join(part.name for part in table.parts).split("."))


def rewrite(tree: exp.Expr) -> exp.Expr:
    """Apply every rewrite, the innermost nodes first.

    Raises:
        UnsupportedError: A function is used in a way that would come out wrong.
    """
    _name_projections(tree)
    for node in reversed(list(tree.walk())):
        new: exp.Expr = node
        for change in (*NODE_REWRITES, *TIME_REWRITES):
            changed = change(new)
            if changed is not new:
                if node is tree:
                    tree = changed
                else:
                    node.replace(changed)
                break
    return tree


def qualified_names(tree: exp.Expr) -> set[tuple[str, str]]:
    """Dataset and table, in lower case, of each table of a statement."""
    parts = [name_parts(table) for table in tree.find_all(exp.Table)]
    return {(name[-2].lower(), name[-1].lower()) for name in parts if len(name) > 1}


def drop_dataset_qualifiers(tree: exp.Expr, names: set[tuple[str, str]]) -> None:
    """``dataset.table.column`` becomes ``table.column``, as the table's alias is its name."""
    for column in tree.find_all(exp.Column):
        if column.args.get("db") and (column.db.lower(), column.table.lower()) in names:
            column.set("db", None)
            column.set("catalog", None)


def refuse_union_of_structs(tree: exp.Expr, *, has_structs: bool) -> None:
    """DuckDB joins the fields of STRUCTs by name in a set operation, BigQuery by position.

    Raises:
        UnsupportedError: A set operation may meet a STRUCT.
    """
    if tree.find(exp.SetOperation) and (has_structs or tree.find(exp.Struct)):
        raise UnsupportedError("a set operation in a statement with STRUCTs")


def anonymous_columns(tree: exp.Expr) -> list[int]:
    """The positions, from 1, of the query's columns that have no name."""
    query = tree
    while isinstance(query, exp.SetOperation | exp.Subquery):
        query = query.this
    given = enumerate(query.args.get("expressions") or (), start=1)
    return [position for position, one in given if not _has_name(one)]


def _has_name(projection: exp.Expr) -> bool:
    return isinstance(projection, exp.Alias | exp.Column | exp.Star | exp.Dot | exp.Aliases)


def _name_projections(tree: exp.Expr) -> None:
    """Columns without a name are called ``f0_``, ``f1_``."""
    for select in tree.find_all(exp.Select):
        count = 0
        for projection in list(select.expressions):
            if not _has_name(projection):
                alias = exp.to_identifier(f"f{count}_")
                projection.replace(exp.Alias(this=projection.copy(), alias=alias))
                count += 1


def _is_local(table: exp.Table, named: set[str]) -> bool:
    return not table.db and not table.catalog and table.name.lower() in named
