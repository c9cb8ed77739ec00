"""Datasets and tables as facts: schema, partitions, labels, and where the rows are.

Entries are frozen. A change puts a new entry in the old one's place under the lock; who reads has
taken an entry and keeps it, and the rows of a replaced entry stay until nobody reads.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.bigquery.dataset_store import DatasetStore
from harness.bigquery.entries import Dataset, Table, TableRef, now_ms, with_defaults
from harness.bigquery.errors import ApiError, not_found_table
from harness.bigquery.kept_rows import KeptRows
from harness.bigquery.partitions.partition_changes import counted_partitions, without_expired
from harness.bigquery.routines import RoutineStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from harness.bigquery.database import Database
    from harness.bigquery.jobs.job import Job


class Catalog(DatasetStore):
    """All datasets and tables.

    Attributes:
        database: Holds the rows.
        location: Of a dataset that is made without one.
        jobs: Gives the jobs of a project, the newest first.
        gcs_endpoint: Where the objects of external tables are fetched from, or None.
        routines: The functions of the datasets.
        kept: Rows that no table has any more, and rows that are frozen.
    """

    def __init__(self, database: Database, *, location: str) -> None:
        super().__init__()
        self.database = database
        self.location = location
        self._tables: dict[TableRef, Table] = {}
        self.gcs_endpoint: str | None = None
        self.jobs: Callable[[str], list[Job]] = lambda _: []
        self.routines = RoutineStore()
        self._expiring: set[TableRef] = set()
        self.kept = KeptRows(database, self.lock)

    def reading(self) -> AbstractContextManager[None]:
        """While it is open, rows of entries that were taken stay, even when they are replaced."""
        return self.kept.reading()

    def discard(self, rows_in: str) -> None:
        """Remove rows as soon as nobody reads."""
        self.kept.discard(rows_in)

    def remove_dataset(self, project: str, name: str, *, with_tables: bool) -> None:
        """Remove a dataset.

        Raises:
            ApiError: It is not there, or has tables and ``with_tables`` is false.
        """
        with self.lock:
            dataset = self.dataset(project, name)
            tables = self.tables(project, name)
            routines = self.routines.of_dataset(project, name)
            if (tables or routines) and not with_tables:
                raise ApiError("resourceInUse", f"Dataset {dataset} is still in use")
            for table in tables:
                self.remove_table(table.ref)
            for routine in routines:
                self.routines.remove(routine.ref)
            del self._datasets[project, name]

    def tables(self, project: str, dataset: str) -> list[Table]:
        """The tables of a dataset, by name.

        Raises:
            ApiError: There is no such dataset.
        """
        with self.lock:
            self.dataset(project, dataset)
            self._expire()
            found = [
                without_expired(self, table)
                for ref, table in tuple(self._tables.items())
                if (ref.project, ref.dataset) == (project, dataset)
            ]
        return sorted(found, key=lambda table: table.ref.table)

    def find_table(self, ref: TableRef) -> Table | None:
        """A table, or None."""
        with self.lock:
            self._expire()
            found = self._tables.get(ref)
            return without_expired(self, found) if found else None

    def table(self, ref: TableRef, *, location: str = "") -> Table:
        """A table.

        Args:
            ref: Its name.
            location: Where a job looks for it, or nothing.

        Raises:
            ApiError: It or its dataset is not there.
        """
        with self.lock:
            self.dataset(ref.project, ref.dataset, location=location)
            self._expire()
            found = self.find_table(ref)
        if found is None:
            raise not_found_table(str(ref), location=location)
        return found

    def remove_table(self, ref: TableRef) -> None:
        """Remove a table.

        Raises:
            ApiError: It is not there.
        """
        with self.lock:
            self._forget(self.table(ref))

    def rename_table(self, old: TableRef, new: TableRef) -> None:
        """Give a table another name; its rows stay where they are.

        Raises:
            ApiError: It is not there.
        """
        with self.lock:
            table = self.table(old)
            del self._tables[old]
            self._expiring.discard(old)
            self._tables[new] = replace(table, ref=new)

    def put_table(self, table: Table, *, counted: bool = True) -> Table:
        """Add or replace a table; rows and partitions are counted anew.

        Args:
            table: The new entry. Rows of a replaced entry are discarded if it has others.
            counted: Whether the rows have changed.

        Raises:
            ApiError: Its dataset is not there.
        """
        with self.lock:
            dataset = self.dataset(table.ref.project, table.ref.dataset)
            self._expire()
            old = self._tables.get(table.ref)
            if old is None:
                table = with_defaults(table, dataset)
            moment = now_ms()
            new = replace(table, modified=moment, version=(old.version + 1 if old else 1))
            if counted and new.view is None:
                new = replace(
                    new,
                    rows=int(self.database.scalar(f"SELECT count(*) FROM {new.rows_in}")),  # noqa: S608
                    partitions=counted_partitions(self.database, new, old, moment=moment),
                )
            self._tables[table.ref] = new
            if new.expires is not None:
                self._expiring.add(new.ref)
            if old is not None and old.view is None and old.rows_in != new.rows_in:
                self.discard(old.rows_in)
            return new

    def move_rows(self, table: Table, rows_in: str) -> Table:
        """Have the entry of a table name other rows, which are equal; the lock is held."""
        new = replace(table, rows_in=rows_in)
        self._tables[table.ref] = new
        self.discard(table.rows_in)
        return new

    def facts(self) -> tuple[dict[tuple[str, str], Dataset], dict[TableRef, Table]]:
        """All datasets and all tables, for a snapshot."""
        with self.lock:
            self._expire()
            return dict(self._datasets), dict(self._tables)

    def put_facts(
        self,
        datasets: dict[tuple[str, str], Dataset],
        tables: dict[TableRef, Table],
    ) -> None:
        """Replace all datasets and tables; rows that no table has any more are discarded."""
        with self.lock:
            kept = {table.rows_in for table in tables.values()}
            self.kept.take_up(kept)
            for table in self._tables.values():
                if table.view is None and table.rows_in not in kept:
                    self.discard(table.rows_in)
            self._datasets, self._tables = dict(datasets), dict(tables)
            self._expiring = {ref for ref, one in tables.items() if one.expires is not None}

    def clear(self) -> None:
        """Remove everything."""
        with self.lock:
            self._datasets.clear()
            self._tables.clear()
            self._expiring.clear()
            self.kept.clear()
            self.routines.put_all({})

    def _forget(self, table: Table) -> None:
        del self._tables[table.ref]
        self._expiring.discard(table.ref)
        if table.view is None:
            self.discard(table.rows_in)

    def _expire(self) -> None:
        """Remove the tables whose time is over."""
        moment = now_ms()
        for ref in tuple(self._expiring):
            table = self._tables.get(ref)
            if table is None or table.expires is None:
                self._expiring.discard(ref)
            elif table.expires <= moment:
                self._forget(table)
