"""Keys of several columns, keys of other tables, patterns, sums and freshness."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from harness.clock.clock import Clock, offset_to
from harness.errors import ExpectationError, InputError
from harness.expect import Expect
from harness.rerun.expect import SessionExpect

moment = dt.datetime.fromisoformat


@pytest.fixture
def column(expect, postgres):
    def make(values, kind=None):
        postgres.put("public.t", pa.table({"c": pa.array(values, kind)}))
        return expect.table("t").column("c")

    return make


def failure_of(check, *args, **options) -> str:
    with pytest.raises(ExpectationError) as failure:
        check(*args, **options)
    assert failure.value.facts["difference"] in str(failure.value)
    return str(failure.value)


def test_rows_are_unique_by_several_columns(expect, postgres):
    trips = expect.table("ny_taxi.trips").unique("trip_id", "picked_up", "passengers")

    assert failure_of(trips.unique, "picked_up", "vendor_id") == (
        "Postgres table ny_taxi.trips: expected unique rows by picked_up, vendor_id, found 2 keys"
        " more than once, 3 rows too many of 6\n"
        "  evidence: rows  picked_up            vendor_id  trip_id  passengers  distance  flag\n"
        "            3     2021-01-31 23:59:00  1          1        1           0.5       'N'\n"
        "            2     2021-01-31 23:59:00  2          2        null        1.5       'Y'"
    )
    assert "expected a column picked" in failure_of(trips.unique, "trip_id", "picked")
    with pytest.raises(InputError, match="needs a column"):
        trips.unique()
    postgres.put("public.nulls", pa.table({"a": [1, 1, None, None], "b": [None, None, 2, 2]}))
    expect.table("nulls").unique("a", "b")


def test_values_are_those_of_another_table(expect, gcs):
    flags = pa.table({"id": pa.array([1, 2, None], pa.int8()), "name": ["a", "b", "c"]})
    gcs.put("lake/vendors.parquet", flags)
    vendors = expect.objects("lake", "vendors.parquet")
    column = expect.table("ny_taxi.trips").column("vendor_id")

    assert column.foreign_key(vendors, "id") is column
    expect.table("ny_taxi.trips").column("trip_id").foreign_key(expect.bigquery("ny_taxi.trips"))
    message = failure_of(expect.table("ny_taxi.trips").column("trip_id").foreign_key, vendors, "id")
    assert message == (
        "Postgres table ny_taxi.trips: expected values of column id of GCS object"
        " lake/vendors.parquet in column trip_id, found 3 values that it does not have,"
        " in 4 of 6 rows\n"
        "  evidence: trip_id  rows  first row\n"
        "            4        2     3\n"
        "            3        1     2\n"
        "            6        1     5"
    )
    assert "found values of another kind" in failure_of(column.foreign_key, vendors, "name")
    assert "expected a column vendor_id" in failure_of(column.foreign_key, vendors)
    distance = expect.table("ny_taxi.trips").column("distance")
    assert "found 6 values" in failure_of(distance.foreign_key, vendors, "id")


def test_texts_match_as_a_whole(column):
    codes = column(["N1", "Y22", None])
    codes.matches(r"[NY]\d+").matches("N1|Y22")

    message = failure_of(codes.matches, r"[NY]\d")
    assert "expected values that match [NY]\\d in column c, found 1 other in 1 of 3 rows" in message
    assert message.splitlines()[-1].split() == ["'Y22'", "1", "1"]
    with pytest.raises(InputError, match="no regular expression"):
        codes.matches("(")
    with pytest.raises(InputError, match="only texts"):
        column([1]).matches("1")


@pytest.mark.parametrize(
    ("values", "kind", "total", "wrong"),
    [
        ([2**62, 2**62, 2**62, None], pa.int64(), 3 * 2**62, 3 * 2**62 + 1),
        ([Decimal("0.10")] * 3, pa.decimal128(38, 2), Decimal("0.30"), Decimal("0.3001")),
        ([Decimal("0.10")] * 3, pa.decimal128(38, 2), 0.3, 0.31),
        ([9 * 10**37, 9 * 10**37], pa.decimal128(38, 0), 18 * 10**37, 18 * 10**37 + 1),
        ([0.1] * 10, pa.float64(), 1, 1.001),
        ([1, 2], pa.int64(), np.int64(3), np.int64(4)),
        ([0.5, 1.0], pa.float64(), np.float32(1.5), np.float32(1.25)),
        ([float("inf"), 1.0], pa.float64(), float("inf"), 5),
        ([], pa.int64(), 0, 1),
        ([None], pa.null(), 0, 1),
    ],
)
def test_sums(column, values, kind, total, wrong):
    values = column(values, kind)
    values.sums_to(total)
    assert "in column c, found" in failure_of(values.sums_to, wrong)


def test_sums_within_a_tolerance(column):
    prices = column([Decimal("1.10"), Decimal("2.20")])
    prices.sums_to(3, tolerance=0.3)

    assert failure_of(prices.sums_to, 3, tolerance=0.25) == (
        "Postgres table public.t: expected the sum 3 within 0.25 in column c,"
        " found 3.30 (+0.30) in 2 values"
    )
    with pytest.raises(InputError, match="cannot be added up"):
        column(["a"]).sums_to(1)


def test_the_newest_moment_is_fresh(column):
    at = column([moment("2021-01-31 10:00"), None])
    at.freshness("2h", now=moment("2021-01-31 12:00")).freshness(
        dt.timedelta(1), now=moment("2021-01-31 09:59")
    )

    assert failure_of(at.freshness, "90m", now=moment("2021-01-31 12:00")) == (
        "Postgres table public.t: expected moments of the last 1:30:00 in column c, found the"
        " newest, 2021-01-31 10:00:00, 2:00:00 before 2021-01-31 12:00:00 UTC (0:30:00 too old)"
    )
    assert "too old" in failure_of(at.freshness, "52w")
    east = dt.timezone(dt.timedelta(hours=5))
    at.freshness("2h", now=dt.datetime(2021, 1, 31, 17, tzinfo=east))
    column([dt.date(2021, 1, 31)]).freshness("1h", now=moment("2021-02-01 00:30"))
    column([moment("2021-01-31 10:00").replace(tzinfo=dt.UTC)]).freshness(
        "2h", now=moment("2021-01-31 12:00")
    )
    assert "found no values" in failure_of(column([None], pa.date32()).freshness, "1d")
    with pytest.raises(InputError, match="no length of time"):
        at.freshness("soon")
    with pytest.raises(InputError, match="no newest moment"):
        column([1]).freshness("1d")


def test_a_moment_that_is_yet_to_come_is_not_fresh(column):
    at = column([moment("2021-01-31 10:00")])
    assert failure_of(at.freshness, "2h", now=moment("2021-01-31 09:58")) == (
        "Postgres table public.t: expected moments of the last 2:00:00 in column c, found the"
        " newest, 2021-01-31 10:00:00, after 2021-01-31 09:58:00 UTC: it is yet to come"
    )
    day = column([dt.date(2021, 1, 31)])
    day.freshness("1h", now=moment("2021-01-30 11:00"))
    assert "yet to come" in failure_of(day.freshness, "1h", now=moment("2021-01-30 09:00"))


def test_the_newest_moment_is_fresh_by_the_clock_of_the_world(postgres):
    postgres.put("public.t", pa.table({"c": [moment("2021-01-31 10:00")]}))
    world = Expect(postgres=postgres, now=lambda: dt.datetime(2021, 1, 31, 12, tzinfo=dt.UTC))

    world.table("t").column("c").freshness("2h")
    assert "too old" in failure_of(world.table("t").column("c").freshness, "1h")
    assert "too old" in failure_of(Expect(postgres=postgres).table("t").column("c").freshness, "1d")


def test_a_session_tells_the_time_of_its_world(postgres):
    postgres.put("public.t", pa.table({"c": [moment("2021-01-31 10:00")]}))
    clock = Clock()
    clock.set(offset_to(dt.datetime(2021, 1, 31, 12, tzinfo=dt.UTC)))
    stack = SimpleNamespace(service={"postgres": postgres}.__getitem__, clock=clock)

    expect = SessionExpect(SimpleNamespace(stack=stack, last_run=None))
    expect.table("t").column("c").freshness("3h")


@pytest.mark.parametrize("tolerance", [float("inf"), float("nan"), -1, True, dt.timedelta(1), "1"])
@pytest.mark.parametrize("values", [[1, 2], [1.5, 2.5]])
def test_a_sum_within_anything_is_refused(column, values, tolerance):
    with pytest.raises(InputError, match="tolerance of a sum cannot be"):
        column(values).sums_to(99, tolerance=tolerance)


@pytest.mark.parametrize("total", [float("nan"), Decimal("nan"), "3", True, None])
@pytest.mark.parametrize("values", [[1, 2], [1.5, 1.5]])
def test_a_sum_that_is_no_number_is_refused(column, values, total):
    with pytest.raises(InputError, match=r"sum cannot be|adds up to NaN"):
        column(values).sums_to(total)


def test_floats_that_cancel_out_add_up_to_nothing(column):
    column([0.1, 0.2, -0.3]).sums_to(0)
    assert "expected the sum 0" in failure_of(column([1e9, -1e9, 0.001]).sums_to, 0)
    assert "expected the sum inf" in failure_of(column([1.0]).sums_to, float("inf"))


@pytest.mark.parametrize(
    ("between", "step", "ids"),
    [
        (("2021-01-30", "2021-02-01"), 1, ["20210130", "20210131", "20210201"]),
        (("2021-01-30", "2021-01-31"), 1, ["day=2021-01-30", "day=2021-01-31"]),
        (
            ("2021-01-30", "2021-01-31"),
            1,
            ["a=x/day=2021-01-30", "a=y/day=2021-01-30", "a=x/day=2021-01-31"],
        ),
        (("2021-01-31", "2021-02-01"), 1, ["year=2021/month=1/day=31", "year=2021/month=2/day=1"]),
        (("2020-12", "2021-01"), 1, ["202012", "202101"]),
        (("2020-12", "2021-01"), 1, ["month=2020-12", "month=2021-01"]),
        (("2021-01-31T23", "2021-02-01 00"), 1, ["2021013123", "2021020100"]),
        (("9999-12-30", "9999-12-31"), 1, ["99991230", "99991231"]),
        (("9999-12-31T22", "9999-12-31T23"), 1, ["9999123122", "9999123123"]),
        (("0999-12-31", "1000-01-01"), 1, ["09991231", "10000101"]),
        (("2021-01-31T23", "2021-01-31T23"), 1, ["at=2021-01-31 23%3A00%3A00"]),
        ((dt.date(2021, 1, 31), dt.date(2021, 1, 31)), 1, ["20210131"]),
        ((0, 20), 10, ["0", "10", "20"]),
        ((-1, 1), 1, ["n=-1", "n=0", "n=01"]),
    ],
)
def test_partitions_of_a_range(expect, bigquery, between, step, ids):
    bigquery.put("d.t", pa.table({"a": [1]}), dict.fromkeys(ids, 1))
    expect.bigquery("d.t").partitions(between=between, step=step)
    bigquery.put("d.t", pa.table({"a": [1]}), dict.fromkeys(ids[:-1], 1))
    if ids[:-1]:
        assert "1 missing" in failure_of(
            expect.bigquery("d.t").partitions, between=between, step=step
        )


def test_partitions_outside_of_a_range_are_told(expect, bigquery):
    ids = {"20210130": 2, "20210201": 3, "__NULL__": 4}
    bigquery.put("d.t", pa.table({"a": [1]}), ids)

    assert failure_of(expect.bigquery("d.t").partitions, between=("2021-01-29", "2021-01-31")) == (
        "BigQuery table d.t: expected 3 day partitions from 2021-01-29 to 2021-01-31, found 3:"
        " 2 missing, 2 extra\n"
        "  evidence: missing (2): 2021-01-29, 2021-01-31\n"
        "            extra (2): 20210201 (3 rows), __NULL__ (4 rows)"
    )
    assert "it is not partitioned" in failure_of(
        expect.table("zones").partitions, between=("2021-01", "2021-02")
    )
    for wrong in (
        ("2021-02", "2021-01"),
        ("2021-01", "2021-01-31"),
        ("x", "y"),
        (1, "2"),
        ("2021-02-30",) * 2,
        (moment("2021-01-31 10:30"), moment("2021-01-31 12:00")),
    ):
        with pytest.raises(InputError, match="no range of partitions"):
            expect.bigquery("d.t").partitions(between=wrong)
    for step in (0, -1):
        with pytest.raises(InputError, match="step"):
            expect.bigquery("d.t").partitions(between=(1, 3), step=step)
    with pytest.raises(InputError, match="only one of them"):
        expect.bigquery("d.t").partitions()


def test_nulls_of_the_schema_count_on_request(expect):
    zones = expect.table("zones")
    zones.schema({"zone": "text"}, nullable={"zone": True})

    message = failure_of(zones.schema, {"zone": "text"}, nullable={"zone": False})
    assert "columns 1 with other nulls" in message
    assert "zone    not null  nullable  nulls" in message
    with pytest.raises(InputError, match="does not have"):
        zones.schema({"zone": "text"}, nullable={"zones": False})
