"""Everything that the stub holds, kept aside and brought back.

Nothing is copied: a snapshot keeps the entries of the tables, and the rows that they name are
frozen for as long as somebody holds it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

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
        jobs: Project and id of each job.
        routines: The functions of the datasets.
    """

    datasets: Mapping[tuple[str, str], Dataset]
    tables: Mapping[TableRef, Table]
    jobs: tuple[tuple[str, str], ...]
    routines: Mapping[RoutineRef, Routine]

    @cached_property
    def rows(self) -> frozenset[str]:
        """The DuckDB tables that hold the rows."""
        return frozenset(table.rows_in for table in self.tables.values() if table.view is None)


class Snapshots:
    """Keeps states of one catalog.

    Args:
        catalog: The catalog.
        jobs: Its jobs.
    """

    def __init__(self, catalog: Catalog, jobs: JobStore) -> None:
        self._catalog = catalog
        self._jobs = jobs

    def take(self) -> Snapshot:
        """Keep the present state."""
        with self._catalog.lock:
            datasets, tables = self._catalog.facts()
            taken = Snapshot(
                datasets=datasets,
                tables={ref: one for ref, one in tables.items() if ref.dataset != HIDDEN},
                jobs=self._jobs.known(),
                routines=self._catalog.routines.all(),
            )
            self._catalog.kept.freeze(taken)
            return taken

    def restore(self, snapshot: Snapshot) -> None:
        """Bring a state back; what has come since is gone."""
        with self._catalog.lock:
            datasets, now = self._catalog.facts()
            tables = {ref: table for ref, table in now.items() if ref.dataset == HIDDEN}
            for ref, table in snapshot.tables.items():
                tables[ref] = _restored(table, now.get(ref))
            hidden = {name: one for name, one in datasets.items() if name[1] == HIDDEN}
            self._catalog.put_facts({**hidden, **snapshot.datasets}, tables)
            self._catalog.routines.put_all(snapshot.routines)
            self._jobs.forget_others(snapshot.jobs)


def _restored(table: Table, now: Table | None) -> Table:
    """A table as it was; after a change of a version that no state of it had, for its etag."""
    if now is None or now == table:
        return table
    if replace(now, version=table.version) == table:
        return now
    return replace(table, version=max(table.version, now.version) + 1)
