"""The private MySQL with a real server and a real client."""

from __future__ import annotations

import datetime as dt
import time
from contextlib import closing, suppress
from decimal import Decimal

import pymysql
import pytest

from harness.clock.clock import Clock
from harness.errors import InputError, MissingSinkError
from harness.services.embedded.mysql import MySqlServer
from harness.services.mysql_settings import HISTORY
from harness.services.protocol import Listening, Service, Telling, Timed

TYPES = """
CREATE TABLE kinds (
  id INT PRIMARY KEY, flag TINYINT(1), big BIGINT UNSIGNED, price DECIMAL(20, 4), at DATETIME(6),
  day DATE, hour TIME(3), doc JSON, raw BLOB, name VARCHAR(20), f FLOAT, d DOUBLE, b BIT(3),
  e ENUM('x', 'y'), y YEAR, t TIMESTAMP NULL, wide DECIMAL(60, 2), zero DATE
)
"""
ROW = """
INSERT INTO kinds VALUES (
  1, 1, 18446744073709551615, 1234567890.1234, '2021-01-31 10:11:12.123456', '2021-01-31',
  '10:11:12.5', '{"a": 1}', x'00ff', 'ä"ö\\n,\\\\', 1.1, 0.1, b'101', 'x', 2021,
  '2021-01-01 00:00:00', 1.25, '0000-00-00'
), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL)
"""


@pytest.fixture(scope="module")
def running(cache):
    service = MySqlServer(cache=cache)
    service.start()
    yield service
    service.stop()


@pytest.fixture
def mysql(running):
    running.reset()
    return running


@pytest.fixture
def client(mysql):
    """Connections as pipelines have them."""

    def client(**more):
        asked = {"database": mysql.database, **more}
        host, port = mysql.listens_at
        return closing(
            pymysql.connect(host=host, port=port, user=mysql.user, password=mysql.password, **asked)
        )

    return client


def codes(mysql, since):
    return [(one.code, one.detail) for one in mysql.incidents(since)]


def test_it_keeps_the_protocols(mysql):
    for protocol in (Service, Listening, Telling, Timed):
        assert isinstance(mysql, protocol)
    assert mysql.inventory() == []
    assert mysql.overlay().items() <= mysql.environment().items()
    assert "MYSQL_DATABASE" not in mysql.overlay()


def test_rows_come_as_arrow_with_their_types(mysql):
    mysql.execute(f"{TYPES};{ROW};")
    (sink,) = mysql.inventory()
    assert (sink.service, sink.name, sink.rows) == ("mysql", "mage.kinds", 2)
    own = {column.name: column.type for column in sink.columns}
    assert own["big"] == "bigint(20) unsigned"
    assert own["doc"] == "json"
    table = mysql.read("mage.kinds")
    kinds = [str(field.type) for field in table.schema]
    assert kinds == [
        *("int32", "int8", "uint64", "decimal128(20, 4)", "timestamp[us]", "date32[day]"),
        *("time64[us]", "string", "binary", "string", "float", "double", "uint64", "string"),
        *("int16", "timestamp[us]", "decimal128(38, 2)", "string"),
    ]
    first, second = table.to_pylist()
    assert first["big"] == 2**64 - 1
    assert first["price"] == Decimal("1234567890.1234")
    assert first["at"] == dt.datetime.fromisoformat("2021-01-31T10:11:12.123456")
    assert (first["raw"], first["name"], first["b"]) == (b"\x00\xff", 'ä"ö\n,\\', 5)
    assert (first["d"], first["zero"]) == (0.1, "0000-00-00")
    assert {second[name] for name in second if name not in ("id", "name")} == {None}
    assert second["name"] == ""


