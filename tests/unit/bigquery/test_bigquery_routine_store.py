"""The store of routines, and what a Routine resource must say."""

from __future__ import annotations

import pytest

from harness.bigquery.errors import ApiError
from harness.bigquery.routines import (
    RoutineRef,
    RoutineStore,
    argument_sql,
    routine_from_rest,
    routine_resource,
    type_sql,
)

RESOURCE = {
    "routineReference": {"routineId": "f"},
    "routineType": "SCALAR_FUNCTION",
    "language": "SQL",
    "definitionBody": "x + 1",
    "arguments": [{"name": "x", "dataType": {"typeKind": "INT64"}}],
    "returnType": {"typeKind": "INT64"},
    "description": "told",
}
REF = RoutineRef(project="p", dataset="d", routine="f")


def test_a_routine_comes_back_as_it_was_given():
    routine = routine_from_rest(RESOURCE, project="p", dataset="d")
    told = routine_resource(routine)
    assert {name: told[name] for name in RESOURCE if name != "routineReference"} == {
        name: value for name, value in RESOURCE.items() if name != "routineReference"
    }
    assert told["routineReference"] == {"projectId": "p", "datasetId": "d", "routineId": "f"}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"routineType": "PROCEDURE"}, "routineType PROCEDURE"),
        ({"routineType": ""}, "routineType"),
        ({"language": "JAVASCRIPT"}, "a routine in JAVASCRIPT"),
        ({"definitionBody": " "}, "definitionBody"),
        ({"routineReference": {"routineId": "a b"}}, "Invalid routine ID"),
        ({"arguments": [{"name": "x", "dataType": {"typeKind": "GEOGRAPHY"}}]}, "GEOGRAPHY"),
        ({"returnType": {"typeKind": "NOPE"}}, "NOPE"),
    ],
)
def test_what_cannot_be_done_is_refused(change, text):
    with pytest.raises(ApiError, match=text):
        routine_from_rest({**RESOURCE, **change}, project="p", dataset="d")


def test_the_store_keeps_versions_and_tells_what_is_not_there():
    store = RoutineStore()
    routine = store.put(routine_from_rest(RESOURCE, project="p", dataset="d"))
    assert store.put(routine).version == 2
    assert [one.ref for one in store.of_dataset("p", "d")] == [REF]
    assert store.of_dataset("p", "other") == []
    store.remove(REF)
    with pytest.raises(ApiError, match=r"Not found: Routine p:d\.f"):
        store.get(REF)
    with pytest.raises(ApiError, match="Not found"):
        store.remove(REF)


def test_types_become_sql():
    inner = {
        "typeKind": "STRUCT",
        "structType": {"fields": [{"name": "a", "type": {"typeKind": "STRING"}}]},
    }
    assert type_sql({"typeKind": "ARRAY", "arrayElementType": inner}) == "ARRAY<STRUCT<`a` STRING>>"
    assert argument_sql({"name": "x", "argumentKind": "ANY_TYPE"}) == "`x` ANY TYPE"
