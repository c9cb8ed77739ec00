"""The tables of queries."""

from __future__ import annotations

import subprocess
import sys

import pytest

from harness.inspect.sql import tables, without_jinja
from harness.inspect.sqlobjects import objects


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
    ],
)
def test_tables_are_read_and_written(query, seen):
    found = tables(without_jinja(query), "postgres")
    assert [(access, name.shown) for access, name in found or ()] == seen


def test_what_is_no_sql_is_not_taken_for_a_query_without_tables():
    assert tables(without_jinja("select from from where ("), "postgres") is None


def test_names_in_backticks_are_whole():
    query = without_jinja("merge `p.d.t` using `p.d.s` on true when matched then delete")
    found = {(access, name.shown) for access, name in tables(query, "bigquery") or ()}
    assert found == {("writes", "p.d.t"), ("reads", "p.d.s")}


def test_statements_that_are_kept_as_text_are_no_noise():
    code = (
        "from harness.inspect.sql import tables, without_jinja\n"
        "tables(without_jinja('create temp table a (b int) on commit drop'), 'postgres')"
    )
    # In a process without pytest, which takes all that is logged.
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        (
            "create external table a.b options (uris = ['gs://lake/x/y.csv'])",
            ["reads lake/x/y.csv"],
        ),
        ("create external table a.b options (uris=['gs://lake/x/y_*.csv'])", ["reads lake/x/"]),
        (
            'load data into a.b from files (uris=["gs://lake/{{ day }}.csv"])',
            ["reads lake/{day}.csv"],
        ),
        ("export data options (uri='gs://lake/out/*.csv') as select 1", ["writes lake/out/"]),
        ("select 'about gs://lake' from a.b", []),
    ],
)
def test_objects_of_external_tables_loads_and_exports_are_seen(query, seen):
    assert [f"{access} {name.shown}" for access, name in objects(without_jinja(query))] == seen
