"""Which operation a method and a path mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.bigquery import routes_datasets, routes_jobs, routes_rows, routes_tables, uploads

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.api import Api, Call, Reply

_PROJECT = r"(?:/bigquery/v2)?/projects/(?P<project>[^/]+)"
_DATASETS = rf"{_PROJECT}/datasets"
_DATASET = rf"{_DATASETS}/(?P<dataset>[^/]+)"
_TABLE = rf"{_DATASET}/tables/(?P<table>[^/]+)"
_JOB = rf"{_PROJECT}/jobs/(?P<job>[^/]+)"
_UPLOAD = r"(?:/resumable)?/upload/bigquery/v2/projects/(?P<project>[^/]+)/jobs"

_ROUTES: tuple[tuple[str, str, str, Callable[[Api, Call], Reply]], ...] = (
    ("GET", r"(?:/bigquery/v2)?/projects", "projects.list", routes_datasets.list_projects),
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
    ("GET", rf"{_TABLE}/data", "tabledata.list", routes_rows.rows),
    ("POST", rf"{_TABLE}/insertAll", "tabledata.insertAll", routes_rows.insert_all),
    ("POST", rf"{_PROJECT}/jobs", "jobs.insert", routes_jobs.insert),
    ("GET", rf"{_PROJECT}/jobs", "jobs.list", routes_jobs.list_all),
    ("GET", _JOB, "jobs.get", routes_jobs.get),
    ("POST", rf"{_JOB}/cancel", "jobs.cancel", routes_jobs.cancel),
    ("DELETE", rf"{_JOB}/delete", "jobs.delete", routes_jobs.delete),
    ("POST", rf"{_PROJECT}/queries", "jobs.query", routes_jobs.query),
    (
        "GET",
        rf"{_PROJECT}/queries/(?P<job>[^/]+)",
        "jobs.getQueryResults",
        routes_jobs.results,
    ),
    ("POST", _UPLOAD, "jobs.insert", uploads.insert),
    ("PUT", _UPLOAD, "jobs.insert", uploads.put),
)
_COMPILED = tuple((method, re.compile(path), name, do) for method, path, name, do in _ROUTES)


def find(method: str, path: str) -> tuple[str, dict[str, str], Callable[[Api, Call], Reply]] | None:
    """The operation's name, the parts of the path, and what does it; None for no such path."""
    for wanted, pattern, name, do in _COMPILED:
        found = pattern.fullmatch(path)
        if found and wanted == method:
            return name, found.groupdict(), do
    return None
