"""One HTTP call: what came, what goes back, and what the operations share."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.faults import Fault
    from harness.bigquery.jobs.job import Job
    from harness.bigquery.jobs.jobs import JobStore
    from harness.bigquery.rest.spool import Spool
    from harness.bigquery.rest.streaming import Streamed
    from harness.bigquery.rest.uploads import Uploads


@dataclass(frozen=True, kw_only=True)
class Api:
    """What every operation works on.

    Attributes:
        catalog: Datasets and tables.
        jobs: Jobs.
        uploads: Uploads that are under way.
        streamed: Insert ids of streamed rows.
    """

    catalog: Catalog
    jobs: JobStore
    uploads: Uploads
    streamed: Streamed


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request.

    Attributes:
        method: The HTTP method.
        url: The whole URL without the query.
        path: The parts of the path by name: project, dataset, table, job.
        query: The query's parameters.
        headers: The headers, names in lower case.
        body: The body.
        spool: In its place the content of a large upload, or None.
        fault: With which the job that it makes is to fail, or None.
    """

    method: str
    url: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    spool: Spool | None = None
    fault: Fault | None = None

    @property
    def received(self) -> int:
        """How many bytes its content has."""
        return len(self.body) if self.spool is None else self.spool.size

    @property
    def project(self) -> str:
        """The project in the path."""
        return self.path["project"]

    def json(self) -> dict[str, Any]:
        """The body as a JSON object.

        Raises:
            ApiError: It is not one.
        """
        return self._content

    @cached_property
    def _content(self) -> dict[str, Any]:
        # Read once: its shape is looked at before the operation reads it.
        return json_object(self.body)

    def integer(self, name: str, default: int | None = None) -> int | None:
        """A parameter as a number of at least 0.

        Raises:
            ApiError: It is not one.
        """
        text = self.query.get(name)
        if text is None or text == "":
            return default
        if not text.isdigit():
            raise ApiError("invalid", f"Invalid value for {name}: {text}", location=name)
        return int(text)

    def flag(self, name: str) -> bool:
        """A parameter as a boolean."""
        return self.query.get(name, "").lower() == "true"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer.

    Attributes:
        body: The body.
        status: The HTTP status.
        headers: Headers beside the content's type.
        job: The job concerned, for the log.
        error: What was refused although the status says otherwise, for the log.
        partial: Whether it holds only the fields that were asked for already.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    job: Job | None = None
    error: ApiError | None = None
    partial: bool = False


def reply(resource: Mapping[str, Any], *, job: Job | None = None) -> Reply:
    """A resource as an answer."""
    return Reply(body=json.dumps(resource).encode(), job=job)


def json_object(body: bytes) -> dict[str, Any]:
    """A JSON object.

    Raises:
        ApiError: It is not one.
    """
    try:
        content = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise ApiError("parseError", f"Invalid JSON payload received. {error}") from error
    if not isinstance(content, dict):
        raise ApiError("parseError", "Invalid JSON payload received. It is not an object.")
    return content


def page_of(call: Call, items: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], str | None]:
    """The page of a list that a call asks for, and the token of the next.

    Raises:
        ApiError: The token is not one of ours.
    """
    start = call.integer("pageToken", 0) or 0
    size = call.integer("maxResults")
    size = len(items) if size is None else max(size, 1)
    after = start + size
    return items[start:after], str(after) if after < len(items) else None