def test_names_keys_partitions_and_queries(mysql):
    mysql.execute("CREATE DATABASE `odd ``name`; CREATE TABLE `odd ``name`.`a ``b` (`c ``d` int)")
    assert [sink.name for sink in mysql.inventory()] == ["odd `name.a `b"]
    assert mysql.read("odd `name.a `b").schema.names == ["c `d"]
    mysql.execute(
        "CREATE TABLE days (day DATE, n INT, PRIMARY KEY (day, n)) PARTITION BY RANGE (YEAR(day)) "
        "(PARTITION p2020 VALUES LESS THAN (2021), PARTITION p2021 VALUES LESS THAN (2022));"
        "INSERT INTO days VALUES ('2020-05-05', 1), ('2021-05-05', 2), ('2021-06-05', 3)"
    )
    assert mysql.partitions("mage.days") == {"p2020": 1, "p2021": 2}
    assert mysql.primary_key("mage.days") == ("day", "n")
    total = mysql.query("SELECT sum(n) AS total FROM days -- all of them")
    assert total.to_pylist() == [{"total": Decimal(6)}]
    for query in ("SELECT n FROM days", "WITH a AS (SELECT n FROM days) SELECT n FROM a"):
        ordered = mysql.query(f"{query} ORDER BY n DESC -- from the last")
        assert ordered.to_pydict() == {"n": [3, 2, 1]}
    assert mysql.query("SHOW TABLES").num_rows == 1
    with pytest.raises(MissingSinkError, match=r"nearest: mage\.days"):
        mysql.describe("mage.day")
    with pytest.raises(InputError, match=r"Unknown column(.|\n)*SELECT nope"):
        mysql.query("SELECT nope FROM days")


def test_what_was_written_has_another_version(mysql, client):
    mysql.execute("CREATE TABLE t (n int); CREATE TABLE u (n int)")
    before = {sink.name: sink.version for sink in mysql.inventory()}
    with client(autocommit=True) as connection:
        connection.cursor().execute("INSERT INTO t VALUES (1)")
        once = mysql.describe("mage.t").version
        connection.cursor().execute("DELETE FROM t")
    after = {sink.name: sink.version for sink in mysql.inventory()}
    assert before["mage.u"] == after["mage.u"]
    assert len({before["mage.t"], once, after["mage.t"]}) == 3


def test_statements_that_fail_are_told_and_questions_are_not(mysql, client):
    mysql.execute("CREATE TABLE t (id int PRIMARY KEY, n tinyint)")
    began = time.time()
    asked = (
        "INSERT INTO t VALUES (1, 1)",
        "INSERT INTO t VALUES (1, 2)",
        "INSERT INTO t VALUES (2, 2000)",
        "SELECT * FROM gone",
        "DESCRIBE gone",
    )
    with client(autocommit=True) as connection:
        for statement in asked:
            with suppress(pymysql.Error):
                connection.cursor().execute(statement)
    found = mysql.incidents(began)
    assert [(one.code, one.detail) for one in found] == [("mysql-error", one) for one in asked[1:4]]
    assert found[0].message == "ERROR 1062 (23000): Duplicate entry '1' for key 'PRIMARY'"
    assert found[0].raises == ("IntegrityError",)
    assert all(began <= one.at <= time.time() for one in found)
    with pytest.raises(InputError):
        mysql.execute("SELECT nope")
    assert len(mysql.incidents(began)) == 3
    assert mysql.incidents(time.time() + 1) == []


def test_what_a_procedure_handles_is_no_failure_and_what_it_does_not_is_one(mysql, client):
    with client(autocommit=True) as connection:
        cursor = connection.cursor()
        cursor.execute(
            "CREATE PROCEDURE tried() BEGIN DECLARE CONTINUE HANDLER FOR SQLEXCEPTION SET @x = 1; "
            "INSERT INTO gone VALUES (1); END"
        )
        cursor.execute("CREATE PROCEDURE dared() INSERT INTO gone VALUES (1)")
        began = time.time()
        cursor.execute("CALL tried()")
        assert mysql.incidents(began) == []
        with pytest.raises(pymysql.Error):
            cursor.execute("CALL dared()")
        assert codes(mysql, began) == [("mysql-error", "CALL dared()")]


def test_of_very_many_failures_none_is_forgotten_in_number(mysql, client):
    began = time.time()
    with client(autocommit=True) as connection:
        cursor = connection.cursor()
        for _ in range(HISTORY + 10):
            with suppress(pymysql.Error):
                cursor.execute("WRONG")
    found = mysql.incidents(began)
    assert len(found) > HISTORY - 10
    (rest,) = [one for one in found if "further statements were refused" in one.message]
    assert int(rest.message.split()[0]) + len(found) - 1 == HISTORY + 10


