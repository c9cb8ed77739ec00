"""What the catalog knows of a dataset and of a table; entries are frozen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from harness.bigquery.field_names import PARTITION_TIME
from harness.clock.current import now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.loads.external import External
    from harness.bigquery.partitions.partitions import Partition, Partitioning
    from harness.bigquery.types import Field

HIDDEN = "_harness_results"


def now_ms() -> int:
    """Milliseconds since the epoch, by the clock in use."""
    return int(now() * 1000)


@dataclass(frozen=True, kw_only=True)
class TableRef:
    """The full name of a table."""

    project: str
    dataset: str
    table: str

    def __str__(self) -> str:
        return f"{self.project}:{self.dataset}.{self.table}"

    def rest(self) -> dict[str, str]:
        """The TableReference resource."""
        return {"projectId": self.project, "datasetId": self.dataset, "tableId": self.table}


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A dataset.

    Attributes:
        project: Its project.
        name: Its id.
        location: Where it is, as given.
        kept: Other parts of the resource, as given: labels, description and so on.
        created: Milliseconds since the epoch.
        modified: Likewise.
        version: Changes with each change; the etag.
    """

    project: str
    name: str
    location: str
    kept: Mapping[str, object] = field(default_factory=dict)
    created: int
    modified: int
    version: int = 1

    def __str__(self) -> str:
        return f"{self.project}:{self.name}"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table.

    Attributes:
        ref: Its name.
        fields: Its columns.
        rows_in: The DuckDB table that holds the rows.
        partitioning: How it is cut, or None.
        clustering: Columns that it is clustered by, as given.
        require_filter: Whether a query must filter by the partitioning column.
        kept: Other parts of the resource, as given: labels, description and so on.
        view: The query of a view, which has no rows of its own, or None.
        external: The files that an external table stands for, or None.
        renamed: Whether a view has names of its own for the columns of its query.
        policy: Who may do what, as it was set, or None.
        created: Milliseconds since the epoch.
        modified: Likewise.
        version: Changes with each change; the etag.
        rows: Number of rows.
        partitions: The partitions in order of their ids.
    """

    ref: TableRef
    fields: tuple[Field, ...]
    rows_in: str
    partitioning: Partitioning | None = None
    clustering: tuple[str, ...] = ()
    require_filter: bool = False
    kept: Mapping[str, object] = field(default_factory=dict)
    view: str | None = None
    external: External | None = None
    renamed: bool = False
    policy: Mapping[str, object] | None = None
    created: int
    modified: int
    version: int = 1
    rows: int = 0
    partitions: tuple[Partition, ...] = ()

    @property
    def expires(self) -> int | None:
        """When it is gone, in milliseconds since the epoch, or None for never."""
        given = self.kept.get("expirationTime")
        return int(str(given)) if given not in (None, "", "0", 0) else None

    @property
    def row_id(self) -> str:
        """SQL of a number that goes with the order of the rows.

        A column of the name by which DuckDB tells a row's id hides that id.
        """
        return "row_number() OVER () - 1" if self.hides_row_ids else "rowid"

    @property
    def row_column(self) -> str:
        """A name for that number, as SQL has it; no column of the table has it."""
        taken = {field.name.lower() for field in self.fields}
        # An answer that has no name of its own may have columns of any names.
        return next(f'"{name}"' for name in map("row{}".format, count()) if name not in taken)

    @property
    def hides_row_ids(self) -> bool:
        """Whether a column has the name by which DuckDB tells a row's id."""
        return any(field.name.lower() == "rowid" for field in self.fields)

    @property
    def pseudo(self) -> tuple[str, ...]:
        """Columns that no ``*`` shows."""
        by_ingestion = self.partitioning is not None and self.partitioning.by_ingestion
        return (PARTITION_TIME,) if by_ingestion else ()


def with_defaults(table: Table, dataset: Dataset) -> Table:
    """A new table with the expirations that its dataset sets for new tables.

    As the Dataset resource of the REST reference has it, a partitioned table takes the default of
    its partitions and, where there is one, not that of tables.
    """
    lifetime = dataset.kept.get("defaultTableExpirationMs")
    of_partitions = dataset.kept.get("defaultPartitionExpirationMs")
    by_time = table.partitioning is not None and table.partitioning.type != "RANGE"
    if table.partitioning is not None and by_time and of_partitions:
        if table.partitioning.expiration is None:
            partitioning = replace(table.partitioning, expiration=str(of_partitions))
            return replace(table, partitioning=partitioning)
        return table
    if lifetime and "expirationTime" not in table.kept and table.view is None:
        expires = str(table.created + int(str(lifetime)))
        return replace(table, kept={**table.kept, "expirationTime": expires})
    return table
