"""The tables of queries."""

from __future__ import annotations

import pytest

from harness.inspect.sql import tables, without_jinja


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("select * from a.b join c using (x)", [("reads", "a.b"), ("reads", "c")]),
        ("with x as (select 1 from a) select * from x", [("reads", "a")]),
        ("create table a.b as select * from c", [("writes", "a.b"), ("reads", "c")]),
        ("alter table a.b add column x int", [("writes", "a.b")]),
        ("delete from a; drop table if exists b", [("writes", "a"), ("writes", "b")]),
        ("insert into a (x) values (%s)", [("writes", "a")]),
        ("create schema if not exists a", []),
        ("select * from {{ schema }}.t where d > '{{ day }}'", [("reads", "{schema}.t")]),
        ("{% if x %} select 1 from a {% endif %}", [("reads", "a")]),
        ("this is no query", []),
    ],
)
def test_tables_are_read_and_written(query, seen):
    found = tables(without_jinja(query), "postgres")
    assert [(access, name.shown) for access, name in found] == seen


def test_names_in_backticks_are_whole():
    query = without_jinja("merge `p.d.t` using `p.d.s` on true when matched then delete")
    found = {(access, name.shown) for access, name in tables(query, "bigquery")}
    assert found == {("writes", "p.d.t"), ("reads", "p.d.s")}
