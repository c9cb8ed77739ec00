"""Bad bodies, damaged files and nonsense SQL: an answer in BigQuery's shape, and nothing changed.

The examples are the same in every run. Others are drawn, and a failure told with its seed, by
``pytest -m slow --hypothesis-profile random tests/unit/bigquery/test_bigquery_fuzzed_calls.py``.
"""

from __future__ import annotations

import io

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.bigquery.sql.failures import explained
from tests import bigquery_fuzzing as fuzzing

RANDOM = st.randoms(use_true_random=False)
FEW, MANY = 40, 3_000


def some(examples):
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def _wire():
    wire = fuzzing.Wire()
    yield wire
    wire.close()


@pytest.fixture
def wire(_wire):
    _wire.fill()
    return _wire


def judge(wire, method, path, **call):
    """One call; if it failed, no table has changed and DuckDB holds nothing more."""
    before, held = wire.state(), wire.leaked()
    if fuzzing.checked(*wire.ask(method, path, **call)):
        assert wire.state() == before
        assert wire.leaked() <= held
    elif len(before[1]) > 60:
        wire.fill()


def body(wire, random):
    method, path, good = random.choice(fuzzing.BODIES)
    content = fuzzing.as_bytes(fuzzing.spoiled(random, good))
    judge(wire, method, fuzzing.ROOT + path, query=fuzzing.parameters(random), body=content)


def path(wire, random):
    method, path = random.choice(fuzzing.PATHS)
    judge(wire, method, fuzzing.ROOT + path, query=fuzzing.parameters(random))


def statement(wire, random):
    content = {"query": fuzzing.nonsense(random), "useLegacySql": False}
    content["defaultDataset"] = {"datasetId": "d"}
    judge(wire, "POST", f"{fuzzing.ROOT}/queries", body=fuzzing.as_bytes(content))


def upload(wire, random):
    kind = random.choice(sorted(fuzzing.files()))
    options = {"maxBadRecords": 100} if random.randrange(3) == 0 else {}
    job = fuzzing.load_job(
        kind, new=random.randrange(2) == 0, autodetect=random.randrange(3) == 0, **options
    )
    content = fuzzing.multipart(job, fuzzing.damaged(random, fuzzing.files()[kind]))
    if random.randrange(8) == 0:
        content = fuzzing.damaged(random, content)
    judge(
        wire,
        "POST",
        fuzzing.UPLOAD,
        query="uploadType=multipart",
        body=content,
        headers=fuzzing.MULTIPART,
    )


def resumed(wire, random):
    """A resumable upload whose chunks are cut, doubled and told of wrongly."""
    kind = random.choice(sorted(fuzzing.files()))
    content = fuzzing.damaged(random, fuzzing.files()[kind])
    begun = wire.reply(
        "POST",
        fuzzing.UPLOAD,
        query="uploadType=resumable",
        body=fuzzing.as_bytes(fuzzing.load_job(kind)),
    )
    address, _, query = begun.headers["Location"].partition("?")
    for _ in range(random.randrange(1, 4)):
        start = random.randrange(len(content) + 1)
        stop = random.randrange(start, len(content) + 1)
        total = random.choice(("*", str(len(content)), str(stop), "x"))
        told = random.choice((f"bytes {start}-{stop - 1}/{total}", f"bytes */{total}", "bytes"))
        judge(
            wire,
            "PUT",
            "/upload" + address.partition("/upload")[2],
            query=query,
            body=content[start:stop],
            headers=(("content-range", told),),
        )


KINDS = (body, path, statement, upload, resumed)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_little(wire, kind):
    @some(FEW)
    @given(RANDOM)
    def many(random):
        kind(wire, random)

    many()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_lot(wire, kind):
    @some(MANY)
    @given(RANDOM)
    def many(random):
        kind(wire, random)

    many()


def test_the_fuzzer_sees_what_it_looks_for(wire):
    """Good input passes, a failure is known as one, and a change would be seen."""
    before = wire.state()
    wire.must("POST", "/queries", {"query": "DELETE FROM d.t WHERE a = 1", "useLegacySql": False})
    assert wire.state() != before
    for kind, content in fuzzing.files().items():
        job = fuzzing.multipart(fuzzing.load_job(kind, new=True), content)
        answer = wire.ask(
            "POST",
            fuzzing.UPLOAD,
            query="uploadType=multipart",
            body=job,
            headers=fuzzing.MULTIPART,
        )
        assert not fuzzing.checked(*answer), answer
    assert not fuzzing.checked(204, b"")
    for status, told in ((500, b'{"error": {}}'), (501, b"the BigQuery stub itself failed")):
        with pytest.raises(AssertionError):
            fuzzing.checked(status, told)


