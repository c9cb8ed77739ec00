"""Rows of PostgreSQL's tables are counted once for each state of the server, and never too few."""

from __future__ import annotations

from contextlib import closing

import pytest


def log_of(server) -> str:
    """The log, when all is in it that was asked up to now: another process writes it."""
    server.heard(0.0)
    return server.log.read_text("utf-8")


@pytest.fixture
def statements(running_postgres):
    """Gives how many statements that count have reached the server."""
    running_postgres.reset()

    def counting() -> int:
        return log_of(running_postgres).count("SELECT count(*), coalesce(max(age(")

    return counting


def test_a_table_is_counted_once_until_somebody_writes(running_postgres, statements):
    running_postgres.execute("CREATE TABLE trips AS SELECT n FROM generate_series(1, 3) n")
    before = statements()
    (sink,) = running_postgres.inventory()
    assert running_postgres.describe("public.trips") == sink
    assert running_postgres.inventory() == [sink]
    assert statements() == before + 1

    running_postgres.execute("INSERT INTO trips VALUES (4)")
    after = running_postgres.describe("public.trips")
    assert (after.rows, after.version != sink.version) == (4, True)
    assert statements() == before + 2


def test_a_write_that_was_under_way_is_seen_when_it_is_committed(running_postgres, statements):
    running_postgres.execute("CREATE TABLE trips (n int)")
    with closing(running_postgres.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO trips VALUES (1)")
        assert running_postgres.describe("public.trips").rows == 0
        assert running_postgres.describe("public.trips").rows == 0
        connection.commit()
    assert running_postgres.describe("public.trips").rows == 1


def test_a_new_database_has_nothing_of_the_old_ones(running_postgres, statements):
    running_postgres.execute("CREATE TABLE trips AS SELECT 1 AS n")
    assert [one.rows for one in running_postgres.inventory()] == [1]
    running_postgres.reset()
    assert running_postgres.inventory() == []


def test_of_a_large_table_a_check_reads_its_column_alone(running_postgres, statements):
    from harness.errors import ExpectationError
    from harness.expect import Expect

    running_postgres.execute(
        "CREATE TABLE trips AS SELECT n, 'zone ' || n AS zone FROM generate_series(1, 100000) n"
    )
    trips = Expect(postgres=running_postgres).table("trips")
    trips.column("n").unique().between(1, 100_000)
    asked = log_of(running_postgres)
    assert 'SELECT \\"n\\" FROM \\"public\\".\\"trips\\"' in asked
    assert 'SELECT * FROM \\"public\\".\\"trips\\"' not in asked

    with pytest.raises(ExpectationError, match="1 of 100,000 rows") as caught:
        trips.column("n").between(2, None)
    assert "zone 1" in str(caught.value)
