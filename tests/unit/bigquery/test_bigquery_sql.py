"""Answers of expressions, as BigQuery's reference gives them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import duckdb
import pytest

from harness.bigquery.database import Database
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.failures import explained
from harness.bigquery.sql.parse import parse
from harness.bigquery.sql.query import Query


@pytest.fixture(scope="module")
def database():
    database = Database()
    yield database
    database.close()


def nothing(parts):
    raise AssertionError(parts)


def run(database: Database, statement: str):
    tree = parse(statement)
    translator = Query(nothing, functions=tree.meta["functions"], know=database.know)
    sql, _ = translator.translate(tree)
    with database.cursor() as cursor:
        try:
            return cursor.sql(sql).to_arrow_table()
        except duckdb.Error as error:
            raise explained(error, statement=statement) from error


def answer(database: Database, expression: str):
    statement = expression if "SELECT" in expression else f"SELECT {expression}"
    return run(database, statement).column(0).to_pylist()[0]


UTC = dt.UTC
ANSWERS = [
    ("7 / 2", 3.5),
    ("DIV(-7, 2)", -3),
    ("MOD(-7, 2)", -1),
    ("2147483647 + 1", 2147483648),
    ("1.5 * 2", 3.0),
    ("SAFE_DIVIDE(1, 0)", None),
    ("CAST(2.5 AS INT64)", 3),
    ("CAST(-2.5 AS INT64)", -3),
    ("SAFE_CAST('1.5' AS INT64)", None),
    ("SAFE_CAST('yes' AS BOOL)", None),
    ("CAST('true' AS BOOL)", True),
    ("SAFE_CAST('2021/01/01' AS DATE)", None),
    ("CAST('2021-01-02' AS DATE)", dt.date(2021, 1, 2)),
    ("CAST(1.0 AS STRING)", "1"),
    ("CAST(0.1 AS STRING)", "0.1"),
    ("CAST(NUMERIC '1.50' AS STRING)", "1.5"),
    ("CAST(NUMERIC '100' AS STRING)", "100"),
    ("CAST(TRUE AS STRING)", "true"),
    ("CAST(DATE '2021-01-02' AS STRING)", "2021-01-02"),
    ("CAST(TIMESTAMP '2021-01-01 00:00:00.5' AS STRING)", "2021-01-01 00:00:00.500+00"),
    ("CAST(TIMESTAMP '2021-01-01 00:00:00' AS STRING)", "2021-01-01 00:00:00+00"),
    ("CAST(DATETIME '2021-01-01 00:00:00.000001' AS STRING)", "2021-01-01 00:00:00.000001"),
    ("CAST('1.5' AS NUMERIC)", Decimal("1.5")),
    ("CONCAT('a', NULL)", None),
    ("GREATEST(1, NULL)", None),
    ("LEAST(2, 1)", 1),
    ("SUBSTR('abc', 0, 2)", "ab"),
    ("SUBSTR('abc', -2)", "bc"),
    ("SUBSTR('abc', -5, 2)", "ab"),
    ("STRPOS('abc', 'c')", 3),
    ("REGEXP_EXTRACT('abc', 'x(b)')", None),
    ("REGEXP_EXTRACT('abc', 'a(b)')", "b"),
    ("REGEXP_REPLACE('aab', 'a', 'x')", "xxb"),
    ("REGEXP_CONTAINS('abc', 'b')", True),
    (r"'a%' LIKE 'a\\%'", True),
    (r"'ab' LIKE 'a\\%'", False),
    ("TO_HEX(MD5('a'))", "0cc175b9c0f1b6a831c399e269772661"),
    (
        "TO_HEX(SHA256('a'))",
        "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
    ),
    ("SPLIT('a,b')[OFFSET(1)]", "b"),
    ("SPLIT('a,b')[ORDINAL(1)]", "a"),
    ("SPLIT('a,b')[SAFE_OFFSET(5)]", None),
    ("SPLIT('a,b')[SAFE_OFFSET(-1)]", None),
    ("ARRAY_LENGTH([1, 2])", 2),
    ("EXTRACT(DAYOFWEEK FROM DATE '2021-01-03')", 1),
    ("EXTRACT(WEEK FROM DATE '2021-01-03')", 1),
    ("EXTRACT(WEEK FROM DATE '2021-01-02')", 0),
    ("EXTRACT(ISOWEEK FROM DATE '2021-01-03')", 53),
    ("EXTRACT(MILLISECOND FROM TIMESTAMP '2021-01-03 00:00:12.345')", 345),
    ("EXTRACT(DATE FROM TIMESTAMP '2021-02-01 05:00:00')", dt.date(2021, 2, 1)),
    ("EXTRACT(HOUR FROM DATETIME '2021-02-01 05:00:00')", 5),
    ("DATE_TRUNC(DATE '2021-01-06', WEEK)", dt.date(2021, 1, 3)),
    ("DATE_TRUNC(DATE '2021-01-06', ISOWEEK)", dt.date(2021, 1, 4)),
    ("DATE_TRUNC(DATE '2021-01-06', MONTH)", dt.date(2021, 1, 1)),
    (
        "TIMESTAMP_TRUNC(TIMESTAMP '2021-01-06 10:10:00', DAY)",
        dt.datetime(2021, 1, 6, tzinfo=UTC),
    ),
    ("DATE_ADD(DATE '2021-01-31', INTERVAL 1 MONTH)", dt.date(2021, 2, 28)),
    ("DATE_SUB(DATE '2021-01-01', INTERVAL 1 DAY)", dt.date(2020, 12, 31)),
    (
        "TIMESTAMP_ADD(TIMESTAMP '2021-01-06 23:30:00', INTERVAL 1 HOUR)",
        dt.datetime(2021, 1, 7, 0, 30, tzinfo=UTC),
    ),
    ("DATE_DIFF(DATE '2021-01-06', DATE '2020-12-30', DAY)", 7),
    ("DATE_DIFF(DATE '2021-01-03', DATE '2021-01-02', WEEK)", 1),
    ("DATE_DIFF(DATE '2021-01-04', DATE '2021-01-03', WEEK)", 0),
    ("DATE_DIFF(DATE '2021-01-04', DATE '2021-01-03', ISOWEEK)", 1),
    (
        "TIMESTAMP_DIFF(TIMESTAMP '2021-01-06 00:10:00', TIMESTAMP '2021-01-05 23:50:00', HOUR)",
        0,
    ),
    (
        "DATETIME_DIFF(DATETIME '2021-01-06 00:10:00', DATETIME '2021-01-05 23:50:00', HOUR)",
        1,
    ),
    ("DATE(TIMESTAMP '2021-01-06 23:10:00')", dt.date(2021, 1, 6)),
    ("TIMESTAMP(DATE '2021-01-01')", dt.datetime(2021, 1, 1, tzinfo=UTC)),
    ("DATETIME(TIMESTAMP '2021-01-01 01:00:00')", dt.datetime.fromisoformat("2021-01-01T01:00")),
    ("TIMESTAMP_MILLIS(1500)", dt.datetime(1970, 1, 1, 0, 0, 1, 500000, tzinfo=UTC)),
    ("UNIX_SECONDS(TIMESTAMP '2021-01-01')", 1609459200),
    ("FORMAT_DATE('%Y-%m', DATE '2021-01-05')", "2021-01"),
    ("FORMAT_TIMESTAMP('%F %T', TIMESTAMP '2021-01-05 01:02:03')", "2021-01-05 01:02:03"),
    ("PARSE_DATE('%Y%m%d', '20210105')", dt.date(2021, 1, 5)),
    ("PARSE_TIMESTAMP('%Y-%m-%d', '2021-01-05')", dt.datetime(2021, 1, 5, tzinfo=UTC)),
    ("LAST_DAY(DATE '2021-02-03')", dt.date(2021, 2, 28)),
    ("SELECT COUNTIF(x > 1) FROM UNNEST([1]) AS x WHERE x > 5", 0),
    ("SELECT x FROM UNNEST([1, NULL, 2]) AS x ORDER BY x", None),
    ("SELECT x FROM UNNEST([1, NULL, 2]) AS x ORDER BY x DESC", 2),
    ("SELECT STRING_AGG(x, '-' ORDER BY x) FROM UNNEST(['b', 'a']) AS x", "a-b"),
    ("SELECT LOGICAL_OR(x) FROM UNNEST([TRUE, FALSE]) AS x", True),
]


@pytest.mark.parametrize(("expression", "expected"), ANSWERS, ids=[one[0] for one in ANSWERS])
def test_an_expression_has_bigquerys_answer(database, expression, expected):
    found = answer(database, expression)
    assert found == expected
    assert type(found) is type(expected)


FAILURES = [
    ("1 / 0", "division by zero: 1 / 0"),
    ("MOD(1, 0)", "division by zero"),
    ("CAST('1.5' AS INT64)", "Bad int64 value: 1.5"),
    ("CAST('1_000' AS FLOAT64)", "Bad double value: 1_000"),
    ("CAST('1' AS BOOL)", "Bad bool value: 1"),
    ("CAST('2021/01/01' AS DATE)", "Invalid date"),
    ("SPLIT('a')[OFFSET(5)]", "Array index 5 is out of bounds"),
    ("NO_SUCH(1)", r"Function not found: NO_SUCH at \[1:8\]"),
    ("nothing", r"Unrecognized name: nothing at \[1:8\]"),
]


@pytest.mark.parametrize(("expression", "message"), FAILURES)
def test_an_expression_fails_as_in_bigquery(database, expression, message):
    with pytest.raises(ApiError, match=message) as caught:
        answer(database, expression)
    assert caught.value.reason == "invalidQuery"
    assert not isinstance(caught.value, UnsupportedError)


REFUSED = [
    ("NET.REG_DOMAIN('a.b')", r"NET.REG_DOMAIN at \[1:8\]"),
    ("FORMAT(CONCAT('%', 'd', CAST(1 AS STRING)), 1)", "FORMAT with a format"),
    ("COLLATE('a', 'und:ci')", r"function COLLATE at \[1:8\]"),
    ("DETERMINISTIC_ENCRYPT('a', 'b', 'c')", "DETERMINISTIC_ENCRYPT"),
    ("ST_GEOGPOINT(1, 2)", "geography function ST_GEOGPOINT"),
    ("CAST(1e20 AS STRING)", "very large"),
    ("/* c */ BEGIN SELECT 1; END", "scripting"),
    ("SELECT 1; IF TRUE THEN SELECT 2; END IF", r"scripting \(IF\) at \[1:11\]"),
    ("CALL p()", "CALL"),
    ("EXPORT DATA OPTIONS(uri='x') AS SELECT 1", "EXPORT DATA"),
    ("SELECT * FROM ML.PREDICT(MODEL d.m, TABLE d.t)", "ML.PREDICT"),
    ("CREATE TEMP FUNCTION f(x INT64) RETURNS INT64 LANGUAGE js AS 'return x'", "stub"),
    ("BEGIN TRANSACTION", "transactions"),
]


@pytest.mark.parametrize(("expression", "named"), REFUSED)
def test_what_would_come_out_wrong_is_refused_by_name(database, expression, named):
    statements = ("SELECT", "DECLARE", "/*", "CALL", "EXPORT", "CREATE", "BEGIN")
    statement = expression if expression.startswith(statements) else f"SELECT {expression}"
    with pytest.raises(UnsupportedError, match=named) as caught:
        run(database, statement)
    assert str(caught.value).startswith("Not supported by the BigQuery stub: ")


@pytest.mark.parametrize(
    "statement", ["SELEC 1", "SELECT FROM WHERE", "SELECT (1", "", ";", "SELECT 'a"]
)
def test_nonsense_is_a_syntax_error(statement):
    with pytest.raises(ApiError, match="Syntax error") as caught:
        parse(statement)
    assert caught.value.code == 400
