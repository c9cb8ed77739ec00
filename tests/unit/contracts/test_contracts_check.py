"""What is told where what was found is not what a contract says."""

from __future__ import annotations

import pyarrow as pa
import pytest

from harness.contracts.difference import ContractReport
from harness.errors import InputError

NAME = "ny.trips"


def contract(body: str, *, head: str = "") -> str:
    return f"contract: 1\npipeline: shop\n{head}postgres:\n  ny.trips:\n{body}"


@pytest.fixture
def held(shop, trips):
    shop.put("postgres", NAME, trips)
    return shop


def test_what_was_drafted_holds(held):
    held.put("gcs", "lake/trips/", held.services["postgres"].read(NAME), parts={"day=1": 6})
    held.put("gcs", "lake/note.txt", None)
    assert held.differences(held.text()) == ()


def test_what_is_not_in_the_file_is_not_checked(held):
    held.put("postgres", "ny.other", {"a": [1]})
    assert held.told("contract: 1\npipeline: shop\n") == []
    assert held.told(contract("    columns:\n      flag:\n")) == []
    assert held.told("contract: 1\npipeline: shop\npostgres:\n  ny.trips:\n") == []


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("7", "7 rows"),
        ("{between: [7, 10]}", "7 to 10 rows"),
        ("{min: 7}", "at least 7 rows"),
        ("{max: 5}", "at most 5 rows"),
    ],
)
def test_numbers_of_rows(held, rule, expected):
    assert held.told(contract(f"    rows: {rule}\n")) == [(NAME, "rows", expected, "6", 5)]


@pytest.mark.parametrize("rule", ["6", "{between: [5, 10]}", "{min: 1}", "{max: 6}"])
def test_numbers_of_rows_that_hold(held, rule):
    assert held.told(contract(f"    rows: {rule}\n")) == []


@pytest.mark.parametrize(
    ("column", "rule", "found"),
    [
        ("flag", "nulls: 0", ("nulls", "0 rows", "1")),
        ("flag", "nulls: {share: 0.1}", ("nulls", "at most 10 % of the rows", "1")),
        ("passengers", "isin: [1, 3]", ("isin", "1, 3", "2 in 3 rows")),
        ("flag", 'isin: ["N"]', ("isin", "'N'", "'Y' in 2 rows")),
        ("flag", "isin: []", ("isin", "no value", "'N', 'Y' in 5 rows")),
        ("distance", "between: [1, 4]", ("between", "1 to 4", "0.5 to 5.0, 2 rows outside")),
        ("distance", "between: [1, null]", ("between", "1 to any", "0.5 to 5.0, 1 row outside")),
        ("distance", "nan: {min: 1}", ("nan", "at least 1 row", "0")),
        ("flag", "lengths: 2", ("lengths", "2 characters", "1 to 1")),
        ("flag", "matches: '[a-z]'", ("matches", "[a-z]", "'N' and its like in 5 rows")),
        ("flag", "type: bigint", ("type", "bigint", "text")),
        ("flag", "required: true", ("required", "refuses nulls", "takes nulls")),
    ],
)
def test_values_of_a_column(held, column, rule, found):
    text = contract(f"    columns:\n      {column}: {{{rule}}}\n")
    assert held.told(text) == [(column, *found, 6)]


@pytest.mark.parametrize(
    ("column", "rule"),
    [
        ("flag", "nulls: {share: 0.2}"),
        ("flag", "matches: '[NY]'"),
        ("flag", 'isin: ["N", "Y", "X"]'),
        ("distance", 'between: ["0.5", null]'),
        ("passengers", "type: int8"),
        ("passengers", "type: int64"),
        ("trip_id", "volatile: true, isin: [], nulls: 7"),
    ],
)
def test_values_of_a_column_that_hold(held, column, rule):
    assert held.told(contract(f"    columns:\n      {column}: {{{rule}}}\n")) == []


def test_nan_is_outside_of_limits_unless_it_has_a_rule_of_its_own(shop):
    shop.put("postgres", NAME, {"a": [1.0, 2.0, None]})
    drafted = shop.text()
    shop.put("postgres", NAME, {"a": [1.0, float("nan"), None]})

    assert [one[:4] for one in shop.told(drafted)] == [
        ("a", "between", "1.0 to 2.0", "1.0 to 1.0, 1 row outside (1 NaN)")
    ]
    body = "    columns:\n      a: {{between: [null, null]{}}}\n"
    assert [one[1] for one in shop.told(contract(body.format("")))] == ["between"]
    assert shop.told(contract(body.format(", nan: 1"))) == []
    assert shop.told(shop.text()) == []
    assert shop.differences(shop.updated(drafted)) == ()


