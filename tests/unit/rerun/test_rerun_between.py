"""Two runs whose data was kept, held against each other after their services are gone."""

from __future__ import annotations

import pyarrow as pa
import pytest

from harness.rerun.difference import Comparison, between
from harness.rerun.world import Content, World
from harness.services.protocol import Column, Sink

PLAN = Comparison(
    pipeline="p", keys={"public.trips": ("id",)}, ignoring=("loaded",), than="in A", given="A"
)


def table(name="public.trips", service="postgres", title="", types=None, **columns):
    made = pa.table(columns)
    kinds = types or {}
    sink = Sink(
        service=service,
        name=name,
        rows=made.num_rows,
        columns=tuple(
            Column(name=one.name, type=kinds.get(one.name, str(one.type))) for one in made.schema
        ),
    )
    return Content(sink=sink, table=made, digest="", title=title)


def thing(digest, name="lake/a.bin"):
    return Content(sink=Sink(service="gcs", name=name, rows=None), table=None, digest=digest)


def world(*contents):
    return World(contents={(one.sink.service, one.sink.name): one for one in contents})


def told(expected, found):
    return ["\n".join(one.lines) for one in between(world(*expected), world(*found), plan=PLAN)]


def test_the_same_data_in_another_order_and_at_another_time_is_no_difference():
    one = table(id=[1, 2], fare=[1.0, 2.0], loaded=["then", "then"])
    other = table(id=[2, 1], fare=[2.0, 1.0], loaded=["now", "now"])
    assert told([one, thing("ab")], [other, thing("ab")]) == []


def test_a_changed_row_is_shown_beside_what_it_was():
    (line,) = told([table(id=[1, 2], fare=[1.0, 2.0])], [table(id=[1, 2], fare=[1.0, 2.5])])
    assert "Postgres table public.trips: expected the rows of A by id" in line
    assert "1 of 2 rows changed" in line
    assert "2.5" in line


def test_a_type_of_the_service_is_a_difference_where_the_values_are_the_same():
    one = table(types={"id": "bigint"}, id=[1])
    other = table(types={"id": "smallint"}, id=[1])
    (lines,) = told([one], [other])
    assert lines.splitlines() == [
        "Postgres table public.trips: columns of another type than in A",
        "  id: bigint became smallint",
    ]


@pytest.mark.parametrize(
    ("expected", "found", "line"),
    [
        ([thing("ab")], [], "GCS object lake/a.bin is not there, and is in A"),
        ([], [thing("ab")], "GCS object lake/a.bin was written, and is not in A"),
        ([thing("ab")], [thing("cd")], "GCS object lake/a.bin: other content than in A"),
    ],
)
def test_sinks_of_one_run_alone_and_objects_are_told(expected, found, line):
    assert told(expected, found) == [line]


def test_what_is_no_service_is_called_by_its_title():
    one = table(name="load/output_0", service="block", title="output_0 of block load", id=[1])
    assert told([one], []) == ["output_0 of block load is not there, and is in A"]
