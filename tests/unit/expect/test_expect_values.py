from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import ExpectationError, InputError
from harness.expect import Target
from harness.expect.subject import Subject
from harness.services.protocol import Column, Sink

UTC = dt.UTC
moment = dt.datetime.fromisoformat
NOON = moment("2021-01-31 12:00")
LATE = moment("2021-01-31 23:59:59")


class OneTable:
    def __init__(self, table):
        self.table = table

    def read(self, name):
        return self.table


def column_of(values):
    """A target for one column of values, without a service."""
    table = pa.table({"c": values})
    sink = Sink(
        service="gcs",
        name="b/o",
        rows=table.num_rows,
        columns=(Column(name="c", type=str(table.schema.types[0])),),
    )
    return Target(Subject(source=OneTable(table), sinks=(sink,), label="it")).column("c")


def failure_of(check, *args) -> str:
    with pytest.raises(ExpectationError) as failure:
        check(*args)
    message = str(failure.value)
    assert len(message.splitlines()) <= 25
    assert all(letter.isprintable() or letter == "\n" for letter in message)
    return message


def test_nulls_are_counted_and_shown_with_their_row(expect):
    message = failure_of(expect.table("ny_taxi.trips").column("passengers").no_nulls)

    assert message == (
        "Postgres table ny_taxi.trips: expected no nulls in column passengers,"
        " found 1 of 6 rows (17 %)\n"
        "  evidence: row  passengers  trip_id  vendor_id  picked_up            distance  flag\n"
        "            1    null        2        2          2021-01-31 23:59:00  1.5       'Y'"
    )


def test_nan_is_no_value(expect):
    message = failure_of(expect.table("ny_taxi.trips").column("distance").no_nulls)

    assert "found 1 of 6 rows (17 %), 1 of them NaN" in message
    assert "2    nan" in message


def test_duplicates_are_shown_with_their_numbers(expect):
    expect.table("zones").column("zone").unique()

    message = failure_of(expect.table("ny_taxi.trips").column("flag").unique)

    assert message == (
        "Postgres table ny_taxi.trips: expected unique values in column flag,"
        " found 1 more than once, 2 rows too many of 6\n"
        "  evidence: flag  rows  first row\n"
        "            'N'   3     0"
    )


def test_values_outside_are_counted_and_shown(expect):
    column = expect.table("ny_taxi.trips").column("distance")

    message = failure_of(column.between, 0, 50)

    assert message.startswith(
        "Postgres table ny_taxi.trips: expected values from 0 to 50 in column distance,"
        " found -2.0 to 100.0: 3 of 6 rows (50 %) outside (1 below, 1 above, 1 NaN)\n"
        "  evidence: row  distance  trip_id"
    )
    assert [line.split()[:2] for line in message.splitlines()[2:]] == [
        ["2", "nan"],
        ["3", "-2.0"],
        ["4", "100.0"],
    ]


def test_other_values_are_shown_with_their_numbers(expect):
    column = expect.table("ny_taxi.trips").column("flag")
    column.isin(["N", "Y", ""])

    message = failure_of(column.isin, ["Y"])

    assert message == (
        "Postgres table ny_taxi.trips: expected no values but 1 in column flag,"
        " found 2 others in 4 of 6 rows (67 %)\n"
        "  evidence: flag  rows  first row\n"
        "            'N'   3     0\n"
        "            ''    1     3"
    )


def test_samples_are_short_whatever_the_data():
    many = column_of([f"{at} \x1b[31m\n{'x' * 500}" for at in range(1_000)] * 2)

    message = failure_of(many.unique)
    assert "found 1,000 more than once, 1,000 rows too many of 2,000" in message
    assert "... and 990 more values" in message
    assert "... and 1,995 more rows" in failure_of(many.between, "a", "b")
    assert max(map(len, message.splitlines())) < 130


@pytest.mark.parametrize(
    ("values", "inside", "outside"),
    [
        (pa.array([2, None, 4], pa.int8()), (2, 4), (2, 3)),
        (pa.array([2, 4], pa.int64()), (1.5, 4.5), (2.5, 4.5)),
        (pa.array([2**53 + 1], pa.int64()), (0.5, 1e17), (0.5, 2**53)),
        (pa.array([2, 4], pa.uint64()), (-1, None), (None, 3)),
        (pa.array([2, 4], pa.int64()), (float("-inf"), 4), (3, float("inf"))),
        (pa.array([2, 4], pa.int64()), (2, 4), (3.5, 3.5)),
        (pa.array([0.5, 4.0], pa.float32()), (0, 4), (1, 4)),
        (pa.array([0.5, 4.0], pa.float16()), (0, 4), (1, 4)),
        (pa.array([0.5, float("inf")]), (0, float("inf")), (0, 1e300)),
        (pa.array([Decimal("1.25")], pa.decimal128(10, 2)), (1, 1.25), (1, Decimal("1.24"))),
        (pa.array([Decimal("1.25")], pa.decimal256(76, 38)), (1, 2), (2, 3)),
        (pa.array(["b", "c"]), ("b", "c"), ("b", "bz")),
        (pa.array(["b", "c"], pa.string_view()), ("b", "c"), ("c", "d")),
        (pa.array(["b", "c"]).dictionary_encode(), ("b", "c"), ("c", "d")),
        (
            pa.array([dt.date(2021, 1, 31)]),
            (dt.date(2021, 1, 1), "2021-01-31"),
            ("2021-02-01", None),
        ),
        (pa.array([NOON, LATE]), ("2021-01-31", dt.date(2021, 1, 31)), (None, NOON)),
        (pa.array([NOON, LATE]), (NOON, LATE), ("2021-01-31 12:00:01", None)),
        (
            pa.array([NOON], pa.timestamp("ns")),
            (moment("0001-01-01"), moment("9999-01-01")),
            (None, moment("0001-01-01")),
        ),
        (pa.array([NOON], pa.timestamp("s")), (NOON, NOON), (None, "2021-01-31 11:59")),
        (
            pa.array([NOON.replace(tzinfo=UTC)], pa.timestamp("us", tz="America/New_York")),
            (NOON, dt.datetime(2021, 1, 31, 7, tzinfo=dt.timezone(dt.timedelta(hours=-5)))),
            (None, dt.datetime(2021, 1, 31, 12, tzinfo=dt.timezone(dt.timedelta(hours=1)))),
        ),
        (pa.array([dt.time(12)]), ("11:00", dt.time(12)), (None, "11:59:59")),
        (pa.array([dt.timedelta(1)]), (dt.timedelta(0), None), (None, dt.timedelta(0))),
    ],
)
def test_limits_in_the_types_that_columns_have(values, inside, outside):
    column = column_of(values)

    column.between(*inside)
    assert "outside" in failure_of(column.between, *outside)


