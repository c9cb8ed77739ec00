"""Expectations on the queries that BigQuery was asked."""

from __future__ import annotations

import pytest

from harness.bigquery import QueryRecord
from harness.errors import ExpectationError, InputError
from harness.expect import Expect


class Log:
    """A BigQuery of which only the log is asked."""

    def __init__(self, *records):
        self.records = records

    def queries(self):
        return self.records


def query(statement, *, kind="SELECT", tables=("d.t",), size=10, rows=1, reason="", **more):
    return QueryRecord(
        at=1.0,
        statement=statement,
        type=kind,
        tables=tables,
        bytes_processed=size,
        rows=rows,
        reason=reason,
        **more,
    )


@pytest.fixture
def expect_of():
    return lambda *records: Expect(bigquery=Log(*records))


READ = query("SELECT a FROM d.t", size=1_000)
OTHER = query("select b from d.other", tables=("d.other",), size=5)
WRITE = query("INSERT INTO d.t SELECT 1", kind="INSERT", tables=(), rows=None, destination="d.t")
BAD = query("SELEC 1", kind="", tables=(), size=0, reason="invalidQuery", message="Syntax error")


def test_they_are_chosen(expect_of):
    expect = expect_of(READ, OTHER, WRITE, BAD)
    expect.queries().count(4)
    expect.queries("FROM D.").count(2)
    expect.queries(table="d.t").count(2)
    expect.queries(kind="insert").count(1).succeeded()
    expect.queries("from", table="d.other", kind="SELECT").count(between=(1, 2))
    assert expect.queries(table="d.t").records == (READ, WRITE)


def test_too_few(expect_of):
    with pytest.raises(ExpectationError) as failed:
        expect_of(READ, OTHER).queries(table="d.t").count(2)
    assert str(failed.value) == (
        "BigQuery queries on d.t: expected 2 queries, found 1 and 1 others\n"
        "  evidence: type    bytes  rows  statement\n"
        "            SELECT  1,000  1     SELECT a FROM d.t"
    )


def test_none(expect_of):
    with pytest.raises(ExpectationError, match="expected 1 query, found 0 and 0 others"):
        expect_of().queries("x").count(1)


def test_many_are_cut(expect_of):
    with pytest.raises(ExpectationError) as failed:
        expect_of(*[READ] * 30).queries().count(1)
    assert "... and 22 more" in str(failed.value)
    assert len(str(failed.value).splitlines()) == 11


def test_some_failed(expect_of):
    expect_of(READ).queries().succeeded()
    with pytest.raises(ExpectationError) as failed:
        expect_of(READ, BAD).queries().succeeded()
    assert "1 of 2 failed" in str(failed.value)
    assert "SELEC 1\n              invalidQuery: Syntax error" in str(failed.value)


def test_bytes(expect_of):
    dry = query("SELECT a FROM d.t", size=10**9, dry=True)
    expect = expect_of(READ, OTHER, dry)
    expect.queries().bytes_processed(at_most=1_005)
    with pytest.raises(ExpectationError) as failed:
        expect.queries().bytes_processed(at_most=1_000)
    assert "expected at most 1,000 bytes to be read, found 1,005 (5 more) in 2 queries" in str(
        failed.value
    )
    assert str(failed.value).index("1,000  1") < str(failed.value).index("5      1")


def test_what_cannot_be_asked(expect_of, bigquery):
    with pytest.raises(InputError, match="only one of them"):
        expect_of().queries().count()
    with pytest.raises(InputError, match="keeps no log"):
        Expect(bigquery=bigquery).queries()
