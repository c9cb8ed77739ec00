"""A contract's text: what is drafted, how it is laid out, and what a rewriting keeps."""

from __future__ import annotations

import datetime as dt
import json
import math
from decimal import Decimal

import jsonschema
import pyarrow as pa
import pytest
from ruamel.yaml import YAML

from harness.contracts.reader import plain
from harness.contracts.schema import schema_text
from harness.contracts.text import difference, require_readable
from harness.contracts.update import rewritten

SCHEMA = json.loads(schema_text())


def valid(text: str) -> None:
    jsonschema.validate(YAML(typ="safe").load(text), SCHEMA, cls=jsonschema.Draft202012Validator)


def column(shop, values, kind=None):
    """What is drafted of one column."""
    shop.put("postgres", "s.t", pa.table({"c": pa.array(values, kind)}))
    valid(shop.text())
    assert shop.differences(shop.text()) == ()
    return {
        name: value
        for name, value in shop.drafted()["postgres"]["s.t"]["columns"]["c"].items()
        if name != "type"
    }


def test_a_contract_is_laid_out_for_reviewers(shop, trips):
    shop.put("postgres", "ny.trips", trips)
    shop.put("gcs", "lake/trips/", trips, parts={"day=2021-01-02": 4, "day=2021-01-01": 2})
    assert shop.text(variables={"month": 1}) == (
        "# yaml-language-server: $schema=contract.schema.json\n"
        "# What the pipeline leaves behind. What is not here is not checked:"
        " see docs/contracts.md.\n"
        """\
contract: 1
pipeline: shop
variables:
  month: 1
exact: true
postgres:
  ny.trips:
    rows: 6
    exact: true
    key: {columns: ["trip_id"], inferred: true}
    columns:
      trip_id: {type: bigint, nulls: 0, between: [1, 6]}
      passengers: {type: bigint, nulls: 0, isin: [1, 2]}
      distance: {type: double precision, nulls: 0, between: [0.5, 5.0]}
      flag: {type: text, nulls: 1, isin: ["N", "Y"]}
gcs:
  lake/trips/:
    rows: 6
    exact: true
    key: {columns: ["trip_id"], inferred: true}
    partitions:
      ids:
        day=2021-01-01: 2
        day=2021-01-02: 4
    columns:
      trip_id: {type: int64, nulls: 0, between: [1, 6]}
      passengers: {type: int64, nulls: 0, isin: [1, 2]}
      distance: {type: double, nulls: 0, between: [0.5, 5.0]}
      flag: {type: string, nulls: 1, isin: ["N", "Y"]}
"""
    )
    valid(shop.text())


def test_a_pipeline_that_writes_nothing(shop):
    text = shop.text()
    assert text.endswith("contract: 1\npipeline: shop\nexact: true\n")
    valid(text)
    assert shop.differences(text) == ()
    shop.put("postgres", "a.b", {"a": [1]})
    assert shop.told(text) == [("a.b", "exact", "no other sink", "written", 5)]


def test_many_partitions_are_folded(shop, trips):
    shop.put("gcs", "l/t/", trips, parts={f"d={at:05}": at % 7 + 1 for at in range(10_000)})
    assert shop.drafted()["gcs"]["l/t/"]["partitions"] == {
        "count": 10_000,
        "first": "d=00000",
        "last": "d=09999",
        "rows": {"between": [1, 7]},
    }
    assert len(shop.text()) < 1_000
    assert shop.differences(shop.text()) == ()


