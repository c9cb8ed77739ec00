"""Which operation a method and a path mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError
from harness.bigquery.rest import (
    routes_datasets,
    routes_jobs,
    routes_policies,
    routes_projects,
    routes_queries,
    routes_routines,
    routes_rows,
    routes_tables,
    uploads,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.rest.api import Api, Call, Reply

_PROJECT = r"(?:/bigquery/v2)?/projects/(?P<project>[^/]+)"
_DATASETS = rf"{_PROJECT}/datasets"
_DATASET = rf"{_DATASETS}/(?P<dataset>[^/]+)"
_TABLE = rf"{_DATASET}/tables/(?P<table>[^/:]+)"
_ROUTINE = rf"{_DATASET}/routines/(?P<routine>[^/:]+)"
_MODEL = rf"{_DATASET}/models/(?P<model>[^/:]+)"
_JOB = rf"{_PROJECT}/jobs/(?P<job>[^/]+)"
_UPLOAD = r"(?:/resumable)?/upload/bigquery/v2/projects/(?P<project>[^/]+)/jobs"

_ROUTES: tuple[tuple[str, str, str, Callable[[Api, Call], Reply]], ...] = (
    ("GET", r"(?:/bigquery/v2)?/projects", "projects.list", routes_projects.list_all),
    (
        "GET",
        rf"{_PROJECT}/serviceAccount",
        "projects.getServiceAccount",
        routes_projects.service_account,
    ),
    ("POST", _DATASETS, "datasets.insert", routes_datasets.insert),
    ("GET", _DATASETS, "datasets.list", routes_datasets.list_all),
    ("GET", _DATASET, "datasets.get", routes_datasets.get),
    ("PATCH", _DATASET, "datasets.patch", routes_datasets.patch),
    ("PUT", _DATASET, "datasets.update", routes_datasets.update),
    ("DELETE", _DATASET, "datasets.delete", routes_datasets.delete),
    ("POST", rf"{_DATASET}/tables", "tables.insert", routes_tables.insert),
    ("GET", rf"{_DATASET}/tables", "tables.list", routes_tables.list_all),
    ("GET", _TABLE, "tables.get", routes_tables.get),
    ("PATCH", _TABLE, "tables.patch", routes_tables.patch),
    ("PUT", _TABLE, "tables.update", routes_tables.update),
    ("DELETE", _TABLE, "tables.delete", routes_tables.delete),
    ("POST", rf"{_TABLE}:getIamPolicy", "tables.getIamPolicy", routes_policies.get),
    ("POST", rf"{_TABLE}:setIamPolicy", "tables.setIamPolicy", routes_policies.put),
    ("POST", rf"{_TABLE}:testIamPermissions", "tables.testIamPermissions", routes_policies.test),
    (
        "GET",
        rf"{_TABLE}/rowAccessPolicies",
        "rowAccessPolicies.list",
        routes_policies.list_row_access,
    ),
    ("POST", rf"{_DATASET}/routines", "routines.insert", routes_routines.insert),
    ("GET", rf"{_DATASET}/routines", "routines.list", routes_routines.list_all),
    ("GET", _ROUTINE, "routines.get", routes_routines.get),
    ("PUT", _ROUTINE, "routines.update", routes_routines.update),
    ("DELETE", _ROUTINE, "routines.delete", routes_routines.delete),
    ("GET", rf"{_DATASET}/models", "models.list", routes_projects.models),
    ("GET", _MODEL, "models.get", routes_projects.model),
    ("PATCH", _MODEL, "models.patch", routes_projects.model),
    ("DELETE", _MODEL, "models.delete", routes_projects.model),
    ("GET", rf"{_TABLE}/data", "tabledata.list", routes_rows.rows),
    ("POST", rf"{_TABLE}/insertAll", "tabledata.insertAll", routes_rows.insert_all),
    ("POST", rf"{_PROJECT}/jobs", "jobs.insert", routes_jobs.insert),
    ("GET", rf"{_PROJECT}/jobs", "jobs.list", routes_jobs.list_all),
    ("GET", _JOB, "jobs.get", routes_jobs.get),
    ("POST", rf"{_JOB}/cancel", "jobs.cancel", routes_jobs.cancel),
    ("DELETE", rf"{_JOB}/delete", "jobs.delete", routes_jobs.delete),
    ("POST", rf"{_PROJECT}/queries", "jobs.query", routes_queries.query),
    (
        "GET",
        rf"{_PROJECT}/queries/(?P<job>[^/]+)",
        "jobs.getQueryResults",
        routes_queries.results,
    ),
    ("POST", _UPLOAD, "jobs.insert", uploads.insert),
    ("PUT", _UPLOAD, "jobs.insert", uploads.put),
)
_COMPILED = tuple((method, re.compile(path), name, do) for method, path, name, do in _ROUTES)


# The service has them, and the stub says so.
_REFUSED = tuple(
    (re.compile(path), name)
    for path, name in (
        (r"/batch(/.*)?", "batch requests"),
        (r"/discovery/.*", "the discovery document"),
        (rf"{_DATASET}:undelete", "datasets.undelete"),
        (rf"{_TABLE}/rowAccessPolicies.*", "row access policies"),
        (rf"{_ROUTINE}:.*", "the policies of a routine"),
    )
)


def find(method: str, path: str) -> tuple[str, dict[str, str], Callable[[Api, Call], Reply]]:
    """The operation's name, the parts of the path, and what does it; what refuses has no name."""
    for wanted, pattern, name, do in _COMPILED:
        found = pattern.fullmatch(path)
        if found and wanted == method:
            return name, found.groupdict(), do
    return "", {}, _refuse


def _refuse(_api: Api, call: Call) -> Reply:
    path = "/" + call.url.partition("//")[2].partition("/")[2]
    for pattern, name in _REFUSED:
        if pattern.fullmatch(path):
            raise ApiError("notImplemented", f"Not supported by the BigQuery stub: {name}")
    if any(pattern.fullmatch(path) for _, pattern, _, _ in _COMPILED):
        raise ApiError("httpMethodNotAllowed", f"Method {call.method} is not allowed for {path}")
    raise ApiError("notFound", f"Not found: no operation has the path {path}")
