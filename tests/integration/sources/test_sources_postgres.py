"""Tables of a source PostgreSQL: what is named comes over, exactly, and becomes a seed."""

from __future__ import annotations

from contextlib import closing

import psycopg2
import pyarrow.parquet as pq
import pytest

from harness.errors import InputError
from harness.running.session import Session
from harness.settings import Settings
from tests.integration.sources.conftest import PROJECT, keep

MAKE = """
CREATE SCHEMA shop;
CREATE TYPE shop.mood AS ENUM ('sad', 'so''so', 'glad');
CREATE DOMAIN shop.zip AS varchar(5) CHECK (value ~ '^[0-9]+$');
CREATE TABLE shop."Odd Name" (id int PRIMARY KEY, word text);
INSERT INTO shop."Odd Name" VALUES (1, ''), (2, NULL), (3, 'é"x');
CREATE TABLE shop.kinds (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, exact numeric(20, 5), free numeric,
    at timestamptz NOT NULL DEFAULT now(), plain timestamp, day date, hour time, span interval,
    doc json, docb jsonb, list int[], words text[][], u uuid, raw bytea, mood shop.mood,
    moods shop.mood[], zip shop.zip, ip inet, r int4range, f real, d double precision, c char(5),
    bits bit(3), b boolean, twice numeric GENERATED ALWAYS AS (exact * 2) STORED,
    UNIQUE (u), CHECK (id > 0)
);
INSERT INTO shop.kinds (exact, free, at, plain, day, hour, span, doc, docb, list, words, u, raw,
    mood, moods, zip, ip, r, f, d, c, bits, b) VALUES
 (1.50000, 1.50, '2021-01-31 23:59:59.123456+05', 'infinity', '2021-02-03', '24:00', '1 mon -2 days',
  '{"b": 1,  "a":2}', '{"a": [1, null]}', '{1,NULL,3}', '{{a,"b,c"},{NULL,""}}',
  'c9bf9e57-1685-4c89-bafb-ff5af830be8a', '\\x00ff', 'so''so', '{glad,sad}', '01234', '10.0.0.1/8',
  '[1,5)', 'NaN', 'Infinity', 'ab', B'101', true),
 (-0.00001, 'NaN', '0044-03-15 00:00:00+00 BC', NULL, 'infinity', NULL, NULL, 'null', 'null', '{}',
  NULL, NULL, '', NULL, NULL, NULL, '::1', 'empty', 0.1, 0.1, '', NULL, false),
 (NULL, 1e-30, now(), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE VIEW shop.glad AS SELECT id, mood FROM shop.kinds WHERE mood <> 'sad';
CREATE TABLE counted (id serial PRIMARY KEY, name text);
INSERT INTO counted (name) SELECT 'n' || n FROM generate_series(1, 50) n;
CREATE UNIQUE INDEX only_names ON counted (lower(name));
CREATE TABLE status (id int); INSERT INTO status VALUES (1);
CREATE TABLE sink (id int, note text); INSERT INTO sink VALUES (1, 'old');
CREATE TABLE state (last int); INSERT INTO state VALUES (41);
"""


@pytest.fixture(scope="module")
def source(postgres_source):
    postgres_source.execute(MAKE)
    return postgres_source


@pytest.fixture
def run(record, source):
    """Opens a recording, carries statements out as a pipeline would, and keeps the seeds."""

    def statements(*sql, together=False, **options):
        with record(postgres=source.url, **options) as found:
            services = found.session.stack
            url = services.environment()
            parts = {"host": url["PGHOST"], "port": url["PGPORT"], "dbname": url["PGDATABASE"]}
            login = {"user": url["PGUSER"], "password": url["PGPASSWORD"]}
            answers = []
            with closing(psycopg2.connect(**parts, **login)) as connection:
                for one in sql:
                    with connection.cursor() as cursor:
                        cursor.execute(one)
                        answers.append(cursor.fetchall() if cursor.description else None)
                    if not together:
                        connection.commit()
                connection.commit()
            services.incidents(0)
            written = keep(found)
            return answers, written

    return statements


