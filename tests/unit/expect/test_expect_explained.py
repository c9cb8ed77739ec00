"""What became of values, told from the values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from harness.expect.explain import explained, explained_type

moment = dt.datetime.fromisoformat
DAYS = pa.array([dt.date(2021, 1, 30), dt.date(2021, 1, 31), None])
MOMENTS = pa.array(
    [
        moment("2021-01-30 23:59:01.123456"),
        moment("2021-07-31 11:58:42.9"),
        moment("2021-12-01 00:00:30"),
    ]
)
HALVES = pa.array([1.0, 2.5, 3.25, 4.75])
ZONED = MOMENTS.cast(pa.timestamp("us", tz="UTC"))


def shifted(values, *hours):
    parts = [pc.add(values[at], dt.timedelta(hours=hour)).as_py() for at, hour in enumerate(hours)]
    return pa.array(parts, values.type)


def words(expected, found, *names):
    first, second = names or (str(expected.type), str(found.type))
    return explained(
        pa.chunked_array([expected]), pa.chunked_array([found]), expected=first, found=second
    )


@pytest.mark.parametrize(
    ("expected", "found", "said"),
    [
        (DAYS, DAYS.cast(pa.int32()).cast(pa.int64()), "days since 1970-01-01"),
        (DAYS, pa.array([20210130, 20210131, None]), "the digits of year, month and day"),
        (DAYS, DAYS.cast(pa.timestamp("s")).cast(pa.int64()), "seconds since 1970-01-01"),
        (MOMENTS, pc.divide(MOMENTS.cast(pa.int64()), 1000), "milliseconds since 1970-01-01"),
        (MOMENTS, MOMENTS.cast(pa.int64()), "microseconds since 1970-01-01"),
        (
            MOMENTS,
            MOMENTS.cast(pa.timestamp("ns")).cast(pa.int64()),
            "nanoseconds since 1970-01-01",
        ),
        (DAYS, DAYS.cast(pa.timestamp("us")), "midnight of each day"),
        (MOMENTS, MOMENTS.cast(pa.date32(), safe=False), "the time of day is lost"),
        (MOMENTS, pc.strftime(MOMENTS, "%Y-%m-%dT%H:%M:%S"), "their ISO text"),
        (DAYS, DAYS.cast(pa.string()), "their ISO text"),
        (pa.array([True, False]), pa.array([1, 0]), "false is 0, true is 1"),
        (pa.array([True, False]), pa.array(["True", "False"]), "their text"),
        (pa.array([1, 2]), pa.array(["1", "2"]), "their text"),
        (pa.array([1, 2]), pa.array(["1.0", "2.0"]), "their text, written in another way"),
        (pa.array(["007", "10"]), pa.array([7, 10]), "its leading zeros are lost"),
        (pa.array([[1], [2]]), pa.array(["[1]", "[2]"]), "text of lists or objects, such as JSON"),
        (pa.array([1, 2]), pa.array([[1], [2]]), "int64 became list<item: int64>"),
    ],
)
def test_values_of_another_kind(expected, found, said):
    assert said in words(expected, found)
    assert words(expected, found).startswith(f"{expected.type} became {found.type}")


@pytest.mark.parametrize(
    ("expected", "found", "said"),
    [
        (MOMENTS, pc.floor_temporal(MOMENTS, unit="millisecond"), "timestamps cut to milliseconds"),
        (MOMENTS, pc.floor_temporal(MOMENTS, unit="second"), "timestamps cut to seconds"),
        (MOMENTS, pc.floor_temporal(MOMENTS, unit="day"), "timestamps cut to days"),
        (MOMENTS, pc.round_temporal(MOMENTS, unit="second"), "timestamps rounded to seconds"),
        (MOMENTS, shifted(MOMENTS, 5, 5, 5), "each moment is 5 hours later"),
        (MOMENTS, shifted(MOMENTS, -24, -24, -24), "each moment is 1 day earlier"),
        (
            MOMENTS,
            shifted(MOMENTS, -5, -4, -5),
            "5 hours earlier in 2 rows and 4 hours earlier in 1 row",
        ),
        (MOMENTS, shifted(MOMENTS, 1, 5, 3), ""),
        (MOMENTS.slice(0, 2), shifted(MOMENTS.slice(0, 2), 5, 5), ""),
        (ZONED, MOMENTS, "the time zone UTC is lost; the moments are those of UTC"),
        (
            ZONED.cast(pa.timestamp("us", tz="America/New_York")),
            pc.local_timestamp(ZONED.cast(pa.timestamp("us", tz="America/New_York"))),
            "local times of America/New_York, without their zone",
        ),
        (HALVES, pc.trunc(HALVES), "what is behind the point is lost"),
        (HALVES, pc.round(HALVES, 1), "rounded to 1 digit behind the point"),
        (HALVES, pc.multiply(HALVES, 100.0), "each is 100 times what is expected"),
        (HALVES, pc.negate(HALVES), "each has the other sign"),
        (HALVES, pc.add(HALVES, 2.0), "each is 2 more than expected"),
        (pa.array([0.1, 1.7]), pa.array([0.1, 1.7]).cast(pa.float32()), "cut to single precision"),
        (pa.array([0.3]), pa.array([0.1 + 0.2]), "in the last digits of doubles only"),
        (pa.array([1, 70_000]), pa.array([1, 4_464], pa.int16()), "wrapped to 16 bits"),
        (
            pa.array([Decimal("1.005")], pa.decimal128(5, 3)),
            pa.array([Decimal("1.01")], pa.decimal128(5, 2)),
            "rounded to 2 digits behind the point",
        ),
        (
            pa.array([1, None]),
            pa.array([1.0, None]),
            "int64 became double: pandas keeps whole numbers",
        ),
        (pa.array([1]), pa.array([1], pa.int16()), "all values fit into 16 bits"),
        (pa.array(["Ab", "c"]), pa.array(["ab", "c"]), "in lower case"),
        (pa.array(["a ", "b"]), pa.array(["a", "b"]), "without the space around them"),
        (pa.array(["a", "b"]), pa.array(["a  ", "b  "]), "filled up with spaces"),
        (pa.array(["abcdef", "ab"]), pa.array(["abc", "ab"]), "cut to 3 characters"),
        (pa.array(["Zürich"]), pa.array(["ZÃ¼rich"]), "UTF-8 that was read as latin-1"),
        (
            pa.array(["Zürich", "x", "Zürich"]),
            pa.array(["ZÃ¼rich", "x", "ZÃ¼rich"]),
            "UTF-8 that was read as latin-1",
        ),
        (pa.array(["Zürich", "y"]), pa.array(["ZÃ¼rich", "x"]), ""),
        (pa.array(["x" * 3, "y"]), pa.array(["z", "w"]), ""),
        (pa.array(["“a”"]), pa.array(["â€œaâ€\x9d"]), ""),
        (pa.array(["“a"]), pa.array(["â€œa"]), "UTF-8 that was read as cp1252"),
        (pa.array(["1", "2"]), pa.array(["1.0", "2.0"]), "went through floats"),
        (pa.array(["a", "b"]), pa.array(["b", "a"]), ""),
        (pa.array([1.0, None]), pa.array([1.0, float("nan")]), "1 null became NaN"),
        (pa.array(["a", None]), pa.array(["a", "None"]), "1 null became the text 'None'"),
        (pa.array(["a", ""]), pa.array(["a", None]), "the empty text became null in 1 row"),
        (pa.array([5, None, None]), pa.array([5, 0, 0]), "2 nulls became 0"),
        (pa.array([1, 2]), pa.array([1, 2]), ""),
        (pa.array([], pa.int64()), pa.array([], pa.string()), ""),
    ],
)
def test_values_of_the_same_kind(expected, found, said):
    told = words(expected, found)
    assert said in told
    assert bool(said) == bool(told)


@pytest.mark.parametrize(
    ("expected", "found", "name", "said"),
    [
        (
            "date",
            pa.array([18_628, 18_658]),
            "bigint",
            "days since 1970-01-01, 2021-01-01 to 2021-01-31",
        ),
        (
            "DATE",
            pa.array([1_612_051_200_000_000]),
            "INT64",
            "microseconds since 1970-01-01, 2021-01-31",
        ),
        ("timestamp", pa.array([1_612_051_200]), "bigint", "seconds since 1970-01-01"),
        ("timestamp", pa.array([7]), "bigint", ""),
        ("date", pa.array([moment("2021-01-31")]), "timestamp", "each at midnight"),
        ("date", pa.array([moment("2021-01-31 12:00")]), "timestamp", "with times of day"),
        ("timestamptz", MOMENTS, "timestamp without time zone", "without a time zone"),
        (
            "bigint",
            pa.array([1], pa.int16()),
            "smallint",
            "its width from the first run's values; a value past 32,767",
        ),
        (
            "bigint",
            pa.array([1.0, None]),
            "double precision",
            "whole numbers beside 1 null: pandas",
        ),
        ("bigint", pa.array([1.5]), "double precision", ""),
        ("boolean", pa.array([0, 1]), "bigint", "0 and 1"),
        ("numeric(10,2)", pa.array([1.5]), "double precision", "doubles round"),
        ("timestamp", pa.array(["2021-01-31"]), "text", "text such as '2021-01-31'"),
        ("date", pa.array([], pa.int64()), "bigint", ""),
    ],
)
def test_a_column_of_another_type(expected, found, name, said):
    told = explained_type(expected, pa.chunked_array([found]), found=name)
    assert said in told
    assert bool(said) == bool(told)


def test_of_very_many_texts_the_encoding_is_not_looked_for(monkeypatch):
    monkeypatch.setattr("harness.expect.explain.texts._MOST_TEXTS", 1)
    one, two = pa.array(["ü"]), pa.array(["ü", "ö"])

    assert "latin-1" in words(one, pa.array(["Ã¼"]))
    assert words(two, pa.array(["Ã¼", "Ã¶"])) == ""
