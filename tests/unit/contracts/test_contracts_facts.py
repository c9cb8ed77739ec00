"""Which key is proposed, and what is seen to differ between two runs."""

from __future__ import annotations

import pyarrow as pa
import pytest

from harness.contracts.keys import doubled, inferred
from harness.contracts.volatile import trace, unsteady


@pytest.fixture
def facts(shop):
    def of(table, **options):
        shop.put("postgres", "s.t", table, **options)
        return shop.facts()[0]

    return of


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({"a": [1, 1, 2], "b": ["x", "y", "z"]}, ("b",)),
        ({"a": [1, 2, 3], "b": ["x", "y", "z"]}, ("a",)),
        ({"a": [1, 1, 2], "b": ["x", "y", "x"]}, ("a", "b")),
        ({"a": [1, 1, 1], "b": ["x", "y", "x"]}, ()),
        ({"a": [1, None, 3], "b": [0.5, 1.5, 2.5]}, ()),
        ({"a": [[1], [2], [3]]}, ()),
        ({"a": [1]}, ()),
        ({"a": pa.array([], pa.int64())}, ()),
        (pa.table({}), ()),
    ],
)
def test_keys_that_are_inferred(facts, table, key):
    assert inferred(facts(table), without=()) == key


def test_columns_that_differ_from_run_to_run_make_no_key(facts):
    assert inferred(facts({"a": [1, 2], "b": [1, 2]}), without={"a"}) == ("b",)


def test_a_declared_key_comes_first(shop, facts):
    facts({"a": [1, 2], "b": [1, 2]}, key=["b"])
    assert shop.drafted()["postgres"]["s.t"]["key"] == {"columns": ["b"]}


def test_pairs_are_asked_of_all_rows(facts):
    number = 50_000
    repeats = {"a": [*range(number), 0], "b": [at % 7 for at in range(number)] + [0]}
    assert inferred(facts(repeats), without=()) == ()
    assert doubled(facts(repeats), ["a", "b"]) == 1


def test_what_differs_between_two_runs(facts):
    before = trace(facts({"a": [1, 2, 3], "b": ["x", "y", None], "c": [0.5, 1.5, 2.5]}))
    after = unsteady(before, facts({"a": [3, 2, 1], "b": ["x", None, "z"], "c": [0.5, 1.5, 2.5]}))
    assert (after.columns, after.kinds, after.rows, after.partitions) == (
        {"b"},
        set(),
        False,
        False,
    )


def test_rows_partitions_and_types_that_differ(facts):
    before = trace(facts({"a": [1, 2], "b": [1, 2]}, parts={"x": 2}))
    table = pa.table({"a": pa.array([1, 2, 3]), "b": pa.array(["1", "2", "3"]), "c": [1, 2, 3]})
    after = unsteady(before, facts(table, parts={"y": 2}))
    assert (after.rows, after.partitions) == (True, True)
    assert (after.columns, after.kinds) == ({"a"}, {"b", "c"})


@pytest.mark.parametrize(
    "column",
    [
        pa.array([[1], None]),
        pa.array([{"a": 1, "b": ["x"]}, None]),
        pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())),
        pa.array([1, None], pa.decimal256(60, 2)),
        pa.array([1.5, None], pa.float16()),
        pa.array([None, None], pa.null()),
        pa.array(["x", None]).dictionary_encode(),
        pa.array(["x", None], pa.string_view()),
        pa.array([b"x", None], pa.binary_view()),
        pa.array([1, None], pa.duration("us")),
        pa.array([b"0123456789abcdef", None], pa.binary(16)).cast(pa.uuid()),
        pa.array([1, None], pa.time64("ns")),
    ],
    ids=lambda column: str(column.type),
)
def test_values_of_each_type_are_seen_to_differ(shop, facts, column):
    before = trace(facts(pa.table({"a": column})))
    assert unsteady(before, facts(pa.table({"a": column}))).columns == set()
    if column.null_count < 2:
        other = pa.concat_arrays([column[1:], column[1:]])
        assert unsteady(before, facts(pa.table({"a": other}))).columns == {"a"}
    assert shop.differences(shop.text()) == ()


@pytest.mark.parametrize("other", [[], [None], [[]]])
def test_lists_of_nothing_are_seen_to_differ(facts, other):
    kind = pa.list_(pa.list_(pa.int64()))
    before = trace(facts(pa.table({"a": pa.array([None, [[1]]], kind)})))
    after = facts(pa.table({"a": pa.array([other, [[1]]], kind)}))
    assert unsteady(before, after).columns == {"a"}


def test_what_is_unsteady_is_left_out_or_volatile(shop, facts):
    before = trace(facts({"a": [1, 2], "b": [1, 2], "c": [1, 2]}, parts={"x": 2}))
    restless = unsteady(before, facts({"a": [1, 3], "b": ["1", "2"], "c": [1, 2]}, parts={"y": 2}))
    said = shop.drafted(unsteady={("postgres", "s.t"): restless})["postgres"]["s.t"]
    assert said == {
        "rows": 2,
        "key": {"columns": ["c"], "inferred": True},
        "columns": {
            "a": {"type": "bigint", "volatile": True},
            "c": {"type": "bigint", "nulls": 0, "between": [1, 2]},
        },
    }