@pytest.mark.parametrize(
    "sql",
    [
        "' '",
        "SELECT GENERATE_DATE_ARRAY('2016-10-05', '2016-10-09', INTERVAL 2)",
        "CREATE SNAPSHOT TABLE d.s CLONE d.t OPTIONS(expiration_timestamp=F(SAFE_OFFSET 1 DAY))",
        "SELECT DATE(TIMESTAMP '2016-12-25 23:59:59+00')'2008-12-25 15:30:00 UTC'",
        "ELSE PARSE_TIMESTAMP('%c', 'Thu Dec 25 07:30:00 2008')",
        "SELECT :d",
        "CREATE TABLE :d.flex (a INT64)",
        "CREATE OR REPLACE TABLE d.p2 CLUSTER BY v AS ",
        "CREATE TABLE d.p PARTITION BY RANGE_BUCKET(a, GENERATE_ARRAY('x' AS FLOAT64), 1) AS SELECT 1",
        "CREATE TEMP FUNCTION clean(s STRING) RETURNSNORMALIZE('x') = NORMALIZE('y')",
        "CREATE TEMP FUNCTION clean(s ) AS (TRIM(s)); SELECT clean(' A ')",
        "CREATE FUNCTION d.add1(x INT64) RETURNS INT64AS (SELECT 1 AS a)",
        "CREATE TABLE d.x (a INT64, at  DEFAULT CURRENT_TIMESTAMP())",
        "CREATE TABLE d.x (a ARRAY, b STRUCT<INT64>)",
        "CREATE TABLE d.x PARTITION BY RANGE_BUCKET(a, GENERATE_ARRAY(0, 10, b)) AS SELECT 1 AS a",
        "CREATE SCHEMA s3 OPTIONS (default_table_expiration_days='null')",
        "DROP TABLE d.t (a INT64)",
        "CREATE FUNCTION d.total() RETURNS INT64 AS EXP((SELECT SUM(a) FROM d.t))",
        "CREATE TABLE d.x (a INT64, CONSTRAINT c FOREIGN KEY (a))",
        "SELECT 'abc' LIKE ANY'x%'",
        "ALTER VIEW d.v SET OPTIONS(description='new', labels=[('b')])",
        "ALTER TABLE d.t ALTER COLUMN  DROP NOT NULL",
    ],
)
def test_what_the_fuzzer_has_found(wire, sql):
    content = fuzzing.as_bytes({"query": sql, "useLegacySql": False})
    status, answer = wire.ask("POST", f"{fuzzing.ROOT}/queries", body=content)
    assert fuzzing.checked(status, answer)
    assert status == 400


def test_a_file_at_which_duckdb_fails_inside_costs_no_table(wire):
    file = io.BytesIO()
    column = pa.table({"a": pa.array([1, 2, 3])})
    plain = {"use_dictionary": False, "write_statistics": False, "store_schema": False}
    pq.write_table(column, file, compression="none", **plain)
    # The size of the column's pages, twice as a zigzag number in the footer; the second is -49.
    size = b"\x16\x62\x16"
    content = file.getvalue().replace(size + b"\x62", size + b"\x61")
    before = wire.state()
    job = fuzzing.load_job("PARQUET", new=True, autodetect=True)
    status, answer = wire.ask(
        "POST",
        fuzzing.UPLOAD,
        query="uploadType=multipart",
        body=fuzzing.multipart(job, content),
        headers=fuzzing.MULTIPART,
    )
    assert fuzzing.checked(status, answer)
    assert b"Information loss on integer cast: value -49" in answer
    assert wire.state() == before


def test_a_statement_at_which_duckdb_fails_inside_is_told_as_such():
    failure = duckdb.InternalException("INTERNAL Error: no such case\nStack trace:")
    told = explained(failure, statement="SELECT 1").message
    assert told.startswith("Not supported by the BigQuery stub: this statement, at which DuckDB")
    assert "no such case)" in told
