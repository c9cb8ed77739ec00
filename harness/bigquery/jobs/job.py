"""A job, and what a request must say to become one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.bigquery.entries import HIDDEN, Table, TableRef
from harness.bigquery.errors import ApiError
from harness.bigquery.jobs.job_options import DATASET_PROJECT, with_options
from harness.bigquery.statements.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS = ("query", "load", "copy", "extract")
_EMAIL = "harness@example.com"
# A job there is found without its location, as jobs.get in the REST reference says.
_MULTI_REGIONS = ("us", "eu")


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job that is done.

    Attributes:
        project: Where it was made.
        id: Its id.
        location: Where it ran.
        configuration: As the client gave it, with what was filled in.
        created: Milliseconds since the epoch.
        ended: Likewise.
        statistics: The parts of the statistics that belong to its kind.
        error: Why it failed, or None.
        result: The rows that a query answers, or None.
        affected: Rows that DML has changed, or None.
        bytes: Bytes that were read.
        pending: How often it is still seen running before it fails.
        warnings: ErrorProtos of a job that was done all the same, such as rows that it left out.
    """

    project: str
    id: str
    location: str
    configuration: Mapping[str, Any]
    created: int
    ended: int
    statistics: Mapping[str, Any] = field(default_factory=dict)
    error: ApiError | None = None
    result: Table | None = None
    affected: int | None = None
    bytes: int = 0
    pending: int = 0
    warnings: tuple[Mapping[str, str], ...] = ()

    def reference(self) -> dict[str, str]:
        """The JobReference resource."""
        return {"projectId": self.project, "jobId": self.id, "location": self.location}

    def is_found_in(self, location: str | None, *, home: str) -> bool:
        """Whether a client finds it that looks in a location.

        Args:
            location: The location; empty where the client does not say, None for anywhere.
            home: Where the stub is: what is there is found without a location.
        """
        if not location:
            return (
                location is None or self.location.lower() in _MULTI_REGIONS or self.location == home
            )
        return self.location.lower() == location.lower()

    @property
    def state(self) -> str:
        """``RUNNING`` or ``DONE``."""
        return "RUNNING" if self.pending else "DONE"

    @property
    def statement(self) -> str:
        """The SQL of a query job, or nothing."""
        return str((self.configuration.get("query") or {}).get("query") or "")

    @property
    def destination(self) -> str:
        """``dataset.table`` that the client named, or nothing."""
        for kind in ("load", "query", "copy"):
            named = (self.configuration.get(kind) or {}).get("destinationTable")
            if named and named.get("datasetId") != HIDDEN:
                return f"{named.get('datasetId')}.{named.get('tableId')}"
        return ""

    def resource(self) -> dict[str, Any]:
        """The Job resource."""
        status: dict[str, Any] = {"state": self.state}
        if self.error is not None and not self.pending:
            told = self.error.proto()
            status |= {"errorResult": told, "errors": [told, *self.error.details]}
        elif self.warnings:
            status["errors"] = [dict(one) for one in self.warnings]
        return {
            "kind": "bigquery#job",
            "id": f"{self.project}:{self.location}.{self.id}",
            "etag": f'"{self.ended:x}"',
            "selfLink": f"/bigquery/v2/projects/{self.project}/jobs/{self.id}",
            "jobReference": self.reference(),
            "configuration": {
                **self.configuration,
                "jobType": kind_of(self.configuration).upper(),
            },
            "status": status,
            "user_email": _EMAIL,
            "statistics": {
                "creationTime": str(self.created),
                "startTime": str(self.created),
                **({} if self.pending else self._ends()),
                "totalBytesProcessed": str(self.bytes),
                **self._parts(),
            },
        }

    def _parts(self) -> dict[str, Any]:
        """What belongs to its kind; a query tells once more how long it took."""
        if "query" not in self.statistics:
            return dict(self.statistics)
        query = {"totalSlotMs": str(self.ended - self.created), **self.statistics["query"]}
        return {**self.statistics, "query": query}

    def _ends(self) -> dict[str, str]:
        """What is told of the time that a job took; here one slot does it."""
        took = str(self.ended - self.created)
        return {"endTime": str(self.ended), "finalExecutionDurationMs": took, "totalSlotMs": took}


def kind_of(configuration: Mapping[str, Any]) -> str:
    """``query``, ``load``, ``copy`` or ``extract``."""
    return next(kind for kind in _KINDS if kind in configuration)


def checked_configuration(configuration: object) -> dict[str, Any]:
    """A JobConfiguration of a kind that the stub does.

    Raises:
        ApiError: A part is missing, or is one that the stub does not do.
    """
    if not isinstance(configuration, dict):
        raise ApiError("required", "Required parameter is missing: configuration")
    kinds = [kind for kind in _KINDS if kind in configuration]
    if len(kinds) != 1 or not isinstance(configuration[kinds[0]], dict):
        raise ApiError(
            "required", "Required parameter is missing: one of query, load, copy, extract"
        )
    content = configuration[kinds[0]]
    if kinds[0] == "query" and not str(content.get("query") or "").strip():
        raise ApiError("required", "Required parameter is missing: query")
    if kinds[0] == "load" and not isinstance(content.get("destinationTable"), dict):
        raise ApiError("required", "Required parameter is missing: destinationTable")
    return with_options(configuration)


def table_ref(named: Mapping[str, Any], *, project: str) -> TableRef:
    """Read a TableReference.

    Raises:
        ApiError: A part is missing.
    """
    dataset, table = named.get("datasetId"), named.get("tableId")
    if not dataset or not table:
        raise ApiError("required", "Required parameter is missing: datasetId and tableId")
    return TableRef(
        project=str(named.get("projectId") or project), dataset=str(dataset), table=str(table)
    )


def is_named(destination: Mapping[str, Any]) -> bool:
    """Whether a query's destination is a table of the client's, and not an anonymous one."""
    return bool(destination) and destination.get("datasetId") != HIDDEN


def statement_of(project: str, configuration: Mapping[str, Any], location: str) -> Statement:
    """The statement of a JobConfigurationQuery."""
    default = configuration.get("defaultDataset") or {}
    properties = configuration.get("connectionProperties") or ()
    names_in = next((one.get("value") for one in properties if one["key"] == DATASET_PROJECT), "")
    dataset = None
    if default.get("datasetId"):
        owner = default.get("projectId") or names_in or project
        dataset = (str(owner), str(default["datasetId"]))
    return Statement(
        text=str(configuration["query"]),
        project=project,
        names_in=str(names_in or ""),
        dataset=dataset,
        location=location,
        parameters=configuration.get("queryParameters") or (),
        definitions=configuration.get("tableDefinitions") or {},
        kept=is_named(configuration.get("destinationTable") or {}),
    )
