from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

CONFTEST = """
import pyarrow as pa
import json
from xml.etree import ElementTree as ET

import pytest
from harness.errors import MissingSinkError
from harness.expect import Expect
from harness.services.protocol import Column, Sink

class Service:
    def describe(self, name):
        if name != "ny_taxi.trips":
            try:
                {}["relation"]
            except KeyError as error:
                raise MissingSinkError(f"there is no table {name}") from error
        columns = (Column(name="a", type="bigint"),)
        return Sink(service="postgres", name=name, rows=2, columns=columns)
    def read(self, name):
        return pa.table({"a": [1, None]})
    def partitions(self, name):
        return {}
    def inventory(self):
        return []

@pytest.fixture
def expect():
    return Expect(postgres=Service)
"""

CHECKS = {
    "rows": ('expect.table("ny_taxi.trips").rows(3)', "expected 3 rows, found 2 (1 fewer)"),
    "schema": ('expect.table("ny_taxi.trips").schema({"a": "text"})', "other type"),
    "partitions": ('expect.table("ny_taxi.trips").partitions(["x"])', "not partitioned"),
    "column": ('expect.table("ny_taxi.trips").column("b")', "expected a column b"),
    "nulls": ('expect.table("ny_taxi.trips").column("a").no_nulls()', "expected no nulls"),
    "between": ('expect.table("ny_taxi.trips").column("a").between(2, 3)', "found 1 to 1"),
    "isin": ('expect.table("ny_taxi.trips").column("a").isin([2])', "found 1 other"),
    "missing": ('expect.table("ny_taxi.tripz")', "there is no table ny_taxi.tripz"),
    "refused": ('expect.table("ny_taxi.trips").column("a").between("x", 3)', "is no limit"),
    "unknown": ('expect.bigquery("ny_taxi.trips")', "have no bigquery"),
}


@pytest.mark.parametrize("style", ["long", "short"])
@pytest.mark.parametrize("plugin", [(), ("-p", "no:mage_harness")], ids=["with", "without"])
def test_pytest_shows_the_line_of_the_test_and_the_message(pytester, style, plugin):
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(
        "\n\n".join(f"def test_{name}(expect):\n    {line}" for name, (line, _) in CHECKS.items())
    )

    result = pytester.runpytest_inprocess(f"--tb={style}", "-p", "no:cacheprovider", *plugin)

    result.assert_outcomes(failed=len(CHECKS))
    text = result.stdout.str()
    for line, message in CHECKS.values():
        assert line in text
        assert message in text
    body = text.partition("short test summary")[0]
    assert "harness/expect" not in body
    assert "conftest.py" not in body
    assert "During handling" not in body
    assert "direct cause" not in body
    assert "__tracebackhide__" not in body


def properties(pytester):
    return list(ET.parse(pytester.path / "out.xml").iter("property"))


def test_junit_has_the_facts(pytester):
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(
        'def test_rows(expect):\n    expect.table("ny_taxi.trips").equals([{"a": 7}])'
    )

    pytester.runpytest_inprocess("--junitxml=out.xml", "-p", "no:cacheprovider")

    (found,) = properties(pytester)
    facts = json.loads(found.get("value"))
    assert found.get("name") == "mage-harness-expectation"
    assert (facts["check"], facts["missing"], facts["extra"]) == ("equals", 1, 2)
    assert facts["evidence"][0].startswith("columns with other values: a")
    assert facts["about"] == "Postgres table ny_taxi.trips"


def test_junit_has_the_checks_that_held_before_and_beside_one_that_did_not(pytester):
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(
        "def test_rows(expect):\n"
        '    trips = expect.table("ny_taxi.trips").rows(2).rows(2)\n'
        '    trips.column("a").between(0, 9)\n'
        "    trips.rows(7)\n"
    )

    pytester.runpytest_inprocess("--junitxml=out.xml", "-p", "no:cacheprovider")

    held = [
        json.loads(one.get("value"))
        for one in properties(pytester)
        if one.get("name") == "mage-harness-held"
    ]
    table = "Postgres table ny_taxi.trips"
    assert held == [
        {"about": table, "check": "rows", "times": 2},
        {"about": table, "check": "column", "times": 1},
        {"about": f"a of {table}", "check": "between", "times": 1},
    ]
