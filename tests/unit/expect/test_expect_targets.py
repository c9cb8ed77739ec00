from __future__ import annotations

import pytest

from harness.errors import ExpectationError, InputError, MissingSinkError
from harness.expect import Expect


def test_checks_are_chained(expect, trips):
    target = (
        expect.table("ny_taxi.trips")
        .rows(6)
        .rows(between=(5, 6))
        .rows(range(6, 7))
        .schema({"trip_id": "bigint"}, partial=True)
    )

    target.column("vendor_id").no_nulls().between(1, 2).isin([1, 2])
    assert target.arrow() is trips


def test_a_table_without_a_schema_is_in_public(expect):
    expect.table("zones").rows(2)


def test_a_service_is_made_only_when_it_is_used_and_once(postgres):
    made = []

    def make():
        made.append(1)
        return postgres

    expect = Expect(postgres=make, bigquery=lambda: pytest.fail("not needed"))
    assert not made
    expect.table("zones")
    expect.table("zones")
    assert made == [1]


def test_a_service_that_was_not_given_is_named(postgres):
    with pytest.raises(InputError, match=r"have no gcs(.|\n)*services given: postgres"):
        Expect(postgres=postgres).objects("lake")


def test_data_is_read_once_and_only_when_needed(expect, postgres):
    target = expect.table("ny_taxi.trips").rows(6)
    assert postgres.reads == 0
    target.column("vendor_id").no_nulls().between(1, 2)
    assert postgres.reads == 1


def test_a_missing_table_fails_where_it_is_named(expect):
    with pytest.raises(MissingSinkError, match=r"no ny_taxi.tripz(.|\n)*nearest: ny_taxi.trips"):
        expect.table("ny_taxi.tripz")
    with pytest.raises(MissingSinkError):
        expect.bigquery("ny_taxi.tripz")
    with pytest.raises(MissingSinkError):
        expect.objects("lake", "nothing-here")
    with pytest.raises(MissingSinkError, match="bucket ocean"):
        expect.objects("ocean")


@pytest.mark.parametrize("name", ["trips", "project.ny_taxi.trips"])
def test_a_bigquery_table_has_two_parts(expect, name):
    with pytest.raises(InputError, match=r"dataset\.table"):
        expect.bigquery(name)


def test_an_object_a_dataset_and_a_union(expect):
    assert "GCS object lake/trips.parquet" in repr(expect.objects("lake", "trips.parquet").rows(6))
    assert "GCS dataset lake/trips/" in repr(expect.objects("lake", "trips/").rows(6))
    union = expect.objects("lake", "parts/").rows(6)
    assert union.arrow().column("trip_id").to_pylist() == [1, 2, 3, 4, 4, 6]
    assert "GCS object lake/parts/a.parquet" in repr(expect.objects("lake", "parts/a"))


def test_a_union_that_has_too_few_rows_says_where_they_are(expect):
    with pytest.raises(ExpectationError) as failure:
        expect.objects("lake", "parts/").rows(7)

    assert str(failure.value) == (
        "GCS objects lake/parts/* (2): expected 7 rows, found 6 (1 fewer)\n"
        "  evidence: 2 in lake/parts/a.parquet\n"
        "            4 in lake/parts/b.parquet"
    )


def test_objects_with_different_columns_have_no_union(expect):
    with pytest.raises(ExpectationError) as failure:
        expect.objects("lake", "mixed/")

    message = str(failure.value)
    assert "found 1 that differ from lake/mixed/a.csv" in message
    assert "lake/mixed/b.csv  flag: string       distance: double" in message


def test_what_is_not_tabular_has_no_rows(expect):
    with pytest.raises(ExpectationError, match="not tabular"):
        expect.objects("lake", "note.txt").rows(0)


@pytest.mark.parametrize(
    ("args", "options", "difference"),
    [
        ((8,), {}, "expected 8 rows, found 6 (2 fewer)"),
        ((1,), {}, "expected 1 row, found 6 (5 more)"),
        ((9_500,), {}, "expected 9,500 rows, found 6 (9,494 fewer)"),
        ((range(10, 20),), {}, "expected 10 to 19 rows, found 6 (4 fewer)"),
        ((range(1, 6),), {}, "expected 1 to 5 rows, found 6 (1 more)"),
        ((range(1, 11, 2),), {}, "expected 1 to 9 rows, found 6 (not in range(1, 11, 2))"),
        ((), {"between": (7, 9)}, "expected 7 to 9 rows, found 6 (1 fewer)"),
    ],
)
def test_rows_say_the_difference(expect, args, options, difference):
    with pytest.raises(ExpectationError) as failure:
        expect.table("ny_taxi.trips").rows(*args, **options)

    assert str(failure.value) == f"Postgres table ny_taxi.trips: {difference}"


@pytest.mark.parametrize(
    ("args", "options"),
    [
        ((), {}),
        ((6,), {"between": (1, 9)}),
        ((-1,), {}),
        ((True,), {}),
        (("6",), {}),
        ((range(6, 6),), {}),
        ((), {"between": (9, 1)}),
    ],
)
def test_rows_refuse_what_is_no_number(expect, args, options):
    with pytest.raises(InputError, match=r"rows\(\)"):
        expect.table("ny_taxi.trips").rows(*args, **options)


def test_partitions_hold_by_id_and_by_rows(expect):
    expect.bigquery("ny_taxi.trips").partitions(["20210201", "20210131"]).partitions(
        {"20210131": 5, "20210201": 1}
    )
    expect.objects("lake", "trips/").partitions({"day=2021-01-31": 5, "day=2021-02-01": 1})
    expect.table("ny_taxi.trips").partitions([])
    assert expect.table("ny_taxi.trips").partition_rows() == {}
    assert expect.bigquery("ny_taxi.trips").partition_rows() == {"20210131": 5, "20210201": 1}


def test_partitions_say_what_is_missing_extra_and_other(expect):
    with pytest.raises(ExpectationError) as failure:
        expect.bigquery("ny_taxi.trips").partitions({"20210130": 4, "20210131": 7})

    assert str(failure.value) == (
        "BigQuery table ny_taxi.trips: expected 2 partitions, found 2:"
        " 1 missing, 1 extra, 1 with other rows\n"
        "  evidence: missing (1): 20210130\n"
        "            extra (1): 20210201 (1 row)\n"
        "            partition  expected rows  found  difference\n"
        "            20210131   7              5      -2"
    )


def test_many_partitions_make_a_short_message(expect, bigquery, trips):
    bigquery.put("ny_taxi.many", trips, {f"2022{at:04}": 1 for at in range(400)})

    with pytest.raises(ExpectationError) as failure:
        expect.bigquery("ny_taxi.many").partitions({f"2022{at:04}": 2 for at in range(200, 900)})

    message = str(failure.value)
    assert "500 missing, 200 extra, 200 with other rows" in message
    assert "and 490 more" in message
    assert "and 190 more with other rows" in message
    assert len(message.splitlines()) <= 25


def test_what_is_not_partitioned_is_told(expect):
    with pytest.raises(ExpectationError, match="not partitioned"):
        expect.table("ny_taxi.trips").partitions(["20210131"])


def test_one_text_is_not_several_ids(expect):
    with pytest.raises(InputError, match=r"\['20210131'\]"):
        expect.bigquery("ny_taxi.trips").partitions("20210131")
