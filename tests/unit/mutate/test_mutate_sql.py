"""The mutants of SQL blocks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.mutate.columns import Columns
from harness.mutate.sql import mutants_of_sql

COLUMNS = Columns(({"fare": "double", "tip": "double"},))


def mutants(text, provider="postgres"):
    return mutants_of_sql(text, file=Path("t.sql"), block="t", provider=provider, columns=COLUMNS)


def lines(text, operator):
    return [one.after.strip() for one in mutants(text) if one.operator == operator]


@pytest.mark.parametrize(
    ("operator", "text", "expected"),
    [
        ("filter", "SELECT a FROM t WHERE a = 1 GROUP BY a", ["SELECT a FROM t  GROUP BY a"]),
        (
            "filter",
            "SELECT a FROM (SELECT a FROM t WHERE b > 1) x",
            ["SELECT a FROM (SELECT a FROM t ) x"],
        ),
        (
            "filter",
            "SELECT a FROM t WHERE b IN (SELECT b FROM u) LIMIT 3",
            ["SELECT a FROM t  LIMIT 3"],
        ),
        ("filter", "SELECT DISTINCT a FROM t", ["SELECT a FROM t"]),
        (
            "filter",
            "SELECT a FROM t GROUP BY a HAVING count(*) > 1",
            ["SELECT a FROM t GROUP BY a"],
        ),
        ("boundary", "SELECT a FROM t WHERE a >= b", ["SELECT a FROM t WHERE a > b"]),
        ("negation", "SELECT a FROM t WHERE a <> b", ["SELECT a FROM t WHERE a = b"]),
        ("negation", "UPDATE t SET a = 1", []),
        ("logic", "SELECT a FROM t WHERE a BETWEEN b AND c", []),
        (
            "logic",
            "SELECT a FROM t WHERE a BETWEEN b AND c AND d",
            ["SELECT a FROM t WHERE a BETWEEN b AND c OR d"],
        ),
        ("number", "SELECT a FROM t ORDER BY 1 LIMIT 10", ["SELECT a FROM t ORDER BY 1 LIMIT 11"]),
        ("arithmetic", "SELECT a - b FROM t", ["SELECT a + b FROM t"]),
        ("column", "SELECT t.fare AS tip FROM t", ["SELECT t.tip AS tip FROM t"]),
        ("column", 'SELECT "fare" FROM t', ['SELECT "tip" FROM t']),
        (
            "option",
            "SELECT a FROM t UNION ALL SELECT b FROM u",
            ["SELECT a FROM t UNION SELECT b FROM u"],
        ),
        (
            "option",
            "SELECT a FROM t UNION SELECT b FROM u",
            ["SELECT a FROM t UNION ALL SELECT b FROM u"],
        ),
        ("order", "SELECT a FROM t ORDER BY a DESC", ["SELECT a FROM t ORDER BY a ASC"]),
        (
            "join",
            "SELECT a FROM t LEFT OUTER JOIN u ON a < b",
            ["SELECT a FROM t INNER JOIN u ON a < b"],
        ),
        ("join", "SELECT a FROM t JOIN u ON a < b", ["SELECT a FROM t LEFT JOIN u ON a < b"]),
        ("join", "SELECT a FROM t CROSS JOIN u", []),
        (
            "aggregate",
            "SELECT SUM(a), min(b) FROM t",
            ["SELECT AVG(a), min(b) FROM t", "SELECT SUM(a), max(b) FROM t"],
        ),
    ],
)
def test_an_operator_makes_its_changes_and_no_others(operator, text, expected):
    assert lines(text, operator) == expected


def test_jinja_and_comments_stay_and_lines_keep_their_numbers():
    text = (
        "-- a > b\nSELECT a FROM {{ df_1 }}\nWHERE a > {{ year }}\n  AND b < '{{ x > 1 }}'\n"
        "{% if y > 2 %}LIMIT 5{% endif %}\n"
    )
    found = mutants(text)
    assert {one.line for one in found} == {3, 4, 5}
    for one in found:
        assert one.after.count("\n") == text.count("\n")
        assert one.after.count("{{") == 3 or one.operator == "filter"
    assert not [one for one in found if one.operator == "filter" and "{% if" not in one.after]


def test_what_is_no_sql_has_none():
    assert mutants("WHERE ((") == []


def test_a_name_in_the_dialect_of_its_service_is_read():
    text = "SELECT `fare` FROM `p.d.t` WHERE a > 1"
    assert {one.operator for one in mutants(text, "bigquery")} == {
        *("column", "filter", "boundary", "negation", "number")
    }


NOISY = """
from pathlib import Path
from harness.mutate.columns import Columns
from harness.mutate.sql import mutants_of_sql
text = "VACUUM t; SELECT a FROM t WHERE a > b"
assert mutants_of_sql(text, file=Path("a.sql"), block="a", provider="postgres", columns=Columns())
"""


def test_statements_that_are_kept_as_text_are_no_noise():
    # In a process without pytest, which takes all that is logged.
    done = subprocess.run([sys.executable, "-c", NOISY], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
