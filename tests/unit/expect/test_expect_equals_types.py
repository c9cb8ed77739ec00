"""Values of every type are compared as what they are, neither rounded nor mixed up."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pyarrow as pa
import pytest

from harness.errors import ExpectationError, InputError
from harness.expect import Target
from harness.expect.subject import Subject
from harness.services.protocol import Column, Sink

NOON = dt.datetime.fromisoformat("2021-01-31 12:00")
NAN = float("nan")
LONG = Decimal(12345678901234567890123456789012345678)


class OneTable:
    def __init__(self, table):
        self.table = table

    def read(self, name):
        return self.table


def target(table, service="gcs"):
    columns = tuple(Column(name=one.name, type=str(one.type)) for one in table.schema)
    sink = Sink(service=service, name="b/o", rows=table.num_rows, columns=columns)
    return Target(Subject(source=OneTable(table), sinks=(sink,), label="it"))


def is_equal(expected, found, **options) -> bool:
    try:
        target(found).equals(expected, **options)
    except ExpectationError:
        return False
    return True


def column(values, kind=None):
    return pa.table({"k": pa.array(range(len(values))), "c": pa.array(values, kind)})


SAME = [
    (([1, None], pa.int16()), ([1, None], pa.int64())),
    (([1, 2**53 + 1], pa.int64()), ([1, 2**53 + 1], pa.uint64())),
    (([1, None], pa.int64()), ([1.0, None], pa.float64())),
    (([2**53], pa.int64()), ([float(2**53)], pa.float64())),
    (([NAN, -0.0], pa.float64()), ([NAN, 0.0], pa.float64())),
    (([0.5], pa.float16()), ([0.5], pa.float64())),
    (([Decimal("1.10")], pa.decimal128(5, 2)), ([Decimal("1.1")], pa.decimal128(38, 1))),
    (([Decimal("1.10")], pa.decimal128(38, 30)), ([Decimal("1.1")], pa.decimal128(38, 1))),
    (([LONG], pa.decimal128(38, 0)), ([LONG], pa.decimal256(60, 10))),
    (([Decimal(7)], pa.decimal128(38, 0)), ([7], pa.int8())),
    (([Decimal("1.1")], pa.decimal128(5, 2)), ([1.1], pa.float64())),
    (([NOON], pa.timestamp("s")), ([NOON], pa.timestamp("ns"))),
    (([NOON], pa.timestamp("us")), ([NOON.replace(tzinfo=dt.UTC)], pa.timestamp("us", tz="UTC"))),
    (
        ([NOON.replace(tzinfo=dt.UTC)], pa.timestamp("us", tz="America/New_York")),
        ([NOON.replace(tzinfo=dt.UTC)], pa.timestamp("ms", tz="UTC")),
    ),
    (([NOON.time()], pa.time32("s")), ([NOON.time()], pa.time64("ns"))),
    (([dt.timedelta(1)], pa.duration("s")), ([dt.timedelta(1)], pa.duration("ns"))),
    (([NOON.date()], pa.date32()), ([NOON.date()], pa.date64())),
    ((["a", None], pa.string()), (["a", None], pa.dictionary(pa.int8(), pa.large_string()))),
    ((["a"], pa.string_view()), (["a"], pa.large_string())),
    (([b"a\0"], pa.binary(2)), ([b"a\0"], pa.large_binary())),
    (([None, None], pa.null()), ([None, None], pa.int64())),
    (([[1, None], None], pa.list_(pa.int8())), ([[1, None], None], pa.large_list(pa.int64()))),
    (
        ([{"a": 1, "b": ["x"]}], pa.struct([("a", pa.int8()), ("b", pa.list_(pa.string()))])),
        (
            [{"b": ["x"], "a": 1}],
            pa.struct([("b", pa.list_(pa.large_string())), ("a", pa.int64())]),
        ),
    ),
    (([uuid.UUID(int=5).bytes], pa.uuid()), ([str(uuid.UUID(int=5))], pa.string())),
    (([], pa.int64()), ([], pa.float64())),
]

OTHER = [
    (([2**53 + 1], pa.int64()), ([float(2**53)], pa.float64())),
    (([2**63 - 1], pa.int64()), ([float(2**63)], pa.float64())),
    (([1], pa.int64()), ([1.5], pa.float64())),
    (([1], pa.int64()), ([NAN], pa.float64())),
    (([2**63], pa.uint64()), ([-(2**63)], pa.int64())),
    (([None], pa.float64()), ([NAN], pa.float64())),
    (([None], pa.int64()), ([0], pa.int64())),
    (([None], pa.string()), ([""], pa.string())),
    (([3.14], pa.float32()), ([3.14], pa.float64())),
    (([LONG], pa.decimal128(38, 0)), ([LONG + 1], pa.decimal256(60, 10))),
    (([Decimal("1.10")], pa.decimal128(38, 30)), ([Decimal("1.2")], pa.decimal128(38, 1))),
    (([1_000], pa.timestamp("ns")), ([0], pa.timestamp("us"))),
    (([1_001], pa.timestamp("ns")), ([1], pa.timestamp("us"))),
    (([1], pa.int64()), (["1"], pa.string())),
    (([True], pa.bool_()), ([1], pa.int8())),
    (([NOON.date()], pa.date32()), ([dt.datetime.fromisoformat("2021-01-31")], pa.timestamp("us"))),
    (([b"a"], pa.binary()), (["a"], pa.string())),
    (([[1]], pa.list_(pa.int8())), ([["1"]], pa.list_(pa.string()))),
    (([[1, 2]], pa.list_(pa.int8())), ([[2, 1]], pa.list_(pa.int8()))),
    (([{"a": NAN}], None), ([{"a": None}], pa.struct([("a", pa.float64())]))),
]


@pytest.mark.parametrize(("expected", "found"), SAME)
@pytest.mark.parametrize("options", [{}, {"key": "k"}, {"key": "c"}], ids=str)
def test_the_same_value_in_another_type_is_the_same(expected, found, options):
    if options.get("key") == "c" and len(set(map(str, expected[0]))) < len(expected[0]):
        options = {}
    assert is_equal(column(*expected), column(*found), **options)
    assert is_equal(column(*found), column(*expected), **options)


@pytest.mark.parametrize(("expected", "found"), SAME[:2] + SAME[11:12])
def test_another_type_is_a_difference_on_request(expected, found):
    assert not is_equal(column(*expected), column(*found), strict=True)
    assert is_equal(column(*found), column(*found), strict=True)


@pytest.mark.parametrize(("expected", "found"), OTHER)
@pytest.mark.parametrize("options", [{}, {"key": "k"}, {"key": "c"}], ids=str)
def test_other_values_are_never_the_same(expected, found, options):
    assert not is_equal(column(*expected), column(*found), **options)
    assert not is_equal(column(*found), column(*expected), **options)


@pytest.mark.parametrize(("digits", "scale"), [(10, 2), (38, 2), (76, 38)])
def test_decimals_within_a_tolerance(digits, scale):
    kind = (pa.decimal256 if digits > 38 else pa.decimal128)(digits, scale)
    expected, found = column([Decimal("1.10"), None], kind), column([Decimal("1.15"), None], kind)

    assert is_equal(expected, found, key="k", tolerance=Decimal("0.05") if digits < 38 else 0.0501)
    assert not is_equal(expected, found, key="k", tolerance={"c": 0.04})


def test_a_key_of_another_kind_matches_nothing_and_is_told():
    numbers, texts = column([1, 2]), column(["1", "2"])

    with pytest.raises(ExpectationError) as failure:
        target(texts).equals(numbers, key="c")

    assert "columns 1 of another type" in str(failure.value)
    assert "c       int64     string  other type" in str(failure.value)


def test_nothing_is_equal_to_nothing():
    target(pa.table({})).equals(pa.table({}))
    target(column([], pa.int64())).equals([])
    target(column([], pa.int64())).equals(column([], pa.int64()), key="k")
    assert not is_equal(column([1]), column([], pa.int64()))
    assert not is_equal(column([], pa.int64()), column([1]), key="k")
    assert not is_equal(column([1]), pa.table({}))


def test_odd_names_of_columns():
    odd = pa.table(
        {'a "b"': [1], "ü ñ'; DROP": ["x"], "position": [3], "": [4], "e": [5], "c0": [6]}
    )

    assert is_equal(odd, odd, key=['a "b"', "position"])
    assert is_equal(odd, odd)
    assert not is_equal(odd, odd.set_column(3, "", pa.array([7])), key="position")


def test_columns_of_one_name_are_refused_but_for_those_ignored():
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2]), pa.array([3])], ["a", "a", "b"])

    with pytest.raises(InputError, match="given table has several columns of one name: a"):
        target(twice).equals(twice)
    with pytest.raises(ExpectationError, match="it has several columns of one name: a"):
        target(twice).equals(column([1]))
    assert is_equal(twice, twice, ignoring="a")


def test_rows_of_python_are_read_as_the_types_found():
    found = pa.table(
        {
            "day": pa.array([NOON.date()]),
            "at": pa.array([NOON.replace(tzinfo=dt.UTC)]),
            "price": pa.array([Decimal("1.50")], pa.decimal128(10, 2)),
        }
    )

    assert is_equal([{"day": "2021-01-31", "at": "2021-01-31T12:00:00Z", "price": "1.5"}], found)
    assert is_equal([{"day": NOON.date(), "at": NOON, "price": 1.5}], found)
    with pytest.raises(InputError, match="cannot be made a table"):
        target(found).equals([{"day": 1}, {"day": "x"}])


def test_numbers_of_postgres_that_are_no_decimals():
    field = pa.field("c", pa.string(), metadata={b"POSTGRESQL:type": b"numeric"})
    found = pa.table([pa.array(["1.50", "NaN", None])], schema=pa.schema([field]))

    assert is_equal(pa.table({"c": [NAN, 1.5, None]}), found)


def test_long_texts_are_shown_from_where_they_part():
    found, expected = column(["x" * 500 + "found"]), column(["x" * 500 + "other"])

    with pytest.raises(ExpectationError) as failure:
        target(found).equals(expected, key="k")

    assert "...xxxxxxxxother  ...xxxxxxxxfound" in str(failure.value)
