"""Tables that statements failed on."""

from __future__ import annotations

import pytest

from harness.missing.refused import refused_tables
from harness.problem import Problem


def problem(message, *, code="postgres-error"):
    return Problem(code=code, message=message, pipeline="p", block="b", file="b.py", line=3)


@pytest.mark.parametrize(
    ("message", "code", "names"),
    [
        ('ERROR 42P01: relation "shop.orders" does not exist (INSERT ...)', None, ["shop.orders"]),
        ('ERROR 42P01: relation "orders" does not exist (UPDATE ...)', None, ["public.orders"]),
        ('ERROR 42703: column "x" of relation "orders" does not exist', None, []),
        ('relation "shop.orders" does not exist', "block-failed", []),
    ],
)
def test_which_tables_are_told(message, code, names):
    found = refused_tables([problem(message, code=code or "postgres-error")] * 2, told=[])
    assert [one.message.split()[4] for one in found] == names
    assert all(one.code == "missing-seed" and one.block == "b" for one in found)
    assert all(f"fixtures/seeds/postgres/{name}.csv" in found[0].message for name in names)


def test_what_is_told_already_is_not_told_again():
    told = problem("there is no table shop.orders in the private PostgreSQL", code="missing-seed")
    assert not refused_tables([problem('relation "shop.orders" does not exist')], told=[told])
