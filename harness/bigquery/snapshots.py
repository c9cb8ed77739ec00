"""Everything that the stub holds, kept aside and brought back.

The rows of a table are copied once for each state that is kept: a table that has not changed since
the last snapshot shares that copy, and one that has not changed since is not written at a restore.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakSet

from harness.bigquery.entries import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Dataset, Table, TableRef
    from harness.bigquery.jobs.jobs import JobStore
    from harness.bigquery.routines import Routine, RoutineRef


@dataclass(frozen=True, kw_only=True, eq=False)
class Snapshot:
    """A state of the stub.

    Attributes:
        datasets: The datasets.
        tables: The tables and views, without the anonymous answers of queries.
        rows: Where the rows of each table are kept.
        jobs: Project and id of each job.
        routines: The functions of the datasets.
    """

    datasets: Mapping[tuple[str, str], Dataset]
    tables: Mapping[TableRef, Table]
    rows: Mapping[TableRef, str]
    jobs: tuple[tuple[str, str], ...]
    routines: Mapping[RoutineRef, Routine]


class Snapshots:
    """Keeps states of one catalog.

    Args:
        catalog: The catalog.
        jobs: Its jobs.
    """

    def __init__(self, catalog: Catalog, jobs: JobStore) -> None:
        self._catalog = catalog
        self._jobs = jobs
        self._names = itertools.count(1)
        # The copy that holds the rows that a DuckDB table has at a version of its entry.
        self._copies: dict[tuple[str, int], str] = {}
        self._alive: WeakSet[Snapshot] = WeakSet()

    def take(self) -> Snapshot:
        """Keep the present state."""
        with self._catalog.lock:
            datasets, tables = self._catalog.facts()
            shown = {ref: table for ref, table in tables.items() if ref.dataset != HIDDEN}
            rows = {ref: self._copy(table) for ref, table in shown.items() if table.view is None}
            taken = Snapshot(
                datasets=datasets,
                tables=shown,
                rows=rows,
                jobs=self._jobs.known(),
                routines=self._catalog.routines.all(),
            )
            self._alive.add(taken)
            self._drop_unused()
            return taken

    def restore(self, snapshot: Snapshot) -> None:
        """Bring a state back; what has come since is gone."""
        with self._catalog.lock:
            _, now = self._catalog.facts()
            tables = {ref: table for ref, table in now.items() if ref.dataset == HIDDEN}
            for ref, table in snapshot.tables.items():
                tables[ref] = self._restored(table, now.get(ref), snapshot.rows.get(ref, ""))
            hidden = {
                name: one for name, one in self._catalog.facts()[0].items() if name[1] == HIDDEN
            }
            self._catalog.put_facts({**hidden, **snapshot.datasets}, tables)
            self._catalog.routines.put_all(snapshot.routines)
            self._jobs.forget_others(snapshot.jobs)

    def _drop_unused(self) -> None:
        """Forget the copies of states that nobody holds any more."""
        used = {copy for snapshot in self._alive for copy in snapshot.rows.values()}
        for state, copy in tuple(self._copies.items()):
            if copy not in used:
                del self._copies[state]
                self._catalog.database.drop(copy)

    def _copy(self, table: Table) -> str:
        state = (table.rows_in, table.version)
        if state not in self._copies:
            name = f"kept.t_{next(self._names)}"
            with self._catalog.database.cursor() as cursor:
                cursor.execute(f"CREATE TABLE {name} AS SELECT * FROM {table.rows_in}")  # noqa: S608
            self._copies[state] = name
        return self._copies[state]

    def _restored(self, table: Table, now: Table | None, copy: str) -> Table:
        if table.view is not None:
            return table
        if now is not None and self._copies.get((now.rows_in, now.version)) == copy:
            return replace(table, rows_in=now.rows_in, version=now.version)
        database = self._catalog.database
        rows_in = database.create(table.fields, pseudo=table.pseudo)
        with database.cursor() as cursor:
            cursor.execute(f"INSERT INTO {rows_in} BY NAME SELECT * FROM {copy}")  # noqa: S608
        # A version that no entry had, so that an etag from before does not fit by chance.
        version = max(table.version, now.version if now else 0) + 1
        self._copies[rows_in, version] = copy
        return replace(table, rows_in=rows_in, version=version)
