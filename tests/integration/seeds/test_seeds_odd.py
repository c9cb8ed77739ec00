"""Seeds of odd names, shapes and types: planted as they are, or refused by name."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.errors import InputError
from harness.running.session import Session
from harness.settings import load_settings

SUCCESS = Path(__file__).parents[2] / "projects" / "success"


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    place = tmp_path_factory.mktemp("odd") / "success"
    shutil.copytree(SUCCESS, place)
    with Session(load_settings(start=place, options={"project": place})) as session:
        yield session, place / "fixtures" / "seeds"


@pytest.fixture
def planted(stage):
    session, seeds = stage
    shutil.rmtree(seeds, ignore_errors=True)
    session.reset()

    def plant(files, query='SELECT * FROM "t"'):
        for name, content in files.items():
            file = seeds / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, pa.Table):
                pq.write_table(content, file)
            else:
                file.write_bytes(content)
        session.plant()
        return session.stack.postgres.query(query).to_pylist()

    return plant


def test_a_name_with_wildcards_names_one_file(planted):
    files = {"postgres/public.a*.csv": b"a\n1\n", "postgres/public.ab[c]?.csv": b"a\n2\n"}
    assert planted(files, 'SELECT a FROM "a*"') == [{"a": 1}]


def test_a_row_that_does_not_fit_is_refused(planted):
    with pytest.raises(InputError, match="cannot be loaded"):
        planted({"postgres/public.t.csv": b"a,b\n1,2\n3\n4,5,6\n"})


def test_the_first_line_names_the_columns(planted):
    assert planted({"postgres/public.t.csv": b"1,2\n3,4\n"}) == [{"1": 3, "2": 4}]


def test_a_late_text_makes_a_column_of_texts(planted):
    body = b"a\n" + b"1\n" * 300_000 + b"x\n"
    found = planted({"postgres/public.t.csv": body}, "SELECT max(a) AS a, count(*) AS n FROM t")
    assert found == [{"a": "x", "n": 300_001}]


def test_numbers_beyond_bigint_are_not_cut_off(planted):
    table = pa.table({"n": pa.array([2**64 - 1, 0], pa.uint64())})
    found = planted({"postgres/public.t.parquet": table})
    assert [row["n"] for row in found] == [Decimal(2**64 - 1), Decimal(0)]


def test_a_table_says_what_the_texts_are(planted):
    made = b"CREATE TABLE t (zip text, j jsonb, u uuid, a int[], n numeric(10,2), b boolean);"
    row = b'01.10,"{""a"":1}",c9bf9e57-1685-4c89-bafb-ff5af830be8a,"{1,2}",1.10,t\n,,,,,\n'
    found = planted(
        {"postgres/a.sql": made, "postgres/public.t.csv": b"zip,j,u,a,n,b\n" + row},
        "SELECT zip, j->>'a' AS j, u::text AS u, a[2] AS a, n::text AS n, b FROM t",
    )
    uuid = "c9bf9e57-1685-4c89-bafb-ff5af830be8a"
    assert found[0] == {"zip": "01.10", "j": "1", "u": uuid, "a": 2, "n": "1.10", "b": True}
    assert set(found[1].values()) == {None}


def test_quoted_nothing_is_an_empty_text_and_no_number(planted):
    found = planted(
        {
            "postgres/a.sql": b"CREATE TABLE t (w text, v varchar(3), n int);",
            "postgres/public.t.csv": b'w,v,n\n"","",""\n,,\n',
        },
    )
    assert found == [{"w": "", "v": "", "n": None}, {"w": None, "v": None, "n": None}]


def test_records_go_into_a_column_of_json(planted):
    found = planted(
        {
            "postgres/a.sql": b"CREATE TABLE t (id int, doc jsonb);",
            "postgres/public.t.jsonl": b'{"id": 1, "doc": {"a": [1, 2]}}\n',
        },
        "SELECT id, doc->'a'->>1 AS a FROM t",
    )
    assert found == [{"id": 1, "a": "2"}]
