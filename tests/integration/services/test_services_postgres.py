"""PostgreSQL as a service: the same promises, whoever runs the server."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from contextlib import closing
from decimal import Decimal

import psycopg2
import pyarrow as pa
import pytest
import sqlalchemy

from harness.errors import InputError, MissingSinkError, ServiceError
from harness.machine.guardian import Guardian
from harness.services import postgres_tables
from harness.services.given.postgres import GivenPostgres
from harness.services.protocol import Service

DOCKER = pytest.param("docker", marks=pytest.mark.docker)
WHOLE = ["embedded", DOCKER]
"""Those that have a server of their own."""


def _embedded(request):
    yield request.getfixturevalue("running_postgres")


def _given(request):
    shared = request.getfixturevalue("running_postgres")
    service = GivenPostgres(shared.url, log=shared.log)
    service.start()
    yield service
    service.stop()


def _docker(request):
    from harness.containers.engine import connect
    from harness.containers.world import World
    from harness.services.docker.postgres import PostgresContainer

    with Guardian() as guardian, connect() as engine:
        folder = guardian.make_folder(prefix="mage-harness-")
        with World(engine, guardian=guardian, folder=folder) as world:
            service = PostgresContainer(world, folder=folder)
            service.start()
            yield service
            service.stop()


@pytest.fixture(scope="module", params=["embedded", "given", DOCKER])
def running(request):
    yield from {"embedded": _embedded, "given": _given, "docker": _docker}[request.param](request)


@pytest.fixture
def server(running):
    running.reset()
    return running


def pipeline(server):
    """A connection as a pipeline makes it."""
    environment = server.environment()
    return closing(
        psycopg2.connect(
            host=environment["POSTGRES_HOST"],
            port=environment["POSTGRES_PORT"],
            user=environment["POSTGRES_USER"],
            password=environment["POSTGRES_PASSWORD"],
            dbname=environment["POSTGRES_DBNAME"],
        )
    )


def version(server, name="public.t"):
    return server.describe(name).version


def test_it_keeps_the_protocol(server):
    assert isinstance(server, Service)
    assert server.query("SHOW server_version")["server_version"][0].as_py().startswith("16.")


def test_inventory_counts_exactly_and_names_types_as_postgres_does(server):
    server.execute(
        """
        CREATE SCHEMA ny_taxi;
        CREATE TABLE ny_taxi.trips (id bigint NOT NULL, at timestamp, fare numeric(10,2), f char(1));
        INSERT INTO ny_taxi.trips SELECT i, now(), i, 'Y' FROM generate_series(1, 1000) i;
        CREATE MATERIALIZED VIEW ny_taxi.daily AS SELECT at::date, count(*) FROM ny_taxi.trips GROUP BY 1;
        CREATE VIEW ny_taxi.view AS SELECT 1;
        CREATE TEMP TABLE passing (a int);
        CREATE TABLE "Odd Name" ("a""b" int);
        """
    )
    found = {sink.name: sink for sink in server.inventory()}
    assert list(found) == ["ny_taxi.daily", "ny_taxi.trips", "public.Odd Name"]
    trips = found["ny_taxi.trips"]
    assert trips.rows == 1000
    assert [(one.name, one.type, one.nullable) for one in trips.columns] == [
        ("id", "bigint", False),
        ("at", "timestamp without time zone", True),
        ("fare", "numeric(10,2)", True),
        ("f", "character(1)", True),
    ]
    assert server.describe("ny_taxi.trips") == trips
    assert server.read("public.Odd Name").column_names == ['a"b']


def test_a_view_can_be_looked_at_though_it_is_no_sink(server):
    server.execute(
        """
        CREATE TABLE trips (id int, fare numeric);
        INSERT INTO trips VALUES (1, 2.5), (2, 3.5);
        CREATE VIEW dear AS SELECT id, fare * 2 AS fare FROM trips WHERE fare > 3;
        """
    )
    assert [sink.name for sink in server.inventory()] == ["public.trips"]
    view = server.describe("public.dear")
    assert (view.rows, [one.name for one in view.columns]) == (1, ["id", "fare"])
    assert server.read("public.dear").column("id").to_pylist() == [2]
    assert server.partitions("public.dear") == {}
    with pytest.raises(MissingSinkError, match=r"nearest: public\.dear"):
        server.read("public.deer")


def test_a_missing_table_names_the_nearest(server):
    server.execute("CREATE SCHEMA ny_taxi; CREATE TABLE ny_taxi.yellow_cab_data (a int)")
    for ask in (server.describe, server.read, server.partitions):
        with pytest.raises(MissingSinkError, match=r"nearest: ny_taxi\.yellow_cab_data"):
            ask("ny_taxi.yellow_cab_dta")


def test_the_version_changes_with_each_write_and_only_then(server):
    server.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)")
    seen = [version(server)]
    assert version(server) == seen[0]
    for statement in (
        "INSERT INTO t VALUES (3)",
        "UPDATE t SET a = a",
        "DELETE FROM t WHERE a = 3",
        "DELETE FROM t; INSERT INTO t VALUES (1), (2)",
        "TRUNCATE t; INSERT INTO t VALUES (1), (2)",
    ):
        server.execute(statement)
        seen.append(version(server))
    assert len(set(seen)) == len(seen)


def test_the_version_sees_a_write_that_commits_out_of_order(server):
    server.execute("CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 0), (2, 0)")
    with pipeline(server) as early, pipeline(server) as late:
        early.cursor().execute("SELECT txid_current()")
        late.cursor().execute("UPDATE t SET b = 1 WHERE a = 2")
        late.commit()
        before = version(server)
        early.cursor().execute("UPDATE t SET b = 1 WHERE a = 1")
        early.commit()
    assert version(server) != before


def test_rows_are_read_as_arrow_with_their_types(server):
    server.execute(
        """
        CREATE TYPE mood AS ENUM ('glad');
        CREATE TABLE t (a smallint, b bigint, c numeric(10,2), d numeric, e numeric, f real, g text,
                        h bool, i date, j timestamp, k timestamptz, l jsonb, m uuid, n mood,
                        o inet, p int[], q bytea, r numeric(50,3));
        INSERT INTO t VALUES
          (1, 2, 3.5, 0.001, 1, 1.5, 'x', true, '2021-01-31', '2021-01-31 01:02:03.000004',
           '2021-01-31 01:02:03+01', '{"a": 1}', '00000000-0000-0000-0000-000000000001', 'glad',
           '127.0.0.1', '{1,2}', '\\x00ff', 1.5),
          (NULL, NULL, NULL, 12345, 'NaN'"""
        + ", NULL" * 13
        + ")"
    )
    table = server.read("public.t")
    assert [str(kind) for kind in table.schema.types] == [
        *("int16", "int64", "decimal128(10, 2)", "decimal128(8, 3)", "string", "float", "string"),
        *("bool", "date32[day]", "timestamp[us]", "timestamp[us, tz=UTC]", "string", "string"),
        *("string", "string", "list<item: int32>", "binary", "decimal256(50, 3)"),
    ]
    first, second = table.to_pylist()
    assert first["c"] == Decimal("3.50")
    assert (first["d"], second["d"]) == (Decimal("0.001"), Decimal("12345.000"))
    assert (first["e"], second["e"]) == ("1", "nan")
    assert first["k"].astimezone(dt.UTC) == dt.datetime(2021, 1, 31, 0, 2, 3, tzinfo=dt.UTC)
    assert (first["l"], first["n"], first["p"]) == ('{"a": 1}', "glad", [1, 2])
    assert second["r"] is None
    assert table.schema.field("e").metadata[b"POSTGRESQL:type"] == b"numeric"


@pytest.mark.parametrize("number", ["0.001", "-0.5", "0", "100", "-1234.5678", "1e-20"])
def test_undeclared_numerics_keep_their_value(server, number):
    (row,) = server.query(f"SELECT '{number}'::numeric AS n").to_pylist()
    assert row["n"] == Decimal(number)


def test_an_empty_table_is_read_with_its_columns(server):
    server.execute("CREATE TABLE t (a numeric, b text)")
    table = server.read("public.t")
    assert table.num_rows == 0
    assert table.column_names == ["a", "b"]
    assert isinstance(table, pa.Table)


def test_declared_partitions_are_counted_and_not_listed_apart(server):
    server.execute(
        """
        CREATE TABLE p (d date, a int) PARTITION BY RANGE (d);
        CREATE TABLE p_01 PARTITION OF p FOR VALUES FROM ('2021-01-01') TO ('2021-02-01');
        CREATE TABLE p_02 PARTITION OF p FOR VALUES FROM ('2021-02-01') TO ('2021-03-01');
        INSERT INTO p VALUES ('2021-01-05', 1), ('2021-01-06', 2), ('2021-02-01', 3);
        CREATE TABLE plain (a int);
        """
    )
    assert server.partitions("public.p") == {"p_01": 2, "p_02": 1}
    assert server.partitions("public.plain") == {}
    assert [sink.name for sink in server.inventory()] == ["public.p", "public.plain"]
    assert server.describe("public.p").rows == 3


def test_a_refused_statement_of_the_test_is_an_input_error(server):
    for ask in (server.query, server.execute):
        with pytest.raises(InputError, match="SELEC 1"):
            ask("SELEC 1")
    assert server.incidents(0) == []


def test_errors_of_a_pipeline_are_incidents_with_their_statement(server):
    since = time.time()
    with (
        pipeline(server) as connection,
        connection.cursor() as cursor,
        pytest.raises(psycopg2.Error),
    ):
        cursor.execute("SELECT * FROM nowhere")
    (incident,) = server.incidents(since)
    assert (incident.code, incident.detail) == ("postgres-error", "SELECT * FROM nowhere")
    assert 'relation "nowhere" does not exist' in incident.message
    assert since <= incident.at <= time.time()
    assert server.incidents(time.time() + 1) == []


def test_writes_that_nobody_committed_are_incidents(server):
    with pipeline(server) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE lost (a int)")
        cursor.execute("INSERT INTO lost VALUES (%s)", ("1",))
    (incident,) = server.incidents(0)
    assert incident.code == "postgres-uncommitted"
    assert incident.message.endswith("1 CREATE TABLE, 1 INSERT")
    assert incident.detail == "CREATE TABLE lost (a int)"
    assert server.inventory() == []


def test_a_client_that_is_killed_in_its_transaction_loses_its_writes(server):
    code = (
        "import psycopg2, sys, time; c = psycopg2.connect(sys.stdin.readline().strip());"
        "c.cursor().execute('CREATE TABLE lost (a int)'); print('done', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as client:
        client.stdin.write(server.url + "\n")
        client.stdin.flush()
        assert client.stdout.readline() == "done\n"
        assert server.incidents(0) == []
        client.kill()
    assert [incident.code for incident in server.incidents(0)] == ["postgres-uncommitted"]


def test_sqlalchemy_without_commit_is_told(server):
    engine = sqlalchemy.create_engine(server.url.replace("://", "+psycopg2://", 1))
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE lost (a int)"))
    engine.dispose()
    assert [incident.code for incident in server.incidents(0)] == ["postgres-rolled-back"]
    assert server.inventory() == []


def test_what_is_committed_is_no_incident(server):
    with pipeline(server) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (a int)")
        connection.commit()
        cursor.execute("SELECT 1")
    with pipeline(server) as connection:
        connection.autocommit = True
        connection.cursor().execute("INSERT INTO kept VALUES (1)")
    engine = sqlalchemy.create_engine(server.url.replace("://", "+psycopg2://", 1))
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("INSERT INTO kept VALUES (2)"))
    engine.dispose()
    assert server.incidents(0) == []
    assert server.describe("public.kept").rows == 2


@pytest.mark.parametrize("running", WHOLE, indirect=True)
def test_reset_forgets_tables_databases_roles_settings_and_incidents(server):
    with pipeline(server) as open_one:
        open_one.autocommit = True
        cursor = open_one.cursor()
        cursor.execute("CREATE TABLE t (a int)")
        cursor.execute("CREATE DATABASE other IS_TEMPLATE true")
        cursor.execute("CREATE ROLE somebody")
        cursor.execute("GRANT SELECT ON t TO somebody")
        cursor.execute("ALTER ROLE mage SET search_path TO nowhere")
        with pytest.raises(psycopg2.Error):
            cursor.execute("boom")
        server.reset()
        with pytest.raises(psycopg2.OperationalError):
            cursor.execute("SELECT 1")
    assert server.inventory() == []
    assert server.incidents(0) == []
    left = server.query(
        "SELECT datname AS name FROM pg_database UNION ALL "
        "SELECT rolname FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%' ORDER BY 1"
    )
    assert left["name"].to_pylist() == [
        *("mage", "mage", "postgres", "postgres", "template0", "template1")
    ]
    assert server.query("SHOW search_path")["search_path"][0].as_py() == '"$user", public'


def test_a_locked_table_is_told_of(server, monkeypatch):
    monkeypatch.setattr(postgres_tables, "_PATIENCE", "SET lock_timeout = '20ms'")
    server.execute("CREATE TABLE t (a int)")
    with pipeline(server) as connection:
        connection.cursor().execute("TRUNCATE t")
        with pytest.raises(ServiceError, match="holds a lock"):
            server.inventory()
        connection.rollback()


def test_nobody_gets_in_without_the_password(server):
    for user in ("mage", "postgres"):
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(host=server.host, port=server.port, user=user, password="mage")
