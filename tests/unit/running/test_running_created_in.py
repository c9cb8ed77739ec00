"""Which datasets a text of SQL creates tables in, as the tap reads it."""

from __future__ import annotations

import pytest

from harness.tap import SITE


@pytest.fixture
def created_in(monkeypatch):
    monkeypatch.syspath_prepend(str(SITE))
    from mage_harness_tap.created_in import created_in

    return created_in


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("CREATE TABLE shop.orders AS SELECT 1", [(None, "shop")]),
        ("create or replace external table `theirs.shop.orders` OPTIONS ()", [("theirs", "shop")]),
        (
            "CREATE TABLE IF NOT EXISTS `their-project`.shop.orders (n INT64)",
            [("their-project", "shop")],
        ),
        ("CREATE VIEW `theirs.shop`.orders AS SELECT 1", [("theirs", "shop")]),
        (
            "CREATE TABLE a.x AS SELECT 1; CREATE MATERIALIZED VIEW b.y AS SELECT 1",
            [(None, "a"), (None, "b")],
        ),
        ("CREATE TABLE orders AS SELECT * FROM `theirs.shop.orders`", []),
        ("-- CREATE TABLE shop.orders\nSELECT 1", []),
        ("CREATE TEMP TABLE orders AS SELECT 1", []),
        ("INSERT INTO shop.orders VALUES (1)", []),
    ],
)
def test_the_dataset_of_what_is_created(created_in, sql, found):
    assert created_in(sql) == found