def planted(tmp_path, query):
    """What a run without sources finds."""
    with Session(Settings(project=PROJECT, fixtures=tmp_path / "fixtures")) as session:
        session.plant()
        return session.stack.postgres.query(query).to_pylist()


def test_types_come_over_exactly(run, source, tmp_path):
    ((rows,), written) = run("SELECT k::text FROM shop.kinds k")
    with closing(source.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM shop.kinds k")
        assert rows == cursor.fetchall()
    assert written.names == ("postgres shop", "postgres shop.kinds")
    again = planted(tmp_path, "SELECT k::text AS row FROM shop.kinds k")
    assert [(one["row"],) for one in again] == rows


def test_what_is_there_is_told_by_catalogues_views_and_quotes(run, tmp_path):
    (there, glad, odd), written = run(
        "SELECT count(*) FROM pg_tables WHERE tablename = 'counted'",
        "SELECT id FROM shop.glad",
        'WITH x AS (SELECT * FROM shop."Odd Name") SELECT id, word FROM x ORDER BY 1',
    )
    assert there == [(1,)]
    assert glad == [(1,)]
    assert odd == [(1, ""), (2, None), (3, 'é"x')]
    assert set(written.names) == {
        *("postgres shop", "postgres public.counted", "postgres shop.glad"),
        "postgres shop.Odd Name",
    }
    assert planted(tmp_path, "SELECT count(*) AS n FROM counted") == [{"n": 0}]


def test_a_sequence_goes_on_and_unique_indexes_hold(run, tmp_path):
    run("SELECT * FROM counted")
    made = "INSERT INTO counted (name) VALUES ('N1') ON CONFLICT DO NOTHING RETURNING id"
    assert planted(tmp_path, made) == []
    made = "INSERT INTO counted (name) VALUES ('x') RETURNING id"
    assert planted(tmp_path, made) == [{"id": 51}]


def test_what_the_pipeline_writes_is_no_source(run, source, tmp_path):
    _, written = run(
        "SELECT EXISTS (SELECT 1 FROM pg_tables WHERE tablename = 'sink')",
        "DROP TABLE IF EXISTS sink",
        "CREATE TABLE sink (id int)",
        "INSERT INTO sink SELECT last FROM state",
        "SELECT * FROM sink",
        "UPDATE state SET last = 42",
        "SELECT 1 AS status",
    )
    assert "postgres public.sink" not in written.names
    assert planted(tmp_path, "SELECT last FROM state") == [{"last": 41}]
    assert source.query("SELECT last FROM state").to_pylist() == [{"last": 41}]
    assert source.query("SELECT note FROM sink").to_pylist() == [{"note": "old"}]
    # Only a column has that name here, so no row of the table is kept.
    assert not (tmp_path / "fixtures/seeds/postgres/public.status.parquet").exists()


def test_what_needs_a_function_loses_it_and_odd_columns_are_refused(run, source, tmp_path):
    source.execute("""
        DROP TABLE IF EXISTS clever, pairs, cases; DROP TYPE IF EXISTS pair;
        CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
        CREATE TABLE clever (a int DEFAULT one() CHECK (a >= one()),
            b int GENERATED ALWAYS AS (a + one()) STORED);
        CREATE UNIQUE INDEX ON clever ((a + one())); INSERT INTO clever VALUES (5);
        CREATE TYPE pair AS (x int, y int); CREATE TABLE pairs (p pair);
        CREATE TABLE cases ("A" int, a int);
    """)
    (rows,), _ = run("SELECT * FROM clever")
    assert rows == [(5, 6)]
    assert planted(tmp_path, "SELECT * FROM clever") == [{"a": 5, "b": 6}]
    with pytest.raises(psycopg2.errors.UndefinedTable) as caught:
        run("SELECT * FROM pairs")
    assert "a column of the type public.pair" in str(caught.value.__notes__)
    with pytest.raises(psycopg2.errors.UndefinedTable) as caught:
        run("SELECT * FROM cases")
    assert "names differ by case alone" in str(caught.value.__notes__)


def test_within_a_transaction_nobody_waits_for_the_other(run, tmp_path):
    (*_, rows), written = run(
        "CREATE SCHEMA IF NOT EXISTS shop",
        "SELECT EXISTS (SELECT 1 FROM pg_tables WHERE tablename = 'sink')",
        "DROP TABLE sink",
        "CREATE TABLE sink AS SELECT last FROM state",
        "SELECT last FROM sink",
        together=True,
    )
    assert rows == [(41,)]
    assert "postgres public.sink" not in written.names


def test_a_table_that_is_emptied_is_the_pipelines_own(run, tmp_path):
    (*_, rows), _ = run("DELETE FROM sink", "INSERT INTO sink VALUES (2)", "SELECT id FROM sink")
    assert rows == [(2,)]
    assert planted(tmp_path, "SELECT * FROM sink") == []


def test_a_table_that_is_replaced_after_it_was_read_is_a_source(run, tmp_path):
    run("SELECT * FROM sink", "DROP TABLE sink", "CREATE TABLE sink (id int)")
    assert planted(tmp_path, "SELECT note FROM sink") == [{"note": "old"}]


def test_a_large_table_is_refused_sampled_or_left_alone(run, source, tmp_path):
    source.execute(
        "CREATE TABLE IF NOT EXISTS large AS SELECT n, (n % 7)::numeric AS k "
        "FROM generate_series(1, 20000) n"
    )
    with pytest.raises(InputError, match="more than 10,000 rows: take a sample"):
        run("SELECT * FROM large", mib=1)
    assert not (tmp_path / "fixtures").exists()
    (answer,), written = run("SELECT count(*), max(n) FROM large", mib=1, sample=100)
    assert answer == [(100, 20000)]
    assert written.sampled == 1
    with pytest.raises(psycopg2.errors.UndefinedTable):
        run("SELECT * FROM large", replace=True, without=["public.lar*"])


def test_samples_keep_the_rows_that_others_refer_to(run, source):
    source.execute("""
        CREATE TABLE IF NOT EXISTS parent (a int, b int, up int, PRIMARY KEY (a, b));
        CREATE TABLE IF NOT EXISTS child (id int, a int, b int,
            FOREIGN KEY (a, b) REFERENCES parent);
        INSERT INTO parent SELECT n, -n FROM generate_series(1, 3000) n ON CONFLICT DO NOTHING;
        INSERT INTO child SELECT n, n % 2999 + 1, -(n % 2999 + 1) FROM generate_series(1, 3000) n;
    """)
    lost = "SELECT count(*), count(p.a) FROM child c LEFT JOIN parent p USING (a, b)"
    (((rows, whole),),), _ = run(lost, sample=50)
    assert rows == whole >= 50
    (_, ((rows, whole),)), _ = run("SELECT * FROM parent", lost, sample=50, replace=True)
    assert rows == whole > 0


def test_secrets_are_named_by_table_and_column(run, source, tmp_path):
    source.execute(
        "CREATE TABLE IF NOT EXISTS people (id int, password_hash text, note text);"
        "TRUNCATE people; INSERT INTO people VALUES (1, 'x', 'AKIA' || 'IOSFODNN7EXAMPL3')"
    )
    with pytest.raises(InputError) as caught:
        run("SELECT * FROM people")
    assert "public.people, column password_hash: its name says" in str(caught.value)
    assert "public.people, column note: AWS" in str(caught.value)
    assert not (tmp_path / "fixtures").exists()


def test_seeds_are_replaced_only_when_asked_and_own_ones_never(run, source, tmp_path):
    seeds = tmp_path / "fixtures" / "seeds"
    (seeds / "postgres").mkdir(parents=True)
    (seeds / "postgres" / "public.status.csv").write_text("id\n7\n")
    (own,), written = run("SELECT id FROM status, state")
    assert own == [(7,)]
    assert written.names == ("postgres public.state",)
    index = (seeds / "index.yaml").read_text()
    assert "seed: postgres/public.state.parquet" in index
    assert source.password not in index
    source.execute("UPDATE state SET last = 43")
    (kept,), _ = run("SELECT last FROM state")
    (anew,), _ = run("SELECT last FROM state", replace=True)
    source.execute("UPDATE state SET last = 41")
    assert (kept, anew) == ([(41,)], [(43,)])
    assert pq.read_table(seeds / "postgres" / "public.state.parquet").to_pylist() == [{"last": 43}]
