"""``--update-contracts`` changes what no longer holds, and nothing else."""

from __future__ import annotations

import pyarrow as pa
import pytest

from harness.contracts.check import check
from harness.contracts.update import updated
from harness.errors import CheckFailedError

HEAD = "contract: 1\npipeline: shop\n"
TABLE = f"{HEAD}postgres:\n  ny.trips:\n"


@pytest.fixture
def held(shop, trips):
    shop.put("postgres", "ny.trips", trips)
    return shop


def columns(rules: str, *, exact: bool = False) -> str:
    said = "    exact: true\n" if exact else ""
    return f"{TABLE}{said}    columns:\n{rules}"


def test_what_holds_stays_as_it_is_written(held):
    text = f"# Loose.\n{TABLE}    rows: {{between: [5, 10]}}  # a day\n    columns:\n      flag:\n"
    assert held.updated(text) == text


def test_a_number_of_rows(held):
    assert held.updated(f"{TABLE}    rows: 5  # a day\n") == f"{TABLE}    rows: 6  # a day\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("flag: {nulls: 0, lengths: {max: 3}}", "flag: {nulls: 1, lengths: {max: 3}}"),
        ("passengers: {isin: [1]}", "passengers: {isin: [1, 2]}"),
        ("passengers: {between: [3, 4]}", "passengers: {isin: [1, 2]}"),
        ("flag: {type: bigint, volatile: true}", "flag: {type: text, volatile: true}"),
        ("flag: {matches: '[a-z]', nulls: 1}", 'flag: {nulls: 1, isin: ["N", "Y"]}'),
        ("flag: {required: true}", "flag: {}"),
    ],
)
def test_a_rule_of_a_column(held, before, after):
    assert held.updated(columns(f"      {before}\n")) == columns(f"      {after}\n")
    assert held.differences(columns(f"      {after}\n")) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Deleted rules stay away, loose ones stay loose, those that do not hold are told anew.
        ("trip_id: {type: text}", "trip_id: {type: bigint}"),
        (
            "trip_id: {type: integer, between: [0, 100]}",
            "trip_id: {type: bigint, between: [0, 100]}",
        ),
        (
            'trip_id: {type: text, nulls: {max: 3}, isin: ["x"]}',
            "trip_id: {type: bigint, nulls: {max: 3}, between: [1, 6]}",
        ),
        ("trip_id: {type: text, lengths: {max: 3}}", "trip_id: {type: bigint, between: [1, 6]}"),
    ],
)
def test_a_column_of_another_type_keeps_the_rules_that_hold(held, before, after):
    assert held.updated(columns(f"      {before}\n")) == columns(f"      {after}\n")
    assert held.differences(columns(f"      {after}\n")) == ()


def test_what_cannot_be_read_stays_as_it_is(held, monkeypatch):
    held.put("gcs", "lake/a.csv", {"a": [1]})
    held.put("gcs", "lake/b.csv", {"a": [1]})
    text = held.text()
    held.put("postgres", "ny.trips", {"other": [1]})
    held.put("gcs", "lake/a.csv", None)
    service = held.services["gcs"]

    def read(name):
        raise CheckFailedError("it cannot be read")

    held.put("gcs", "lake/b.csv", {"a": [2, 3]})
    monkeypatch.setattr(service, "read", read)
    document = held.document(text)
    found = check(document, held.services, wrote=held.wrote())
    update = updated(document, found, held.services)

    assert not update.complete
    assert text.partition("gcs:")[2] == update.text.partition("gcs:")[2]
    assert "other: {type: bigint" in update.text
    rows = [one for one in found if one.service == "postgres"]
    assert updated(document, rows, held.services).complete


def test_columns_come_and_go_and_move(held):
    text = columns("      flag:\n      gone: {type: text}\n      trip_id:\n", exact=True)
    after = columns(
        "      trip_id:\n"
        "      passengers: {type: bigint, nulls: 0, isin: [1, 2]}\n"
        "      distance: {type: double precision, nulls: 0, between: [0.5, 5.0]}\n"
        "      flag:\n",
        exact=True,
    )
    assert held.updated(text) == after
    assert held.differences(after) == ()


def test_sinks_come_and_go(held):
    text = f"{HEAD}exact: true\npostgres:\n  ny.gone: {{rows: 1}}\n"
    after = held.updated(text)
    assert "ny.gone" not in after
    assert held.differences(after) == ()
    assert after == held.text().partition("docs/contracts.md.\n")[2]


def test_partitions_and_keys(shop, trips):
    shop.put("gcs", "l/t/", trips, parts={"d=1": 6})
    head = f"{HEAD}gcs:\n  l/t/:\n"
    text = f"{head}    key: {{columns: [flag]}}\n    partitions:\n      ids:\n        d=2: 6\n"
    assert shop.updated(text) == (
        f'{head}    key: {{columns: ["trip_id"], inferred: true}}\n'
        "    partitions:\n      ids:\n        d=1: 6\n"
    )


def test_a_table_that_became_something_else(held):
    held.put("postgres", "ny.trips", pa.table({"other": pa.array([], pa.string())}))
    after = held.updated(f"{TABLE}    rows: 6\n    exact: true\n    columns:\n      flag:\n")
    assert after == columns("      other: {type: text}\n", exact=True).replace(
        "    exact", "    rows: 0\n    exact"
    )