def test_exact_tells_other_columns_and_another_order(held):
    text = contract(
        "    exact: true\n    columns:\n      passengers:\n      trip_id:\n      distanze:\n"
    )
    assert held.told(text) == [
        ("distance", "exact", "no other column", "double precision", 5),
        ("flag", "exact", "no other column", "text", 5),
        ("passengers", "exact", "this order", "trip_id in its place", 5),
        ("distanze", "columns", "there", "not there", 9),
    ]
    assert held.differences(text)[-1].note == "nearest to distanze: distance double precision"


def test_exact_of_the_contract_tells_other_sinks(held):
    held.put("gcs", "lake/x.parquet", {"a": [1]})
    (one,) = held.differences(contract("", head="exact: true\n"))
    assert (one.service, one.sink, one.found, one.line) == ("gcs", "lake/x.parquet", "written", 3)
    assert held.differences(contract("", head="exact: true\n"), wrote=False) == ()


def test_a_sink_that_is_not_there_names_the_nearest(held):
    (one,) = held.differences("contract: 1\npipeline: shop\npostgres:\n  ny.trip:\n    rows: 6\n")
    assert (one.rule, one.found, one.line) == ("sink", "not there", 4)
    assert one.note == "nearest that is there: ny.trips"


def test_content_that_is_no_table_is_told(shop):
    shop.put("gcs", "lake/a.bin", None)
    text = "contract: 1\npipeline: shop\ngcs:\n  lake/a.bin: {rows: 1}\n"
    assert shop.told(text) == [("lake/a.bin", "sink", "a table", "content that is not tabular", 4)]


def test_a_key_that_repeats(held):
    text = contract("    key: {columns: [passengers, flag]}\n")
    assert held.told(text) == [
        (NAME, "key", "passengers, flag unique", "3 rows that repeat another", 5)
    ]
    assert held.told(contract("    key: {columns: [trip_id]}\n")) == []
    (missing,) = held.told(contract("    key: {columns: [trip]}\n"))
    assert missing[3] == "no column trip"


def test_partitions(shop, trips):
    shop.put("gcs", "lake/t/", trips, parts={"d=1": 2, "d=2": 4})
    head = "contract: 1\npipeline: shop\ngcs:\n  lake/t/:\n    exact: true\n    partitions:\n"
    assert shop.told(f"{head}      ids: {{d=1: 3, d=3: , d=2: {{min: 1}}}}\n") == [
        ("lake/t/", "partitions", "d=1: 3 rows", "2", 7),
        ("lake/t/", "partitions", "d=3", "not there", 7),
    ]
    assert shop.told(f"{head}      ids:\n        d=1: 2\n") == [
        ("lake/t/", "partitions", "no other partition", "d=2: 4 rows", 7)
    ]
    folded = "      count: 3\n      first: d=1\n      last: d=3\n      rows: {between: [1, 3]}\n"
    assert shop.told(head + folded) == [
        ("lake/t/", "partitions", "3 partitions", "2", 7),
        ("lake/t/", "partitions", "d=3", "d=2", 9),
        ("lake/t/", "partitions", "1 to 3 rows in each", "d=2: 4", 10),
    ]


def test_a_rule_that_does_not_fit_the_column_is_a_mistake_of_the_file(held):
    for rule, words in (
        ("flag: {between: [1, 2]}", "is no limit"),
        ("flag: {matches: '('}", "no regular expression"),
        ("trip_id: {lengths: 3}", "have no length"),
        ('trip_id: {isin: ["x"]}', "no values of type"),
        ('distance: {between: ["x", 1]}', "no number"),
    ):
        with pytest.raises(InputError) as failure:
            held.told(contract(f"    columns:\n      {rule}\n"))
        assert str(failure.value).startswith("contracts/shop.yaml:6: ")
        assert words in str(failure.value)


def test_a_type_that_nobody_knows_is_explained(held):
    (one,) = held.differences(contract("    columns:\n      flag: {type: texxt}\n"))
    assert one.note == "texxt is no type of postgres or Arrow; nearest: text"


def test_a_table_with_no_rows_holds_any_rule_on_values(shop):
    shop.put("postgres", NAME, pa.table({"a": pa.array([], pa.int64())}))
    rules = "{nulls: 0, between: [1, 2], isin: [1]}"
    assert shop.told(contract(f"    rows: 0\n    columns:\n      a: {rules}\n")) == []


def test_a_contract_that_was_not_looked_at_neither_holds_nor_fails(tmp_path):
    file = tmp_path / "shop.yaml"
    assert ContractReport(file=file, left_out="the run failed").as_json()["ok"] is None
    assert ContractReport(file=file).as_json()["ok"] is True