@pytest.mark.parametrize(
    ("values", "limits"),
    [
        (pa.array([1]), ("a", "b")),
        (pa.array([1]), (True, 2)),
        (pa.array([1]), (float("nan"), 2)),
        (pa.array([1]), (None, None)),
        (pa.array([1]), (3, 2)),
        (pa.array(["a"]), (1, 2)),
        (pa.array([True]), (0, 1)),
        (pa.array([[1]]), (0, 1)),
        (pa.array([NOON]), ("last year", None)),
        (pa.array([NOON]), (NOON.replace(tzinfo=UTC), None)),
        (pa.array([NOON]), (20210131, None)),
    ],
)
def test_limits_that_mean_nothing_are_refused(values, limits):
    with pytest.raises(InputError):
        column_of(values).between(*limits)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (pa.array([1, 1, None, None]), "1"),
        (pa.array([Decimal("1.25")] * 2, pa.decimal256(76, 38)), "1.2500000"),
        (pa.array([1.5, 1.5], pa.float16()), "1.5"),
        (pa.array([1_612_094_400_000_000_123] * 2, pa.timestamp("ns")), "2021-01-31 12:00:00"),
        (pa.array([NOON.replace(tzinfo=UTC)] * 2), "2021-01-31 12:00:00+00:00"),
        (pa.array([{"a": 1}] * 2), "{'a': 1}"),
        (pa.array([[1, 2]] * 2), "[1, 2]"),
        (pa.array(["x", "x"]).dictionary_encode(), "'x'"),
        (pa.array([b"\0"] * 2), r"b'\x00'"),
        (
            pa.ExtensionArray.from_storage(
                pa.opaque(pa.string(), "numeric", "PostgreSQL"), pa.array(["1.2", "1.2"])
            ),
            "'1.2'",
        ),
    ],
)
def test_duplicates_of_every_type_are_found(values, shown):
    column = column_of(values)
    assert shown in failure_of(column.unique)
    column_of(values.slice(0, 1)).unique()


def test_rows_in_several_chunks_are_found_at_their_place():
    column = column_of(pa.chunked_array([[1, 2], [], [3, 2], [None]]))

    assert failure_of(column.unique).splitlines()[-1].split() == ["2", "2", "1"]
    assert failure_of(column.between, 0, 2).splitlines()[-1].split() == ["2", "3"]
    assert failure_of(column.no_nulls).splitlines()[-1].split() == ["4", "null"]
    assert failure_of(column.isin, [1, 2]).splitlines()[-1].split() == ["3", "1", "2"]


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64(), pa.string(), pa.timestamp("us")])
def test_nothing_is_wrong_with_nothing(kind):
    column = column_of(pa.array([], kind))
    limits = {pa.string(): ("a", "b"), pa.timestamp("us"): ("2021-01-01", None)}

    column.no_nulls().unique().isin([]).between(*limits.get(kind, (0, 1)))


def test_values_to_be_in_are_several_and_of_the_columns_type():
    with pytest.raises(InputError, match="not one text"):
        column_of(["a"]).isin("abc")
    with pytest.raises(InputError, match="no values of type int64"):
        column_of([1]).isin(["a"])


@settings(deadline=None, max_examples=50)
@given(
    values=st.lists(st.none() | st.integers(-9, 9), max_size=30),
    low=st.integers(-9, 9) | st.floats(-9, 9),
    width=st.integers(0, 9),
)
def test_the_verdicts_are_those_of_plain_python(values, low, width):
    column = column_of(pa.array(values, pa.int64()))
    known = [value for value in values if value is not None]
    allowed = set(range(-9, 5))

    def holds(check, *args):
        try:
            check(*args)
        except ExpectationError:
            return False
        return True

    assert holds(column.no_nulls) == (None not in values)
    assert holds(column.unique) == (len(set(known)) == len(known))
    assert holds(column.between, low, low + width) == all(
        low <= value <= low + width for value in known
    )
    assert holds(column.isin, allowed) == allowed.issuperset(known)


def test_uuids_are_seen_as_their_texts():
    one, other = UUID(int=5), UUID(int=6)
    column = column_of(pa.array([one.bytes, None], pa.uuid()))

    column.isin([str(one)]).isin([one]).matches("0000.*5").unique()
    assert "found 1 other" in failure_of(column.isin, [other])
