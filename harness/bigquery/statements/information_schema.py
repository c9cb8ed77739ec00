"""INFORMATION_SCHEMA, ``__TABLES__`` and the partitions summary: which view a name means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.schema_facts import (
    ROUTINES,
    SCHEMATA_OPTIONS,
    dataset_option_rows,
    routine_rows,
)
from harness.bigquery.statements.schema_columns import JOBS, SCHEMATA, rows_sql
from harness.bigquery.statements.schema_tables import VIEWS
from harness.bigquery.table_facts import job_rows

if TYPE_CHECKING:
    from harness.bigquery.catalog import Catalog

_JOB_VIEWS = ("JOBS", "JOBS_BY_PROJECT", "JOBS_BY_USER")


def view_sql(
    catalog: Catalog, parts: tuple[str, ...], *, project: str, location: str
) -> str | None:
    """SQL for a view of the catalog, or None if the name is not one of them.

    Args:
        catalog: The catalog.
        parts: The parts of the name, such as ``ny_taxi``, ``INFORMATION_SCHEMA``, ``COLUMNS``.
        project: The project of a name without one.
        location: Where the job runs, or nothing.

    Raises:
        ApiError: The dataset is not there, or the stub does not have this view.
    """
    upper = [part.upper() for part in parts]
    if "INFORMATION_SCHEMA" in upper:
        place = upper.index("INFORMATION_SCHEMA")
        view = ".".join(upper[place + 1 :])
        before = parts[:place]
        if view == "SCHEMATA":
            return rows_sql(SCHEMATA, _schemata(catalog, before[0] if before else project))
        if view == "SCHEMATA_OPTIONS":
            owned = catalog.datasets(before[0] if before else project)
            return rows_sql(SCHEMATA_OPTIONS, dataset_option_rows(owned))
        if view == "ROUTINES" and before:
            owner, dataset = (before[-2], before[-1]) if len(before) > 1 else (project, before[-1])
            catalog.dataset(owner, dataset, location=location)
            routines = catalog.routines.of_dataset(owner, dataset)
            return rows_sql(ROUTINES, routine_rows(routines))
        if view in _JOB_VIEWS:
            return rows_sql(JOBS, _jobs_of(catalog, before, project=project))
        if view not in VIEWS or not before or before[0].lower().startswith("region-"):
            raise UnsupportedError(f"{'.'.join(before)}.INFORMATION_SCHEMA.{view}".lstrip("."))
    elif upper[-1] in ("__TABLES_SUMMARY__", "__TABLES__"):
        view, before = upper[-1], parts[:-1]
    else:
        return None
    owner, dataset = (before[-2], before[-1]) if len(before) > 1 else (project, before[-1])
    catalog.dataset(owner, dataset, location=location)
    columns, rows = VIEWS[view]
    found = [row for table in catalog.tables(owner, dataset) for row in rows(catalog, table)]
    return rows_sql(columns, found)


def _schemata(catalog: Catalog, project: str) -> list[list[Any]]:
    return [
        [one.project, one.name, None, one.created, one.modified, one.location]
        for one in catalog.datasets(project)
    ]


def _jobs_of(catalog: Catalog, before: tuple[str, ...], *, project: str) -> list[list[Any]]:
    regions = [part for part in before if part.lower().startswith("region-")]
    owners = [part for part in before if part not in regions]
    location = regions[0].lower().removeprefix("region-") if regions else catalog.location
    return job_rows(catalog, owners[0] if owners else project, location)
