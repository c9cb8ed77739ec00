"""Seeds in the real services, before a pipeline runs."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.errors import InputError
from harness.running.asked import Asked
from harness.running.session import Session
from harness.settings import load_settings

SUCCESS = Path(__file__).parents[2] / "projects" / "success"


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A session on a project of its own, and its folder of seeds."""
    place = tmp_path_factory.mktemp("seeds") / "success"
    shutil.copytree(SUCCESS, place)
    seeds = place / "fixtures" / "seeds"
    with Session(load_settings(start=place, options={"project": place})) as session:
        yield session, seeds


@pytest.fixture
def plant(stage):
    session, seeds = stage
    shutil.rmtree(seeds, ignore_errors=True)
    session.reset()

    def write(**files):
        for name, content in files.items():
            service, _, rest = name.partition("__")
            file = seeds / service / rest.replace("__", "/").replace("_dot_", ".")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        session.plant()
        return session.stack

    return write


def parquet(**columns):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue().to_pybytes()


def test_tables_of_postgres_from_every_kind_of_file(plant):
    stack = plant(
        postgres__public_dot_a_dot_csv=b"id,day\n1,2021-01-01\n2,\n",
        postgres__shop_dot_b_dot_csv_dot_gz=gzip.compress(b"x\n1.5\n"),
        postgres__public_dot_c_dot_parquet=parquet(n=[1, None]),
        postgres__public_dot_d_dot_jsonl=b'{"k": "v"}\n',
    )
    assert stack.postgres.query("SELECT id, day::text FROM a ORDER BY id").to_pylist() == [
        {"id": 1, "day": "2021-01-01"},
        {"id": 2, "day": None},
    ]
    assert stack.postgres.query("SELECT x FROM shop.b").to_pylist() == [{"x": 1.5}]
    assert stack.postgres.query("SELECT count(*) AS n FROM c").to_pylist() == [{"n": 2}]
    assert stack.postgres.query("SELECT k FROM d").to_pylist() == [{"k": "v"}]


def test_sql_makes_the_table_and_a_file_fills_it_in_its_types(plant):
    stack = plant(
        postgres__make_dot_sql=b"CREATE TABLE t (id smallint PRIMARY KEY, fee numeric(8, 2));",
        postgres__public_dot_t_dot_csv=b"fee,id\n1.255,7\n",
    )
    assert stack.postgres.query("SELECT id, fee::text FROM t").to_pylist() == [
        {"id": 7, "fee": "1.26"}
    ]


def test_objects_and_tables_of_bigquery(plant):
    stack = plant(
        gcs__lake__year__x_dot_csv=b"a\n1\n",
        bigquery__make_dot_sql=b"CREATE SCHEMA shop; CREATE TABLE shop.typed (n NUMERIC);",
        bigquery__shop_dot_typed_dot_csv=b"n\n1.5\n",
        bigquery__shop_dot_rows_dot_parquet=parquet(n=[1, 2]),
    )
    blob = stack.gcs.client().bucket("lake").blob("year/x.csv")
    assert blob.download_as_bytes() == b"a\n1\n"
    assert {(sink.name, sink.rows) for sink in stack.bigquery.inventory()} == {
        ("shop.typed", 1),
        ("shop.rows", 2),
    }
    assert stack.bigquery.describe("shop.typed").columns[0].type == "NUMERIC"


def test_they_are_there_before_a_run_once_and_are_not_its_own(plant, stage):
    session, _ = stage
    plant(postgres__public_dot_a_dot_csv=b"id\n1\n")
    for _ in range(2):
        run = session.run("success", asked=Asked(inventory=True))
        assert run.ok
        assert run.sinks == ()
    assert session.stack.postgres.describe("public.a").rows == 1
    session.reset()
    assert session.stack.postgres.inventory() == []
    session.plant()
    assert session.stack.postgres.describe("public.a").rows == 1


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"postgres__x_dot_sql": b"SELEC 1"}, "syntax error"),
        ({"postgres__public_dot_a_dot_parquet": b"PAR1"}, "a.parquet cannot be loaded"),
        ({"bigquery__x_dot_sql": b"SELEC 1"}, "x.sql cannot be loaded into bigquery"),
        ({"bigquery__d_dot_a_dot_parquet": b"PAR1"}, "a.parquet cannot be loaded"),
        (
            {
                "postgres__make_dot_sql": b"CREATE TABLE t (id smallint)",
                "postgres__public_dot_t_dot_csv": b"id\n70000\n",
            },
            "out of range",
        ),
    ],
)
def test_a_seed_that_cannot_be_loaded_is_named(plant, files, message):
    with pytest.raises(InputError, match=message):
        plant(**files)
