"""Scripts: one job, and a child job for each of its statements that does something.

Source: "Work with multi-statement queries" of the reference, and ScriptStatistics of the REST
reference.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from harness.bigquery.entries import now_ms
from harness.bigquery.errors import ApiError
from harness.bigquery.jobs.job import Job
from harness.bigquery.jobs.job_query import run_query
from harness.bigquery.sql.udfs import is_temporary_function
from harness.bigquery.statements.statement import Session
from harness.bigquery.statements.variables import assign, declare

if TYPE_CHECKING:
    from harness.bigquery.jobs.jobs import JobStore
    from harness.bigquery.sql.parse import Part
    from harness.bigquery.statements.script import Script

_PLACED = re.compile(r" at \[\d+:\d+\]$")


def run_script(jobs: JobStore, job: Job, script: Script, *, location: str, dry: bool) -> Job:
    """Do the statements of a script one after another.

    Args:
        jobs: Where its child jobs are told.
        job: The job, with its configuration.
        script: The script.
        location: As the client gave it, or nothing.
        dry: Whether only the queries at its beginning are checked.

    Returns:
        The job; where a statement has failed it tells so, and what was done before it stays.

    Raises:
        ApiError: The configuration does not fit a script.
    """
    for option in ("destinationTable", "writeDisposition", "timePartitioning", "clustering"):
        if job.configuration["query"].get(option):
            raise ApiError(
                "invalidQuery", f"configuration.query.{option} cannot be set for scripts"
            )
    script.job_id = job.id
    last, error = job, None
    try:
        for part in script.parts:
            session = _session(script, part, location)
            if dry and not isinstance(part.tree, exp.Query):
                break
            try:
                last = _done(jobs, job, script, part, session, dry=dry) or last
            except ApiError as failure:
                error = _told(failure, part)
                break
            if session.location != job.location and session.read:
                job = replace(job, location=session.location)
    finally:
        script.drop()
    if error is not None and dry:
        raise error
    statistics: dict[str, Any] = {
        "statementType": "SCRIPT",
        "totalBytesProcessed": str(script.bytes),
        "totalBytesBilled": str(script.billed),
        "cacheHit": False,
    }
    told = last.statistics.get("query", {})
    if last is not job and error is None:
        statistics |= {
            name: told[name] for name in ("schema", "ddlOperationPerformed") if name in told
        }
    if dry:
        statistics["totalBytesProcessedAccuracy"] = "LOWER_BOUND"
    return replace(
        job,
        statistics={"query": statistics, "numChildJobs": str(script.children)},
        result=last.result,
        affected=last.affected if last is not job else None,
        bytes=script.bytes,
        error=error,
        ended=now_ms(),
    )


def _session(script: Script, part: Part, location: str) -> Session:
    statement = replace(script.statement, text=part.text, location=location)
    return Session(catalog=script.catalog, statement=statement, tree=part.tree, script=script)


def _done(
    jobs: JobStore, job: Job, script: Script, part: Part, session: Session, *, dry: bool
) -> Job | None:
    """The child job of a statement, or None where it needs none."""
    if is_temporary_function(part.tree):
        return None
    if isinstance(part.tree, exp.Declare | exp.Set):
        with script.catalog.reading():
            if isinstance(part.tree, exp.Declare):
                declare(session, script, part.tree)
            else:
                assign(session, script, part.tree)
            if part.tree.find(exp.Query):
                jobs.add(_expression(job, script, part, session))
        return None
    child = _child(job, script, part, kind="STATEMENT")
    try:
        done = run_query(script.catalog, child, session, location=session.location, dry=dry)
    except ApiError as error:
        if not dry:
            script.children += 1
            jobs.add(replace(child, error=error, ended=now_ms()))
        raise
    script.children += 1
    script.bytes += done.bytes
    script.billed += int(done.statistics["query"]["totalBytesBilled"])
    if done.affected is not None:
        script.row_count = done.affected
    told = {**child.statistics, **done.statistics}
    done = replace(done, statistics=told)
    if not dry:
        jobs.add(done)
    return done


def _child(job: Job, script: Script, part: Part, *, kind: str) -> Job:
    frame = {
        "startLine": part.start[0],
        "startColumn": part.start[1],
        "endLine": part.end[0],
        "endColumn": part.end[1],
        "text": part.text,
    }
    query = {**job.configuration["query"], "query": part.text}
    moment = now_ms()
    return Job(
        project=job.project,
        id=f"script_job_{uuid.uuid4().hex}_{script.children}",
        location=job.location,
        configuration={**job.configuration, "query": query},
        created=moment,
        ended=moment,
        statistics={
            "parentJobId": job.id,
            "scriptStatistics": {"evaluationKind": kind, "stackFrames": [frame]},
        },
    )


def _expression(job: Job, script: Script, part: Part, session: Session) -> Job:
    """The child job that has answered the query within a DECLARE or SET."""
    child = _child(job, script, part, kind="EXPRESSION")
    script.children += 1
    read = session.bytes_read()
    script.bytes += read
    told = {
        "statementType": "SELECT",
        "totalBytesProcessed": str(read),
        "referencedTables": [ref.rest() for ref in session.tables_read()],
    }
    return replace(
        child,
        location=session.location,
        statistics={**child.statistics, "query": told},
        bytes=read,
        ended=now_ms(),
    )


def _told(error: ApiError, part: Part) -> ApiError:
    """A statement's error as its script tells it: with the place of the statement."""
    message = error.message
    if not _PLACED.search(message):
        message += f" at [{part.start[0]}:{part.start[1]}]"
    return ApiError("invalidQuery", f"Query error: {message}", location="query")