def test_what_is_not_committed_is_told(mysql, client):
    mysql.execute("CREATE TABLE t (n int)")
    began = time.time()
    with client() as connection:
        connection.cursor().execute("INSERT INTO t VALUES (1)")
        connection.commit()
        connection.cursor().execute("INSERT INTO t VALUES (2)")
        connection.cursor().execute("INSERT INTO t VALUES (3)")
    with client() as connection:
        connection.cursor().execute("INSERT INTO t VALUES (4)")
        connection.rollback()
    (lost, back) = mysql.incidents(began)
    assert lost.code == "mysql-uncommitted"
    assert lost.message.endswith("so this was lost: 2 INSERT")
    assert lost.detail == "INSERT INTO t VALUES (2)"
    assert (back.code, back.detail) == ("mysql-rolled-back", "INSERT INTO t VALUES (4)")
    assert mysql.query("SELECT n FROM t").to_pylist() == [{"n": 1}]


def test_a_client_that_was_cut_off_did_not_commit_either(mysql, client):
    mysql.execute("CREATE TABLE t (n int)")
    began = time.time()
    with client() as connection:
        connection.cursor().execute("INSERT INTO t VALUES (1)")
        connection._force_close()
        assert codes(mysql, began) == [("mysql-uncommitted", "INSERT INTO t VALUES (1)")]


def test_values_that_were_changed_are_told(mysql, client):
    mysql.execute("CREATE TABLE t (id int PRIMARY KEY, n decimal, s varchar(3))")
    began = time.time()
    with client(autocommit=True) as connection:
        cursor = connection.cursor()
        cursor.execute("INSERT INTO t VALUES (1, 1, 'abc')")
        cursor.execute("INSERT IGNORE INTO t VALUES (1, 1, 'abc'), (2, 2, 'abc')")
        assert mysql.told(began) == ()
        cursor.execute("INSERT INTO t VALUES (3, 1.5, 'abc')")
        cursor.execute("INSERT IGNORE INTO t VALUES (4, 1, 'abcdef')")
    (told,) = mysql.told(began)
    assert "VALUES (3, 1.5" in told
    assert "VALUES (4, 1" in told
    assert mysql.incidents(began) == []


def test_it_has_the_time_of_a_clock_and_keeps_what_it_holds(mysql, client):
    mysql.execute("CREATE TABLE t (n int); INSERT INTO t VALUES (1)")
    clock = Clock()
    clock.set(-365 * 24 * 3600)
    mysql.keep_time(clock)
    try:
        began = time.time()
        (row,) = mysql.query("SELECT UTC_TIMESTAMP() AS now, count(*) AS n FROM t").to_pylist()
        assert abs(row["now"] - clock.now().replace(tzinfo=None)) < dt.timedelta(minutes=10)
        assert row["n"] == 1
        with client(autocommit=True) as connection, pytest.raises(pymysql.Error):
            connection.cursor().execute("INSERT INTO gone VALUES (1)")
        ((code, _),) = codes(mysql, began)
        assert code == "mysql-error"
    finally:
        mysql.keep_time(Clock())


def test_reset_leaves_nothing(mysql, client):
    with client() as connection:
        connection.cursor().execute("CREATE DATABASE shop")
        connection.cursor().execute("CREATE TABLE shop.t (n int)")
        connection.cursor().execute("CREATE USER etl IDENTIFIED BY 'x'")
        connection.cursor().execute("INSERT INTO shop.t VALUES (1)")
        # Its lock would keep the table.
        mysql.reset()
    assert mysql.inventory() == []
    assert mysql.incidents(0) == []
    databases = mysql.query("SHOW DATABASES").column(0).to_pylist()
    assert "shop" not in databases
    assert "mage" in databases
    users = mysql.query("SELECT DISTINCT user AS u FROM mysql.user").column(0).to_pylist()
    assert "etl" not in users


def test_nobody_gets_in_without_the_password(mysql):
    host, port = mysql.listens_at
    for user in ("root", "", "mage", "mage_harness"):
        with pytest.raises(pymysql.OperationalError, match="Access denied"):
            pymysql.connect(host=host, port=port, user=user, password="")
