"""One statement on its way: what it may read, where, and what it has done."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from harness.bigquery.entries import TableRef
from harness.bigquery.errors import ApiError
from harness.bigquery.routines import SCALAR
from harness.bigquery.statements.found_tables import found_in_from, found_table
from harness.bigquery.statements.outcomes import Outcome, Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import duckdb
    from sqlglot import exp

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table
    from harness.bigquery.sql.kinds import Value
    from harness.bigquery.sql.query import Columns, Query
    from harness.bigquery.sql.sources import Found
    from harness.bigquery.statements.script import Script


@dataclass
class Session:
    """One statement on its way through the catalog.

    Attributes:
        catalog: The catalog.
        statement: The statement.
        tree: Its syntax tree, as the client wrote it.
        location: Where it runs: as the client says, or where its first dataset is.
        read: The tables and views that it has read so far.
        depth: How many views it stands in.
        beneath: The queries of the views that it has read.
        script: What it is part of, or None.
        external: What stands in FROM for the external tables that it has read, and their bytes.
    """

    catalog: Catalog
    statement: Statement
    tree: exp.Expr
    location: str = ""
    read: list[Table] = field(default_factory=list)
    columns: frozenset[str] = frozenset()
    filtered: frozenset[str] = frozenset()
    star: bool = False
    depth: int = 0
    beneath: list[Session] = field(default_factory=list)
    script: Script | None = None
    external: dict[str, tuple[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from sqlglot import exp  # noqa: PLC0415

        names = [name.name.lower() for name in self.tree.find_all(exp.Column)]
        self.columns = frozenset(names)
        self.filtered = frozenset(
            column.name.lower()
            for where in self.tree.find_all(exp.Where)
            for column in where.find_all(exp.Column)
        )
        self.star = any(
            not isinstance(star.parent, exp.Anonymous) for star in self.tree.find_all(exp.Star)
        )
        self.location = self.statement.location or self._first_location()

    def ref(self, parts: tuple[str, ...]) -> TableRef:
        """The table that a name means.

        Raises:
            ApiError: No dataset qualifies it.
        """
        temporary = self.script.temporary if self.script else {}
        if parts[0].upper() == "_SESSION" and len(parts) == 2:  # noqa: PLR2004
            if parts[1].lower() not in temporary:
                raise ApiError("notFound", f"Not found: Table {'.'.join(parts)}")
            return temporary[parts[1].lower()]
        if len(parts) == 1 and parts[0].lower() in temporary:
            return temporary[parts[0].lower()]
        if len(parts) == 1 and self.statement.dataset is not None:
            project, dataset = self.statement.dataset
            return TableRef(project=project, dataset=dataset, table=parts[0])
        if len(parts) == 1 and self.depth:
            raise ApiError(
                "invalidQuery",
                f'Table name "{parts[0]}" cannot be resolved: dataset name is missing.',
            )
        if len(parts) == 1:
            raise ApiError(
                "invalid",
                f'Table "{parts[0]}" must be qualified with a dataset (e.g. dataset.table).',
            )
        if len(parts) > 3:  # noqa: PLR2004
            raise ApiError("invalid", f"Invalid table name: {'.'.join(parts)}")
        project = parts[-3] if len(parts) == 3 else self.statement.home  # noqa: PLR2004
        return TableRef(project=project, dataset=parts[-2], table=parts[-1])

    def table(self, parts: tuple[str, ...]) -> Table:
        """The table that a name means.

        Raises:
            ApiError: It is not there, or not where the statement runs.
        """
        ref = self.ref(parts)
        temporary = self.script is not None and ref in self.script.temporary.values()
        return self.catalog.table(ref, location="" if temporary else self.location)

    def found(self, parts: tuple[str, ...], *, as_of: str | None = None) -> Found:
        """What stands for a table in FROM, at a time or now.

        Raises:
            ApiError: It is not there, or may not be read so.
        """
        return found_in_from(self, parts, as_of=as_of)

    def found_table(self, table: Table) -> Found:
        """What stands for a table of the catalog.

        Raises:
            ApiError: It may not be read so.
        """
        return found_table(self, table)

    def bound(self, tree: exp.Expr) -> exp.Expr:
        """A part of the statement with the parameters put in.

        Raises:
            ApiError: A parameter is missing.
        """
        from harness.bigquery.sql.parameters import bind  # noqa: PLC0415

        return bind(tree.copy(), self.statement.parameters)

    def routine(self, parts: Sequence[str], *, at: str, kind: str = SCALAR) -> Callable[..., Any]:
        """What a call of a dataset's function becomes.

        Raises:
            ApiError: There is none of that name.
        """
        from harness.bigquery.statements.routine_calls import (  # noqa: PLC0415
            called_routine,
            scalar_function,
            table_function,
        )

        found = called_routine(self, parts, kind=kind, at=at)
        return scalar_function(found) if kind == SCALAR else partial(table_function, routine=found)

    def system_variable(self, name: str, *, at: str) -> Value:
        """What a system variable stands for.

        Raises:
            ApiError: There is none of that name, or the stub does not have it.
        """
        from harness.bigquery.statements.script import system_variable  # noqa: PLC0415

        return system_variable(name, statement=self.statement, script=self.script, at=at)

    def translator(self) -> Query:
        """Translates the queries of the statement."""
        from harness.bigquery.sql.query import Query  # noqa: PLC0415

        return Query(
            self.found,
            functions=self.tree.meta.get("functions"),
            variables=self.script.variables if self.script else None,
            system=self.system_variable,
            routine=self.routine,
            know=self.catalog.database.know,
        )

    def sql(self, tree: exp.Expr) -> str:
        """A query as DuckDB's SQL, its tables put in.

        Raises:
            ApiError: It holds what cannot be read or done.
        """
        return self.translated(tree)[0]

    def translated(self, tree: exp.Expr) -> tuple[str, Columns]:
        """A query as DuckDB's SQL, and its columns.

        Raises:
            ApiError: It holds what cannot be read or done.
        """
        return self.translator().rows(self.bound(tree))

    def tables_read(self) -> tuple[TableRef, ...]:
        """The tables that were read, in the place of views those beneath them, each once."""
        own = [table.ref for table in self.read if table.view is None]
        inner = [ref for one in self.beneath for ref in one.tables_read()]
        return tuple(dict.fromkeys([*own, *inner]))

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor whose errors are BigQuery's."""
        import duckdb  # noqa: PLC0415

        from harness.bigquery.sql.failures import explained  # noqa: PLC0415

        with self.catalog.database.cursor() as cursor:
            try:
                yield cursor
            except duckdb.Error as error:
                raise explained(error, statement=self.statement.text) from error

    def bytes_read(self, target: Table | None = None) -> int:
        """Bytes that the statement reads, of the table that it changes too."""
        from harness.bigquery.statements.bytes_processed import bytes_processed  # noqa: PLC0415

        return bytes_processed(self, target)

    def check_filter(self, table: Table) -> None:
        """Refuse to read or change a table without the filter that it requires.

        Raises:
            ApiError: There is none.
        """
        if not table.require_filter or table.partitioning is None:
            return
        from harness.bigquery.partitions.pruning import check_filter  # noqa: PLC0415

        # A filter over a view reaches through it, as far as the names are the same.
        names = {table.partitioning.column.lower(), "_partitiondate"}
        if not (self.depth and names & self.filtered):
            check_filter(self, table)

    def _first_location(self) -> str:
        from sqlglot import exp  # noqa: PLC0415

        from harness.bigquery.sql.translate import name_parts  # noqa: PLC0415

        for table in self.tree.find_all(exp.Table):
            parts = name_parts(table)
            for place, part in enumerate(parts[:-1]):
                owner = parts[place - 1] if place else self.statement.home
                try:
                    return self.catalog.dataset(owner, part).location
                except ApiError:
                    continue
        return self.catalog.location


__all__ = ["Outcome", "Session", "Statement"]
