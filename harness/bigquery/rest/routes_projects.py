"""The operations on projects, and on what no project of the stub has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError
from harness.bigquery.rest.api import page_of, reply

if TYPE_CHECKING:
    from harness.bigquery.rest.api import Api, Call, Reply


def list_all(api: Api, call: Call) -> Reply:
    """projects.list: those that have datasets."""
    items = [
        {
            "kind": "bigquery#project",
            "id": name,
            "numericId": "0",
            "projectReference": {"projectId": name},
            "friendlyName": name,
        }
        for name in api.catalog.projects()
    ]
    shown, token = page_of(call, items)
    answer = {"kind": "bigquery#projectList", "projects": shown, "totalItems": len(items)}
    return reply({**answer, "nextPageToken": token} if token else answer)


def service_account(_api: Api, call: Call) -> Reply:
    """projects.getServiceAccount: whom customer-managed keys would be granted to."""
    return reply(
        {
            "kind": "bigquery#getServiceAccountResponse",
            "email": f"bq-{call.project}@bigquery-encryption.iam.gserviceaccount.com",
        }
    )


def models(api: Api, call: Call) -> Reply:
    """models.list: there are none."""
    api.catalog.dataset(call.project, call.path["dataset"])
    return reply({})


def model(api: Api, call: Call) -> Reply:
    """models.get, patch and delete: there is none of any name."""
    dataset = api.catalog.dataset(call.project, call.path["dataset"])
    raise ApiError("notFound", f"Not found: Model {dataset}.{call.path['model']}")
