"""Routines over REST."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound, PreconditionFailed
from google.cloud import bigquery as bq


def routine(name="r", body="x * 2", **options):
    kind = bq.StandardSqlDataType(type_kind=bq.StandardSqlTypeNames.INT64)
    return bq.Routine(
        f"test-project.d.{name}",
        type_="SCALAR_FUNCTION",
        language="SQL",
        arguments=[bq.RoutineArgument(name="x", data_type=kind)],
        return_type=kind,
        body=body,
        **options,
    )


def test_a_routine_is_made_told_and_removed(client):
    made = client.create_routine(routine(description="twice"))
    assert made.created == made.modified
    told = client.get_routine("d.r")
    assert (told.body, told.type_, told.language, told.description) == (
        "x * 2",
        "SCALAR_FUNCTION",
        "SQL",
        "twice",
    )
    assert told.arguments == made.arguments
    assert [one.reference.routine_id for one in client.list_routines("d")] == ["r"]
    client.delete_routine("d.r")
    with pytest.raises(NotFound, match=r"Not found: Routine test-project:d\.r"):
        client.get_routine("d.r")
    with pytest.raises(NotFound):
        client.delete_routine("d.r")


def test_a_list_tells_little_and_comes_in_pages(client):
    for name in ("b", "a", "c"):
        client.create_routine(routine(name))
    pages = [list(page) for page in client.list_routines("d", page_size=2).pages]
    assert [[one.reference.routine_id for one in page] for page in pages] == [["a", "b"], ["c"]]
    assert pages[0][0].body is None


def test_it_is_there_already_or_its_dataset_is_not(client):
    client.create_routine(routine())
    with pytest.raises(Conflict, match=r"Already Exists: Routine test-project:d\.r"):
        client.create_routine(routine())
    client.create_routine(routine(), exists_ok=True)
    with pytest.raises(NotFound, match="Not found: Dataset test-project:none"):
        list(client.list_routines("none"))


def test_an_update_replaces_it_unless_it_has_changed(client):
    first = client.create_routine(routine())
    first.body = "x * 3"
    second = client.update_routine(first, ["body", "arguments", "return_type", "type_"])
    assert (second.body, second.created) == ("x * 3", first.created)
    assert second.etag != first.etag
    with pytest.raises(PreconditionFailed):
        client.update_routine(first, ["body", "arguments", "return_type", "type_"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"language": "JAVASCRIPT"}, "a routine in JAVASCRIPT"),
        ({"type_": "PROCEDURE"}, "routineType PROCEDURE"),
        ({"body": " "}, "definitionBody"),
    ],
)
def test_what_is_refused(client, change, message):
    one = routine()
    for name, value in change.items():
        setattr(one, name, value)
    with pytest.raises(BadRequest, match=message):
        client.create_routine(one)
    assert list(client.list_routines("d")) == []
