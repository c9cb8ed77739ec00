"""Faults as text: the declaration of a test, read as syntax and never evaluated."""

from __future__ import annotations

import pytest

from harness.errors import InputError
from harness.faults.declared import Faults
from harness.faults.fault import Fault, check
from harness.faults.written import KNOWN, left, read, text_of


def test_every_method_that_declares_a_fault_is_known():
    own = {"before", "after", "account", "require_met"}
    assert set(KNOWN) == {name for name in vars(Faults) if not name.startswith("_")} - own


@pytest.mark.parametrize(
    ("text", "method", "arguments"),
    [
        (
            "gcs(503, times=2, block=taxi_data_to_gcs)",
            "gcs",
            {"what": 503, "times": 2, "block": "taxi_data_to_gcs"},
        ),
        (
            " bigquery('reset', containing='POST /upload/', after=1) ",
            "bigquery",
            {"what": "reset", "containing": "POST /upload/", "after": 1},
        ),
        ("http(trips, cut, size=9)", "http", {"url": "trips", "what": "cut", "size": 9}),
        ("postgres('40001')", "postgres", {"what": "40001"}),
        ("s3(stall, seconds=0.5)", "s3", {"what": "stall", "seconds": 0.5}),
        ("s3(stall, seconds=2)", "s3", {"what": "stall", "seconds": 2}),
        (
            "killed(load, at=block_end, nth=2)",
            "killed",
            {"block": "load", "at": "block_end", "nth": 2},
        ),
        ("disk_full(block=load)", "disk_full", {"block": "load"}),
        ("clock('-1h', load)", "clock", {"by": "-1h", "block": "load"}),
    ],
)
def test_it_is_what_a_test_declares(text, method, arguments):
    found = read(text)
    assert (found.method, found.arguments) == (method, arguments)


@pytest.mark.parametrize(
    "text",
    [
        *("", "gcs", "gcs(", "gcs(503", "gcs(503))", "gcs(503); gcs(503)", "x = gcs(503)"),
        *("gcs()", "gcs(503, 504)", "gcs(503, bloc=x)", "gcs(503, block=x, block=y)"),
        *("gcs(503, times='2')", "gcs(503, times=1.5)", "gcs(503, times=True)", "gcs(None)"),
        *("gcs(503, block=5)", "gcs(503, size=3)", "http(x, 503, containing=y)", "postgres(40001)"),
        *("__import__('os').system('true')", "gcs(__import__('os').getpid())", "gcs(f'{1}')"),
        *("faults.gcs(503)", "require_met()", "__init__(1)", "_declare(1)", "gcs(*x)", "gcs(**x)"),
        *("gcs([503])", "gcs(b'503')", "gcs(500 + 3)", "gcs((lambda: 503)())", "gcs(503j)"),
        *("gcs(1e999)", "gcs('\\d')", "gcs(503)\0", "(" * 900, "-" * 900 + "1", "gcs(" * 240),
        *("a" * 5_000, "gcs(" + "9" * 5_000 + ")", "gcs(503, times=" + "9" * 980 + "x)"),
    ],
)
def test_anything_else_is_refused_with_those_that_are_known(text):
    with pytest.raises(InputError) as error:
        read(text)
    assert error.value.evidence == (f"known: {', '.join(KNOWN)}",)
    assert "docs/faults.md" in str(error.value)


def test_a_name_that_is_nearly_one_is_told():
    with pytest.raises(InputError) as error:
        read("postgress(cut)")
    assert error.value.cause == "there is no fault postgress: is it postgres?"


@pytest.mark.parametrize("seconds", ["1e999", "-1", "90000"])
def test_no_stall_is_endless(seconds):
    arguments = read(f"gcs(stall, seconds={seconds})").arguments
    with pytest.raises(InputError):
        check(Fault(service="gcs", what="stall", seconds=arguments["seconds"]))


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault(service="gcs", what="503", block="a", times=2), "gcs(503, block='a', times=2)"),
        (
            Fault(service="http", what="cut", containing="it's", size=3),
            "http(\"it's\", 'cut', size=3)",
        ),
        (Fault(service="postgres", what="40001", after=1), "postgres('40001', after=1)"),
        (Fault(service="s3", what="stall", seconds=0.5), "s3('stall', seconds=0.5)"),
        (
            Fault(service="mage", what="killed", block="a", after=1, containing="block_end"),
            "killed(block='a', at='block_end', nth=2)",
        ),
        (
            Fault(service="disk", what="full", block="a", size=1 << 17),
            "disk_full(block='a', size=131072)",
        ),
        (
            Fault(service="clock", what="-1h", block="a", containing="block_start"),
            "clock('-1h', block='a', at='block_start', nth=1)",
        ),
    ],
)
def test_what_is_written_is_read_again(fault, text):
    assert text_of(fault) == text
    assert read(text).method == text.partition("(")[0]


def test_what_has_come_is_not_left():
    fault = Fault(service="gcs", what="503", times=3, after=2, met=1, passed=2)
    assert text_of(left(fault)) == "gcs(503, times=2)"
