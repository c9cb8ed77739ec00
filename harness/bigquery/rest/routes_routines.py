"""The operations on routines: SQL functions of a dataset."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.rest.api import Reply, page_of, reply
from harness.bigquery.rest.routes_datasets import check_etag
from harness.bigquery.routines import Routine, RoutineRef, routine_from_rest, routine_resource

if TYPE_CHECKING:
    from harness.bigquery.rest.api import Api, Call

# "Method: routines.list" of the REST reference: these are told of each, the others by readMask.
_LISTED = (
    "etag",
    "routineReference",
    "routineType",
    "creationTime",
    "lastModifiedTime",
    "language",
)
_FILTER = re.compile(r"routineType:(\w+)")


def _ref(call: Call) -> RoutineRef:
    return RoutineRef(
        project=call.project, dataset=call.path["dataset"], routine=call.path["routine"]
    )


def insert(api: Api, call: Call) -> Reply:
    """routines.insert."""
    resource = call.json()
    with api.catalog.lock:
        dataset = api.catalog.dataset(call.project, call.path["dataset"])
        routine = routine_from_rest(resource, project=dataset.project, dataset=dataset.name)
        if api.catalog.routines.find(routine.ref) is not None:
            raise ApiError("duplicate", f"Already Exists: Routine {routine.ref}")
        return reply(routine_resource(api.catalog.routines.put(routine)))


def get(api: Api, call: Call) -> Reply:
    """routines.get."""
    return reply(_masked(call, routine_resource(_found(api, call)), always=()))


def list_all(api: Api, call: Call) -> Reply:
    """routines.list."""
    wanted = call.query.get("filter", "")
    found = _FILTER.fullmatch(wanted)
    if wanted and not found:
        raise ApiError("invalid", f"Invalid filter: {wanted}", location="filter")
    dataset = api.catalog.dataset(call.project, call.path["dataset"])
    items = [
        _masked(call, routine_resource(one), always=_LISTED)
        for one in api.catalog.routines.of_dataset(dataset.project, dataset.name)
        if not found or one.kind == found[1]
    ]
    shown, token = page_of(call, items)
    answer: dict[str, Any] = {"routines": shown} if shown else {}
    return reply({**answer, "nextPageToken": token} if token else answer)


def update(api: Api, call: Call) -> Reply:
    """routines.update: everything."""
    resource = call.json()
    with api.catalog.lock:
        old = _found(api, call)
        check_etag(call, str(routine_resource(old)["etag"]))
        # The kind of a routine stays; clients leave it out.
        resource.setdefault("routineType", old.kind)
        resource["routineReference"] = old.ref.rest()
        new = routine_from_rest(resource, project=old.ref.project, dataset=old.ref.dataset)
        if new.kind != old.kind:
            raise ApiError("invalid", f"Cannot change the type of routine {old.ref}")
        return reply(routine_resource(api.catalog.routines.put(replace(new, created=old.created))))


def delete(api: Api, call: Call) -> Reply:
    """routines.delete."""
    with api.catalog.lock:
        api.catalog.routines.remove(_found(api, call).ref)
    return Reply(status=204)


def _found(api: Api, call: Call) -> Routine:
    ref = _ref(call)
    api.catalog.dataset(ref.project, ref.dataset)
    return api.catalog.routines.get(ref)


def _masked(call: Call, resource: dict[str, Any], *, always: tuple[str, ...]) -> dict[str, Any]:
    """The parts that ``readMask`` names; without one all of a single routine."""
    mask = call.query.get("readMask", "")
    if not mask and not always:
        return resource
    wanted = {one.partition(".")[0] for one in mask.split(",") if one}
    if "*" in wanted:
        return resource
    return {name: value for name, value in resource.items() if name in {*always, *wanted}}
