"""Which names a statement mentions, and whether it looks at rows."""

from __future__ import annotations

import pytest

from harness.sources.statements import emptied, mentions, named


def found(text):
    """For each name that is mentioned, whether rows behind it may be looked at."""
    names = {}
    for one in mentions(text):
        name = ".".join(one.parts)
        names[name] = names.get(name, False) or one.rows
    return names


@pytest.mark.parametrize(
    ("text", "looked_at", "only_there"),
    [
        ("SELECT a FROM shop.orders o JOIN zones USING (id)", ["shop.orders", "zones"], []),
        ('SELECT * FROM "Odd ""Name""" -- orders', ['Odd "Name"'], []),
        ("/* orders */ SELECT 1 FROM `my-project.shop.orders_*`", ["my-project.shop.orders_*"], []),
        ("SELECT * FROM my-project.shop.t", ["my-project.shop.t"], []),
        ("SELECT 1 FROM pg_tables WHERE tablename = 'orders'", [], ["orders"]),
        ("SELECT to_regclass('shop.orders')", [], ["shop.orders"]),
        ("INSERT INTO sink (id) SELECT id FROM orders", ["orders"], ["sink"]),
        ("INSERT INTO sink VALUES (1)", [], ["sink"]),
        ("INSERT INTO sink VALUES (1) ON CONFLICT DO NOTHING", ["sink"], []),
        ("CREATE TABLE sink AS SELECT * FROM orders", ["orders"], ["sink"]),
        ("CREATE TABLE sink (zone int REFERENCES zones (id))", ["zones"], ["sink"]),
        ("DROP TABLE IF EXISTS sink; SELECT 1 FROM orders", ["orders"], ["sink"]),
        ("TRUNCATE sink", [], ["sink"]),
        ("COPY sink FROM STDIN", [], ["sink"]),
        ("COPY orders TO STDOUT", ["orders"], []),
        ("COPY (SELECT * FROM orders) TO STDOUT", ["orders"], []),
        ("UPDATE sink SET a = 1", ["sink"], []),
        ("MERGE INTO sink USING orders ON TRUE", ["sink", "orders"], []),
        ("DELETE FROM sink WHERE a = 1", ["sink"], []),
        ("DELETE FROM sink;", [], ["sink"]),
        ("WITH x AS (SELECT * FROM orders) INSERT INTO sink SELECT * FROM x", ["orders"], []),
        ("DO $$ BEGIN PERFORM * FROM orders; END $$", ["orders"], []),
        ("SELECT E'it\\'s orders' FROM t", ["t"], ["orders"]),
        ("SELECT 'a;b' FROM t; SELECT ';' FROM u", ["t", "u"], []),
    ],
)
def test_names(text, looked_at, only_there):
    names = found(text)
    assert [name for name in looked_at if not names.get(name)] == []
    assert [name for name in only_there if names.get(name, True)] == []
    if "orders" not in [*looked_at, *only_there]:
        assert "orders" not in names


def test_what_is_thrown_away_without_a_look():
    text = 'TRUNCATE TABLE a.b CASCADE; DELETE FROM "c"; DELETE FROM d WHERE x; TRUNCATE `p-1.e.f`'
    assert emptied(text) == [("a", "b"), ("c",), ("p-1", "e", "f")]


def test_parameters_are_names_too():
    assert {one.parts for one in named("shop.orders zones")} == {("shop", "orders"), ("zones",)}
