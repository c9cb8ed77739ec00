"""Who may do what: the stub keeps what it is told and lets everybody do everything.

Shapes are those of "tables.getIamPolicy" and its neighbours in the REST reference.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.entries import Table, TableRef
from harness.bigquery.errors import ApiError
from harness.bigquery.rest.api import reply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.bigquery.rest.api import Api, Call, Reply

# The etag that the service gives a policy which was never set.
_NEVER_SET = "ACAB"
_VERSIONS = (0, 1, 3)
_KEPT = ("bindings", "auditConfigs", "version")


def get(api: Api, call: Call) -> Reply:
    """tables.getIamPolicy."""
    return reply(_told(_table(api, call).policy))


def put(api: Api, call: Call) -> Reply:
    """tables.setIamPolicy: of the policy that is there, what the mask does not name stays."""
    body = call.json()
    given = body.get("policy")
    if not isinstance(given, dict):
        raise ApiError("required", "Required parameter is missing: policy", location="policy")
    _check(given)
    mask = [one.strip() for one in str(body.get("updateMask") or "bindings,etag").split(",")]
    with api.catalog.lock:
        table = _table(api, call)
        if given.get("etag") not in (None, "", _told(table.policy)["etag"]):
            # "Policy" of the IAM reference: the whole cycle of read and write is to be done again.
            raise ApiError(
                "aborted",
                "There were concurrent policy changes. Please retry the whole read-modify-write "
                "with exponential backoff.",
            )
        named = {one for one in _KEPT if one in mask} | {"version"}
        old = {name: value for name, value in (table.policy or {}).items() if name not in named}
        new = {**old, **{name: given[name] for name in named if name in given}}
        api.catalog.put_table(replace(table, policy=new), counted=False)
    return reply(_told(new))


def test(api: Api, call: Call) -> Reply:
    """tables.testIamPermissions: the caller has them all."""
    _table(api, call)
    given = list(_flat(call.json().get("permissions")))
    for one in given:
        if "*" in one or one.count(".") < 1:
            raise ApiError("invalid", f"Permission {one} is not valid for this resource.")
    return reply({"permissions": given} if given else {})


def list_row_access(api: Api, call: Call) -> Reply:
    """rowAccessPolicies.list: there are none, as the stub makes none."""
    _table(api, call)
    return reply({})


def _table(api: Api, call: Call) -> Table:
    return api.catalog.table(
        TableRef(project=call.project, dataset=call.path["dataset"], table=call.path["table"])
    )


def _told(policy: Mapping[str, object] | None) -> dict[str, Any]:
    if policy is None:
        return {"etag": _NEVER_SET}
    number = zlib.crc32(json.dumps(policy, sort_keys=True).encode())
    return {"version": 1, **policy, "etag": base64.b64encode(number.to_bytes(4)).decode()}


def _check(policy: Mapping[str, Any]) -> None:
    if policy.get("version") not in (None, *_VERSIONS):
        raise ApiError("invalid", f"Invalid policy version: {policy['version']}")
    for one in policy.get("bindings") or ():
        role = str(one.get("role") or "")
        if not role.startswith(("roles/", "projects/", "organizations/")):
            raise ApiError("invalid", f"Role {role} is not supported for this resource.")


def _flat(given: object) -> Iterator[str]:
    """The names in lists of lists: the service reads ``[["a"]]`` as ``["a"]``."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, list):
        for one in given:
            yield from _flat(one)