@pytest.mark.parametrize(
    ("values", "kind", "said"),
    [
        ([1, 2, 3], None, {"nulls": 0, "between": [1, 3]}),
        ([1, 2, 1, 2], None, {"nulls": 0, "isin": [1, 2]}),
        ([2**63 - 1, -(2**63)], pa.int64(), {"nulls": 0, "between": [-(2**63), 2**63 - 1]}),
        ([None, None], pa.int64(), {"nulls": 2}),
        ([None, None], pa.string(), {"nulls": 2}),
        ([None], pa.null(), {"nulls": 1}),
        ([math.nan, 1.5], None, {"nulls": 0, "nan": 1, "between": [1.5, 1.5]}),
        ([math.nan], None, {"nulls": 0, "nan": 1}),
        ([math.inf, -math.inf], None, {"nulls": 0, "between": ["-Infinity", "Infinity"]}),
        ([1e300, 1e-300, 5e-324], None, {"nulls": 0, "between": [5e-324, 1e300]}),
        ([True, None], None, {"nulls": 1, "isin": [True]}),
        (["a" * 50] * 2, None, {"nulls": 0, "lengths": {"between": [50, 50]}}),
        (["", "äß"], None, {"nulls": 0, "lengths": {"between": [0, 2]}}),
        (["yes", "no"] * 2, None, {"nulls": 0, "isin": ["no", "yes"]}),
        (
            ["", "\n\t'\"", "1", "null"] * 2,
            None,
            {"nulls": 0, "isin": ["", "\n\t'\"", "1", "null"]},
        ),
        ([b"\0\1", b""], None, {"nulls": 0, "lengths": {"between": [0, 2]}}),
        (
            [Decimal("12345678901234567890123456789.123456789"), Decimal("-0.5")],
            pa.decimal128(38, 9),
            {"nulls": 0, "between": ["-0.500000000", "12345678901234567890123456789.123456789"]},
        ),
        (
            [Decimal("1" * 60), Decimal(2)],
            pa.decimal256(70, 0),
            {"nulls": 0, "between": ["2", "1" * 60]},
        ),
        (
            [dt.date(2021, 1, 1), dt.date(1, 1, 1)],
            None,
            {"nulls": 0, "between": ["0001-01-01", "2021-01-01"]},
        ),
        (
            [dt.time(1, 2, 3, 4)],
            None,
            {"nulls": 0, "between": ["01:02:03.000004", "01:02:03.000004"]},
        ),
        (
            [1_612_137_599_123_456_789],
            pa.timestamp("ns", tz="UTC"),
            {
                "nulls": 0,
                "between": [
                    "2021-01-31 23:59:59.123456+00:00",
                    "2021-01-31 23:59:59.123457+00:00",
                ],
            },
        ),
        ([0], pa.timestamp("s"), {"nulls": 0, "between": ["1970-01-01 00:00:00"] * 2}),
        # A year that Python does not know.
        ([2**62], pa.timestamp("us"), {"nulls": 0}),
        ([[1], [2, 3]], None, {"nulls": 0}),
        ([{"a": 1, "b": [None]}], None, {"nulls": 0}),
    ],
)
def test_what_is_said_of_values(shop, values, kind, said):
    assert column(shop, values, kind) == said


def test_minus_zero_stays_and_holds(shop):
    assert math.copysign(1, column(shop, [-0.0])["between"][0]) == -1


def test_dictionaries_are_their_values(shop):
    said = column(shop, pa.array(["N", "Y", "N", "Y"]).dictionary_encode())
    assert said == {"nulls": 0, "isin": ["N", "Y"]}


@pytest.mark.parametrize(
    "name",
    ["a\"b'c", "a\nb", "key: value", "1", "true", "#", "- a", "<<", "ü" * 200, "", " a ", "\x07"],
)
def test_names_of_any_kind(shop, name):
    table = pa.table({name: pa.array([1, 2, 3]), "other": pa.array([1, 2, 3])})
    shop.put("postgres", f"public.{name}", table)
    shop.put("gcs", f"b/{name}/", table, parts={f"{name}=1": 3})
    valid(shop.text())
    assert shop.differences(shop.text()) == ()
    require_readable(shop.text(), shop.drafted(), file=shop.document().file)


def test_a_thousand_columns_and_a_table_of_none(shop):
    shop.put("postgres", "a.wide", {f"c{at}": [at, at + 1] for at in range(1_000)})
    shop.put("postgres", "a.none", pa.table({}))
    assert shop.differences(shop.text()) == ()
    valid(shop.text())


def test_two_columns_of_one_name_are_told(shop):
    shop.put("gcs", "a/b.csv", pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["x", "x"]))
    assert shop.told(shop.text())[0][:4] == ("x", "exact", "one column", "2 of this name")


def test_a_rewriting_keeps_comments_and_what_is_as_it_was(shop, trips):
    shop.put("postgres", "ny.trips", trips)
    document = shop.document(
        """\
# Ours.
contract: 1
pipeline: shop

# Reviewed in spring.
postgres:
  ny.trips:  # the table of trips
    rows: 5  # a day
    columns:
      # who pays
      flag: {type: "text", isin: ['N', 'Y']}  # yes or no
      gone: {type: text}
"""
    )
    said = plain(document.tree, file=document.file)
    said["postgres"]["ny.trips"]["rows"] = 6
    del said["postgres"]["ny.trips"]["columns"]["gone"]
    said["gcs"] = {"a/b": {"rows": 1}}
    assert rewritten(document, said) == (
        """\
# Ours.
contract: 1
pipeline: shop

# Reviewed in spring.
postgres:
  ny.trips:  # the table of trips
    rows: 6  # a day
    columns:
      # who pays
      flag: {type: "text", isin: ['N', 'Y']}  # yes or no
gcs:
  a/b:
    rows: 1
"""
    )


def test_a_difference_of_texts_is_a_unified_one():
    lines = difference("a: 1\nb: 2\n", "a: 1\nb: 3\n", file="x.yaml")
    assert lines == [
        "--- x.yaml (now)",
        "+++ x.yaml (new)",
        "@@ -1,2 +1,2 @@",
        " a: 1",
        "-b: 2",
        "+b: 3",
    ]
    assert difference("a: 1\n", "a: 1\n", file="x.yaml") == []
