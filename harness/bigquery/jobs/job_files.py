"""Load, copy and extract jobs: what the configuration names, and the facts that are told after."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.entries import now_ms
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.jobs.copies import copy
from harness.bigquery.jobs.extracts import extract
from harness.bigquery.jobs.job import Job, table_ref
from harness.bigquery.loads.dispositions import destination_of
from harness.bigquery.loads.loads import Source, load
from harness.bigquery.partitions.partitions import split_decorator
from harness.bigquery.sizes import bytes_read
from harness.bigquery.types import schema_rest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.catalog import Catalog


def run_load(
    catalog: Catalog, job: Job, source: Source | None, *, location: str, gcs_endpoint: str | None
) -> Job:
    """Do a load job.

    Raises:
        ApiError: BigQuery would refuse it; nothing has changed then.
    """
    configuration = job.configuration["load"]
    named = configuration.get("destinationTable") or {}
    ref, partition = destination_of(
        str(named.get("tableId") or ""), table_ref(named, project=job.project)
    )
    dataset = catalog.dataset(ref.project, ref.dataset, location=location)
    done = load(
        catalog,
        configuration,
        ref=ref,
        partition=partition,
        source=source,
        gcs_endpoint=gcs_endpoint,
    )
    statistics = {
        "inputFiles": str(done.files),
        "inputFileBytes": str(done.bytes),
        "outputRows": str(done.rows),
        "outputBytes": str(done.bytes),
        "badRecords": str(done.bad),
    }
    configured = {**configuration, "schema": schema_rest(done.table.fields)}
    return replace(
        job,
        location=location or dataset.location,
        configuration={**job.configuration, "load": configured},
        statistics={"load": statistics},
        warnings=done.warnings,
        ended=now_ms(),
    )


def run_copy(catalog: Catalog, job: Job, *, location: str) -> Job:
    """Do a copy job.

    Raises:
        ApiError: BigQuery would refuse it; nothing has changed then.
    """
    configuration = job.configuration["copy"]
    given = configuration.get("sourceTables") or [configuration.get("sourceTable")]
    sources = [table_ref(_named(one, "sourceTable"), project=job.project) for one in given]
    destination = table_ref(
        _named(configuration.get("destinationTable"), "destinationTable"), project=job.project
    )
    dataset = catalog.dataset(sources[0].project, sources[0].dataset, location=location)
    where = location or dataset.location
    catalog.dataset(destination.project, destination.dataset, location=where)
    rows = copy(catalog, configuration, sources=sources, destination=destination, location=where)
    return replace(
        job,
        location=where,
        statistics={"copy": {"copiedRows": str(rows), "copiedLogicalBytes": "0"}},
        ended=now_ms(),
    )


def run_extract(catalog: Catalog, job: Job, *, location: str, gcs_endpoint: str | None) -> Job:
    """Do an extract job.

    Raises:
        ApiError: BigQuery would refuse it.
    """
    configuration = job.configuration["extract"]
    if configuration.get("sourceModel"):
        raise UnsupportedError("extract jobs of a model")
    ref = table_ref(_named(configuration.get("sourceTable"), "sourceTable"), project=job.project)
    name, partition = split_decorator(ref.table)
    dataset = catalog.dataset(ref.project, ref.dataset, location=location)
    where = location or dataset.location
    with catalog.reading():
        table = catalog.table(replace(ref, table=name), location=where)
        files = extract(
            catalog, configuration, table=table, partition=partition, gcs_endpoint=gcs_endpoint
        )
        size = bytes_read(catalog.database, table)
    told = {"destinationUriFileCounts": [str(files)], "inputBytes": str(size)}
    return replace(job, location=where, statistics={"extract": told}, ended=now_ms())


def _named(given: object, parameter: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise ApiError("required", f"Required parameter is missing: {parameter}")
    return given
