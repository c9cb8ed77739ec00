"""The tables of the stub, as what pipelines wrote: looked for, described and read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError
from harness.bigquery.statements.seen import holds_rows, seen_rows
from harness.clock.current import using
from harness.errors import CheckFailedError
from harness.services.missing import missing
from harness.services.protocol import Column, Sink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from harness.bigquery import BigQueryServer
    from harness.bigquery.entries import Table


class Tables:
    """Looks into a server that runs, without its wire.

    Args:
        server: The server.
        service: The service's name, for what is found.
        project: The project whose tables are named ``dataset.table``; those of another project
            have its name in front.
    """

    def __init__(self, server: BigQueryServer, *, service: str, project: str) -> None:
        self._server = server
        self._service = service
        self._project = project

    def inventory(self) -> Sequence[Sink]:
        """All tables, sorted by name."""
        return sorted(map(self._sink, self._named().values()), key=lambda sink: sink.name)

    def describe(self, name: str) -> Sink:
        """One table, ``dataset.table``.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        table = self._table(name)
        if holds_rows(table):
            return self._sink(table)
        return replace(self._sink(table), rows=self._seen(table).num_rows)

    def read(self, name: str) -> pa.Table:
        """All rows of one table.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        catalog = self._server.catalog
        with catalog.reading():
            table = self._table(name)
            if not holds_rows(table):
                return self._seen(table)
            with catalog.database.cursor() as cursor:
                from harness.bigquery.types import quoted  # noqa: PLC0415

                columns = ", ".join(quoted(field.name) for field in table.fields)
                sql = f"SELECT {columns or 'NULL AS none'} FROM {table.rows_in}"  # noqa: S608
                return cursor.sql(sql).to_arrow_table()

    def partitions(self, name: str) -> Mapping[str, int]:
        """Rows in each partition, by BigQuery's partition id.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        return {part.id: part.rows for part in self._table(name).partitions}

    def primary_key(self, name: str) -> tuple[str, ...]:
        """The columns of a table's primary key, which BigQuery does not enforce.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        constraints = self._table(name).kept.get("tableConstraints")
        key = constraints.get("primaryKey") if isinstance(constraints, dict) else None
        return tuple((key or {}).get("columns") or ())

    def _seen(self, table: Table) -> pa.Table:
        try:
            with using(self._server.clock):
                return seen_rows(self._server.catalog, table)
        except ApiError as error:
            raise CheckFailedError(
                f"{table.ref.dataset}.{table.ref.table} cannot be read",
                cause=str(error),
                remedy="query it with its filter: bigquery.client().query(...)",
            ) from error

    def _named(self) -> dict[str, Table]:
        catalog = self._server.catalog
        tables = {}
        with using(self._server.clock), catalog.lock:
            for project in catalog.projects():
                prefix = "" if project == self._project else f"{project}."
                for dataset in catalog.datasets(project):
                    for table in catalog.tables(project, dataset.name):
                        tables[f"{prefix}{dataset.name}.{table.ref.table}"] = table
        return tables

    def _table(self, name: str) -> Table:
        tables = self._named()
        found = tables.get(name) or tables.get(name.removeprefix(f"{self._project}."))
        if found is None:
            # A pipeline may name its own project, where a test names the dataset only.
            others = [table for full, table in tables.items() if full.endswith(f".{name}")]
            found = others[0] if len(others) == 1 and name.count(".") == 1 else None
        if found is None:
            raise missing("table in BigQuery", name, tables)
        return found

    def _sink(self, table: Table) -> Sink:
        prefix = "" if table.ref.project == self._project else f"{table.ref.project}."
        return Sink(
            service=self._service,
            name=f"{prefix}{table.ref.dataset}.{table.ref.table}",
            # How many a view shows is asked where somebody wants to know: it is a query.
            rows=table.rows if holds_rows(table) else None,
            columns=tuple(
                Column(name=field.name, type=field.sql_type, nullable=field.mode != "REQUIRED")
                for field in table.fields
            ),
            version=f"{table.created}-{table.version}",
        )
