"""Statements that nest deep: they come out right or are refused as the real service does."""

from __future__ import annotations

import duckdb
import pytest

from harness.bigquery.database import Database
from harness.bigquery.errors import ApiError
from harness.bigquery.sql.failures import explained
from harness.bigquery.sql.parse import parse
from harness.bigquery.sql.query import Query


@pytest.fixture(scope="module")
def database():
    database = Database()
    yield database
    database.close()


def translated(database: Database, expression: str) -> str:
    tree = parse(f"SELECT {expression}")
    sql, _ = Query(lambda *_: None, know=database.know).translate(tree)
    return sql


def answer(database: Database, expression: str):
    sql = translated(database, expression)
    with database.cursor() as cursor:
        try:
            return cursor.execute(sql).fetchone()[0]
        except duckdb.Error as error:
            raise explained(error) from error


def nested(form: str, times: int, innermost: str) -> str:
    for _ in range(times):
        innermost = form.replace("_", innermost)
    return innermost


RIGHT = [
    (" AND ".join(["1 = 1"] * 5000), True),
    (" OR ".join(["1 = 2"] * 3000), False),
    (f"1 IN ({', '.join(str(one) for one in range(3000))})", True),
    (nested("ABS(_)", 100, "-1"), 1),
    (nested("IF(TRUE, _, 2)", 200, "1"), 1),
    (nested("CONCAT(_, 'b')", 100, "'a'"), "a" + "b" * 100),
    (nested("REPLACE(SUBSTR(_, 1, 9), 'x', 'y')", 30, "'xx'"), "yy"),
    (nested("CAST(CAST(_ AS STRING) AS INT64)", 10, "5"), 5),
    (nested("(_ / 2)", 30, "1073741824"), 1.0),
    (nested("(SELECT _)", 100, "1"), 1),
]


@pytest.mark.parametrize(("expression", "wanted"), RIGHT, ids=[one[0][:30] for one in RIGHT])
def test_a_deep_expression_is_right_and_does_not_grow_without_end(database, expression, wanted):
    assert answer(database, expression) == wanted
    assert len(translated(database, expression)) < 40 * len(expression)


@pytest.mark.parametrize(
    "expression",
    ["+".join(["1"] * 5000), nested("ABS(_)", 4000, "1"), "NOT " * 3000 + "TRUE"],
    ids=["sum", "calls", "not"],
)
def test_what_is_too_deep_is_refused_as_too_complex(database, expression):
    with pytest.raises(ApiError, match="query is too complex") as caught:
        answer(database, expression)
    assert caught.value.reason == "resourcesExceeded"
