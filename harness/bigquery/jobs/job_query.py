"""Query jobs: the statement is done, and its answer is put where the client wants it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.entries import HIDDEN, Dataset, Table, TableRef, now_ms
from harness.bigquery.errors import ApiError
from harness.bigquery.jobs.job import Job, is_named, statement_of, table_ref
from harness.bigquery.jobs.job_statement import run_statement
from harness.bigquery.loads.dispositions import (
    Destination,
    checked_create,
    checked_updates,
    checked_write,
    destination_of,
)
from harness.bigquery.loads.writing import write_rows
from harness.bigquery.partitions.partition_spec import partitioning_from_rest
from harness.bigquery.statements import queries
from harness.bigquery.types import schema_rest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.statements.statement import Outcome, Session

# "Pricing": whole MiB, and at least 10 of them for each table that is read.
_MIB = 1 << 20
_LEAST = 10 * _MIB


def run_query(
    catalog: Catalog, job: Job, session: Session | None, *, location: str, dry: bool
) -> Job:
    """Do a query job.

    Args:
        catalog: The catalog.
        job: The job, with its configuration.
        session: Its statement, or None for legacy SQL.
        location: As the client gave it, or nothing.
        dry: Whether it is only checked, and its columns and bytes told.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does; nothing has changed then.
    """
    configuration = dict(job.configuration["query"])
    if session is None:
        statement = statement_of(job.project, configuration, location)
        outcome = queries.legacy(catalog, statement)
    else:
        job = replace(job, location=session.location)
        _check_limit(session, configuration)
        outcome = run_statement(session, dry=dry)
    statistics: dict[str, Any] = {
        "statementType": outcome.type,
        "totalBytesProcessed": str(outcome.bytes),
        "totalBytesBilled": str(0 if dry else billed(outcome)),
        "cacheHit": False,
        "schema": schema_rest(outcome.fields),
        "referencedTables": [ref.rest() for ref in outcome.tables],
    }
    if outcome.affected is not None:
        statistics["numDmlAffectedRows"] = str(outcome.affected)
    if outcome.dml:
        statistics["dmlStats"] = {name: str(rows) for name, rows in outcome.dml.items()}
    statistics |= _ddl_statistics(outcome)
    if dry:
        statistics["totalBytesProcessedAccuracy"] = "PRECISE"
    result = None
    if outcome.staged is not None:
        try:
            result = _keep(catalog, configuration, job.project, outcome)
        except BaseException:
            # What nobody took would stay for ever.
            catalog.database.drop(outcome.staged)
            raise
        configuration["destinationTable"] = result.ref.rest()
    elif outcome.target is not None:
        configuration["destinationTable"] = outcome.target.rest()
    return replace(
        job,
        configuration={**job.configuration, "query": configuration},
        statistics={"query": statistics},
        result=result,
        affected=outcome.affected,
        bytes=outcome.bytes,
        ended=now_ms(),
    )


def _ddl_statistics(outcome: Outcome) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if outcome.ddl:
        told["ddlOperationPerformed"] = outcome.ddl
    if outcome.target is not None and outcome.ddl:
        told["ddlTargetTable"] = outcome.target.rest()
    if outcome.routine is not None:
        told["ddlTargetRoutine"] = outcome.routine.rest()
    return told


def billed(outcome: Outcome) -> int:
    """The bytes that a query would be billed for."""
    if not outcome.bytes:
        return 0
    return max(-(-outcome.bytes // _MIB) * _MIB, _LEAST * len(outcome.tables))


def _check_limit(session: Session, configuration: Mapping[str, Any]) -> None:
    limit = configuration.get("maximumBytesBilled")
    if limit is None:
        return
    asked = replace(session, read=[], beneath=[], external={})
    needed = billed(run_statement(asked, dry=True))
    if needed > int(limit):
        raise ApiError(
            "bytesBilledLimitExceeded",
            f"Query exceeded limit for bytes billed: {limit}. {needed} or higher required.",
        )


def _keep(
    catalog: Catalog, configuration: Mapping[str, Any], project: str, outcome: Outcome
) -> Table:
    """Put a query's answer where the client wants it, or into an anonymous table."""
    staged = str(outcome.staged)
    named = configuration.get("destinationTable") or {}
    if is_named(named):
        ref, partition = destination_of(
            str(named.get("tableId") or ""), table_ref(named, project=project)
        )
        write = checked_write(configuration.get("writeDisposition"), default="WRITE_EMPTY")
        destination = Destination(
            ref=ref,
            partition=partition,
            create=checked_create(configuration.get("createDisposition")),
            write=write,
            partitioning=partitioning_from_rest(configuration, fields=outcome.fields),
            require_filter=bool(
                (configuration.get("timePartitioning") or {}).get("requirePartitionFilter")
            ),
            clustering=tuple((configuration.get("clustering") or {}).get("fields") or ()),
            updates=checked_updates(
                configuration.get("schemaUpdateOptions"), write=write, partition=partition
            ),
        )
        return write_rows(catalog, destination, fields=outcome.fields, staged=staged)
    return _keep_anonymous(catalog, project, outcome, staged)


def _keep_anonymous(catalog: Catalog, project: str, outcome: Outcome, staged: str) -> Table:
    moment = now_ms()
    ref = TableRef(project=project, dataset=HIDDEN, table=f"anon{uuid.uuid4().hex}")
    with catalog.lock:
        try:
            catalog.dataset(project, HIDDEN)
        except ApiError:
            catalog.add_dataset(
                Dataset(
                    project=project,
                    name=HIDDEN,
                    location=catalog.location,
                    created=moment,
                    modified=moment,
                )
            )
        return catalog.put_table(
            Table(
                ref=ref,
                fields=outcome.fields,
                rows_in=staged,
                created=moment,
                modified=moment,
            )
        )
