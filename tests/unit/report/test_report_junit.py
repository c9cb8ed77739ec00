"""JUnit's XML, in the form of junit-10.xsd of Jenkins' xUnit plugin, whatever a run holds."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from harness.contracts.difference import ContractReport, Difference
from harness.problem import Problem
from harness.report.junit import readable_of
from harness.report.junit_file import junit
from harness.report.model import BlockReport, PipelineReport, RunReport, SinkReport

HOSTILE = ']]></failure><x y="\'">&amp;\x00\x1b[31m\ufffe\udcff\nend'
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase"},
    "properties": {"property"},
    "testcase": {"failure", "skipped"},
    "property": set(),
    "failure": set(),
    "skipped": set(),
}
NEEDED = {
    "testsuite": {"name", "tests", "failures", "errors"},
    "testcase": {"name"},
    "property": {"name", "value"},
}
ALLOWED = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": NEEDED["testsuite"] | {"time", "skipped"},
    "testcase": {"name", "time", "classname"},
    "property": NEEDED["property"],
    "failure": {"type", "message"},
    "skipped": {"type", "message"},
}


def problem(message="division by zero", **more):
    return Problem(**{"code": "block-failed", "message": message, "pipeline": "shop", **more})


def red(tmp_path, message="division by zero"):
    placed = {"block": "keep", "file": "transformers/keep.py", "line": 5}
    return PipelineReport(
        uuid="shop",
        ok=False,
        seconds=1234.5678,
        blocks=(
            BlockReport(uuid="load", status="completed", rows_out=9, seconds=0.5),
            BlockReport(uuid="keep", status="failed", rows_in=9, seconds=0.25),
            BlockReport(uuid="store", status="not run"),
        ),
        problems=(
            problem(message, **placed),
            problem("late", code="slow", block="keep"),
            problem("a service is gone", code="service-gone"),
        ),
        sinks=(
            SinkReport(service="postgres", name="shop.orders", rows=9_500),
            SinkReport(service="gcs", name="gs://shop/a.bin", rows=None),
        ),
        contract=ContractReport(
            file=tmp_path / "shop.yaml",
            differences=(
                Difference(
                    service="gcs", sink="a", rule="rows", expected="9", found=message, line=3
                ),
            ),
        ),
    )


def xml_of(*pipelines, left_out=(), files=None):
    report = RunReport(pipelines=pipelines, left_out=left_out)
    return junit(report.as_json(), files=files or {})


def suite_of(text):
    (suite,) = ET.fromstring(text)
    return suite


def test_a_pipeline_is_a_suite_and_its_blocks_are_cases(tmp_path):
    suite = suite_of(xml_of(red(tmp_path)))

    told = [
        (one.get("name"), one.get("time"), one.find("failure") is not None, one.find("skipped"))
        for one in suite.iter("testcase")
    ]
    assert [one[:3] for one in told] == [
        ("load", "0.500", False),
        ("keep", "0.250", True),
        ("store", "0.000", False),
        ("the pipeline", "1234.568", True),
        ("the contract", "0.000", True),
    ]
    assert told[2][3].get("message") == "not run"
    assert {one.get("classname") for one in suite.iter("testcase")} == {"shop"}
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "5", "failures": "3", "errors": "0", "skipped": "1"}


def test_one_failure_of_a_case_tells_of_all(tmp_path):
    suite = suite_of(xml_of(red(tmp_path)))
    (failure,) = suite.find("testcase[@name='keep']")

    assert failure.attrib == {"type": "block-failed", "message": "division by zero, and 1 more"}
    assert failure.text == "[block-failed] transformers/keep.py:5 division by zero\n[slow] late"
    assert suite.find("testcase[@name='the pipeline']/failure").text == (
        "[service-gone] a service is gone"
    )


def test_the_facts_are_properties_of_the_suite(tmp_path):
    files = {"shop": [("mage_bundle", "kept/shop.mage.zip")], "bank": [("mage_bundle", "no")]}
    suite = suite_of(xml_of(red(tmp_path), files=files))

    assert suite[0].tag == "properties"
    assert [(one.get("name"), one.get("value")) for one in suite[0]] == [
        ("mage_pipeline", "shop"),
        ("mage_verdict", "failed"),
        ("mage_blocks", "1 of 3"),
        ("mage_seconds", "1234.568"),
        ("mage_problems", "block-failed, slow, service-gone"),
        ("mage_rows", "postgres shop.orders: 9500"),
        ("mage_rows", "gcs gs://shop/a.bin: no rows"),
        ("mage_bundle", "kept/shop.mage.zip"),
    ]


def test_what_need_not_run_and_what_was_not_looked_at_are_skipped(tmp_path):
    green = PipelineReport(
        uuid="shop",
        ok=True,
        seconds=1,
        contract=ContractReport(file=tmp_path / "shop.yaml", left_out="other variables"),
    )
    bank = {"uuid": "bank", "since": "yesterday"}
    root = ET.fromstring(xml_of(green, left_out=(bank,)))

    assert [one.get("name") for one in root] == ["shop", "bank"]
    assert [one.get("message") for one in root.iter("skipped")] == [
        "other variables",
        "nothing that it depends on has changed since yesterday",
    ]
    assert (root.get("tests"), root.get("failures")) == ("3", "0")


def test_a_declared_fault_that_did_not_come_is_a_failure():
    declared = tuple({"fault": "gcs(503)", "times": 2, "met": met} for met in (1, 2))
    facts = RunReport(declared_faults=declared).as_json()
    suite = suite_of(junit(facts, files={}))

    assert [case.get("name") for case in suite] == ["gcs(503)", "gcs(503)"]
    assert [one.text for one in suite.iter("failure")] == ["[fault-not-met] it came 1 of 2 times"]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")


def test_before_anything_ran_there_is_no_test():
    root = ET.fromstring(xml_of())
    assert (root.get("tests"), len(root)) == ("0", 0)


@pytest.mark.parametrize("message", ["plain", HOSTILE, "x" * 100_000])
def test_the_form_is_that_of_the_schema(tmp_path, message):
    left_out = {"uuid": message, "since": message}
    files = {"shop": [("mage_report", message)]}
    text = xml_of(red(tmp_path, message), left_out=(left_out,), files=files)

    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", text)
    assert text.encode()
    for one in ET.fromstring(text).iter():
        assert {child.tag for child in one} <= CHILDREN[one.tag]
        assert NEEDED.get(one.tag, set()) <= one.attrib.keys() <= ALLOWED.get(one.tag, set())
        if one.tag in ("testsuite", "testsuites"):
            assert re.fullmatch(r"[0-9]*\.[0-9]{3}", one.get("time"))


def test_a_loop_of_tables_makes_no_report_of_megabytes(tmp_path):
    sinks = tuple(SinkReport(service="gcs", name=f"o{n}", rows=1) for n in range(60))
    facts = PipelineReport(uuid="shop", ok=True, seconds=1, sinks=sinks).as_json()
    rows = [value for name, value in readable_of(facts) if name == "mage_rows"]

    assert len(rows) == 51
    assert rows[-1] == "10 more"
