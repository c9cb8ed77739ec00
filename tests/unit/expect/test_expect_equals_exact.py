"""What is nearly the same is never taken for the same: nested values, keys, long numbers."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import pyarrow as pa
import pytest

from harness.errors import ExpectationError
from harness.expect import Target
from harness.expect.subject import Subject
from harness.services.protocol import Column, Sink

NAN = float("nan")
LISTS = ([], [None], None, [[]], [["x"]])
STRUCTS = ({"a": None}, None, {"a": []}, {"a": [None]})


class OneTable:
    def __init__(self, table):
        self.table = table

    def read(self, name):
        return self.table


def target(table):
    columns = tuple(Column(name=one.name, type=str(one.type)) for one in table.schema)
    sink = Sink(service="gcs", name="b/o", rows=table.num_rows, columns=columns)
    return Target(Subject(source=OneTable(table), sinks=(sink,), label="it"))


def failure(expected, found, **options) -> str:
    """What a test is told, or an empty text where both are equal."""
    try:
        target(found).equals(expected, **options)
    except ExpectationError as error:
        return str(error)
    return ""


def column(values, kind=None):
    return pa.table({"k": pa.array(range(len(values))), "c": pa.array(values, kind)})


def numeric(*texts):
    field = pa.field("c", pa.string(), metadata={b"POSTGRESQL:type": b"numeric"})
    key = pa.field("k", pa.int64())
    keys = pa.array(range(len(texts)), pa.int64())
    return pa.table([keys, pa.array(texts, pa.string())], schema=pa.schema([key, field]))


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [(pa.list_(pa.list_(pa.string())), *pair) for pair in permutations(LISTS, 2)]
    + [(pa.struct([("a", pa.list_(pa.string()))]), *pair) for pair in permutations(STRUCTS, 2)],
)
def test_nested_values_of_nothing_are_told_apart_without_a_key(kind, one, other):
    expected = pa.table({"c": pa.array([one, one, other], kind)})
    found = pa.table({"c": pa.array([other, one, other], kind)})

    message = failure(expected, found)
    assert "1 row missing, 1 row extra" in message
    assert "columns with other values: c" in message
    assert failure(expected, expected.take([2, 0, 1])) == ""


def test_nested_values_that_are_equal_are_equal_in_another_order():
    kind = pa.list_(pa.float64())
    expected = pa.table({"c": pa.array([[NAN, 0.0], [], None], kind), "d": [1, 2, 3]})
    found = pa.table({"c": pa.array([None, [NAN, -0.0], []], kind), "d": [3, 1, 2]})

    assert failure(expected, found) == ""
    assert "1 row missing" in failure(expected, found.set_column(1, "d", pa.array([3, 2, 2])))


def test_a_tolerance_does_not_round_the_key():
    kind = pa.decimal128(38, 9)
    one = pa.table({"id": pa.array([Decimal(10**20)], kind), "v": [1.0]})
    two = pa.table({"id": pa.array([Decimal(10**20), Decimal(10**20 + 1)], kind), "v": [1.0, 1.0]})

    assert "1 row missing" in failure(two, one, key="id", tolerance=0.01)
    assert "1 row extra" in failure(one, two, key="id", tolerance=0.01)
    whole = pa.table({"id": [2**53, 2**53 + 1], "v": [1.0, 1.0]})
    double = pa.table({"id": [float(2**53)], "v": [1.0]})
    assert "1 row missing" in failure(whole, double, key="id", tolerance=0.01)


def test_keys_with_one_nearest_double_cannot_tell_rows_apart():
    near = [Decimal("1.00000000000000000001"), Decimal("1.00000000000000000002")]
    decimals = pa.table({"id": pa.array(near, pa.decimal128(30, 20)), "v": [1, 1]})
    double = pa.table({"id": [1.0], "v": [1]})

    assert "1 key more than once in the given table" in failure(decimals, double, key="id")
    assert "1 key more than once in it" in failure(double, decimals, key="id")


def test_odd_keys_are_told_apart():
    doubles = pa.table({"id": [0.0, 0.5, 1.5, NAN], "v": [1, 1, 1, 1]})
    whole = pa.table({"id": [0], "v": [1]})

    assert "3 rows extra" in failure(whole, doubles, key="id")


OTHER = [
    (([[1.0]], pa.list_(pa.float32())), ([[1.00000000001]], pa.list_(pa.float64()))),
    (
        ([{"a": 1.0}], pa.struct([("a", pa.float32())])),
        ([{"a": 1.00000000001}], pa.struct([("a", pa.float64())])),
    ),
    (([[2**53 + 1]], pa.list_(pa.int64())), ([[float(2**53)]], pa.list_(pa.float64()))),
    (([[1]], pa.list_(pa.int64())), ([[1.5]], pa.list_(pa.float64()))),
    (
        ([[Decimal("1.10")]], pa.list_(pa.decimal128(5, 2))),
        ([[Decimal("1.101")]], pa.list_(pa.decimal128(9, 3))),
    ),
    (([[1_001]], pa.list_(pa.timestamp("ns"))), ([[1]], pa.list_(pa.timestamp("us")))),
]
SAME = [
    (([[0.5, NAN]], pa.list_(pa.float32())), ([[0.5, NAN]], pa.list_(pa.float64()))),
    (([[1, None]], pa.list_(pa.int64())), ([[1.0, None]], pa.list_(pa.float64()))),
    (([[0.1]], pa.list_(pa.float64())), ([[Decimal("0.1")]], pa.list_(pa.decimal128(38, 22)))),
    (
        ([[Decimal("1.10")]], pa.list_(pa.decimal128(5, 2))),
        ([[Decimal("1.1")]], pa.list_(pa.decimal128(9, 1))),
    ),
    (([[2**63]], pa.list_(pa.uint64())), ([[Decimal(2**63)]], pa.list_(pa.decimal128(38, 0)))),
    (([[1_000]], pa.list_(pa.timestamp("ns"))), ([[1]], pa.list_(pa.timestamp("us", "UTC")))),
    (([[1]], pa.list_(pa.time32("s"))), ([[1_000]], pa.list_(pa.time32("ms")))),
    (([[1]], pa.list_(pa.duration("s"))), ([[1_000]], pa.list_(pa.duration("ms")))),
]


@pytest.mark.parametrize(("expected", "found"), OTHER)
@pytest.mark.parametrize("options", [{}, {"key": "k"}], ids=str)
def test_nested_values_are_not_rounded_until_they_fit(expected, found, options):
    assert failure(column(*expected), column(*found), **options)
    assert failure(column(*found), column(*expected), **options)


@pytest.mark.parametrize(("expected", "found"), SAME)
@pytest.mark.parametrize("options", [{}, {"key": "k"}], ids=str)
def test_nested_values_of_several_widths_are_the_same(expected, found, options):
    assert failure(column(*expected), column(*found), **options) == ""
    assert failure(column(*found), column(*expected), **options) == ""


@pytest.mark.parametrize("options", [{}, {"key": "k"}], ids=str)
def test_numbers_beside_nan_in_postgres_keep_their_digits(options):
    found = numeric("1.00000000000000000001", "NaN", None, "-Infinity", "20.50")
    same = numeric("1.000000000000000000010", "NaN", None, "-Infinity", "20.5")
    other = numeric("1.00000000000000000002", "NaN", None, "-Infinity", "20.5")
    kind = pa.decimal128(38, 20)

    assert failure(same, found, **options) == ""
    doubles = column([1.0, NAN, None, -float("inf"), 20.5], pa.float64())
    assert failure(doubles, found, **options) == ""
    assert failure(other, found, **options)
    long = [Decimal("1.00000000000000000001"), None]
    assert failure(column(long, kind), numeric("1.00000000000000000001", None), **options) == ""
    assert failure(column(long, kind), numeric("1.00000000000000000002", None), **options)
    assert failure(column([7, None]), numeric("7.0", None), **options) == ""
    assert failure(column([7, None]), numeric("7.0", "NaN"), **options)
    assert failure(column(["7", None]), numeric("7", None), **options)


def test_numbers_of_postgres_are_near_within_a_tolerance():
    assert failure(column([1.5, NAN]), numeric("1.49", "NaN"), key="k", tolerance=0.02) == ""
    assert failure(column([1.5, NAN]), numeric("1.47", "NaN"), key="k", tolerance=0.02)
