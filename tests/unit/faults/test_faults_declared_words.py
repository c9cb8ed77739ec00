"""What can be declared, and which calls a declared fault is for."""

from __future__ import annotations

import pytest

from harness.errors import CheckFailedError, InputError
from harness.faults.fault import Call, Fault, check
from harness.faults.ledger import Ledger


class Blocks:
    """A run in which some blocks run now."""

    def __init__(self, *running):
        self.running = running
        self.told = []
        self.killed = 0

    def blocks(self):
        return self.running

    def add(self, **facts):
        self.told.append(facts)

    def kill(self):
        self.killed += 1


def call(text="POST /upload/b/lake?id=1", service="gcs", kind="request", **more):
    return Call(service=service, kind=kind, text=text, **more)


def statement(text, **more):
    return call(text, service="postgres", kind="statement", **more)


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (Fault(service="gcs", what="200"), "'200' is none of"),
        (Fault(service="gcs", what="cut"), "'cut' is none of"),
        (Fault(service="postgres", what="503x"), "a SQLSTATE"),
        (Fault(service="gcs", what="503", times=0), "at least 1"),
        (Fault(service="gcs", what="503", after=-1), "no number less than 0"),
        (Fault(service="gcs", what="stall"), "a stall takes seconds"),
        (Fault(service="gcs", what="503", seconds=1), "nothing else does"),
        (Fault(service="postgres", what="refused", size=9), "only a cut"),
    ],
)
def test_what_cannot_happen_is_refused(fault, cause):
    with pytest.raises(InputError) as error:
        check(fault)
    assert cause in error.value.cause


def test_it_is_met_after_some_calls_and_so_often():
    run = Blocks("loads")
    ledger = Ledger(run)
    ledger.add(Fault(service="gcs", what="503", block="loads", after=1, times=2))
    met = [ledger.meet(call()) is not None for _ in range(5)]
    assert met == [False, True, True, False, False]
    assert [one["block"] for one in run.told] == ["loads", "loads"]
    ledger.require_met()


def test_calls_of_another_block_service_or_text_pass_by():
    run = Blocks("writes")
    ledger = Ledger(run)
    ledger.add(Fault(service="gcs", what="503", block="loads", containing="/upload"))
    assert ledger.meet(call()) is None
    run.running = ("loads",)
    assert ledger.meet(call(service="s3")) is None
    assert ledger.meet(call("GET /b/lake")) is None
    assert ledger.meet(call("GET /b/lake", body=b'{"to": "/upload"}')) is not None


def test_a_fault_that_did_not_come_is_told_with_what_was_asked():
    ledger = Ledger(Blocks("writes"))
    ledger.add(Fault(service="gcs", what="503", block="loads", times=2))
    ledger.meet(call())
    with pytest.raises(CheckFailedError) as error:
        ledger.require_met()
    told = str(error.value)
    assert "1 declared fault did not come" in told
    assert "gcs 503 in block loads, 2 times: met 0 times" in told
    assert "calls that were looked at: 1 at gcs" in told


def test_a_call_that_is_not_made_again_is_an_incident():
    ledger = Ledger(Blocks("loads"))
    ledger.add(Fault(service="gcs", what="503"))
    ledger.meet(call())
    (incident,) = ledger.incidents(0.0)
    assert (incident.code, incident.service) == ("fault-not-retried", "gcs")
    assert incident.raises == ("ServiceUnavailable",)
    ledger.meet(call("POST /upload/b/lake?id=2"))
    assert ledger.incidents(0.0) == []


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (call("POST /o?name=a%2Fb&id=1"), call("POST /o?id=2&name=a%2Fb"), True),
        (call("POST /o?name=a"), call("POST /o?name=b"), False),
        (
            call("POST /o", body=b'--1 {"name": "a"}'),
            call("POST /o", body=b'--2 {"name":"a"}'),
            True,
        ),
        (call("POST /o", body=b'{"name": "a"}'), call("POST /o", body=b'{"name": "b"}'), False),
        (call("GET /o/a?alt=media"), call("GET /o/a?alt=media&x=1"), True),
        (call("GET /o/a"), call("GET /o/b"), False),
    ],
)
def test_a_call_is_made_again_by_what_it_is_about(first, second, same):
    assert (first.again == second.again) == same


@pytest.mark.parametrize("address", ["https://api.example.com/v1?", "/v1?"])
def test_secrets_of_an_address_are_told_nowhere(address):
    run = Blocks("loads")
    ledger = Ledger(run)
    ledger.add(Fault(service="http", what="503"))
    ledger.meet(call(f"GET {address}api_key=s3cr3t&page=2", service="http"))
    told = repr(run.told) + repr(ledger.incidents(0.0))
    assert "page=2" in told
    assert "s3cr3t" not in told


def test_a_stall_harms_nobody():
    ledger = Ledger(Blocks("loads"))
    ledger.add(Fault(service="gcs", what="stall", seconds=0.1))
    assert ledger.meet(call()) is not None
    assert ledger.incidents(0.0) == []


def test_the_process_ends_once():
    run = Blocks("loads")
    ledger = Ledger(run)
    ledger.add(Fault(service="gcs", what="killed"))
    ledger.meet(call())
    ledger.meet(call())
    assert run.killed == 1


@pytest.mark.parametrize("text", ["BEGIN", " commit", "SET timezone TO 'UTC'", "ROLLBACK"])
def test_what_stands_around_statements_passes_by_unless_it_is_named(text):
    fault = Fault(service="postgres", what="40001")
    assert not fault.fits(statement(text))
    assert fault.fits(statement("INSERT INTO trips VALUES (1)"))
    assert Fault(service="postgres", what="cut", containing=text).fits(statement(text))


def test_a_cut_after_bytes_waits_for_them():
    fault = Fault(service="postgres", what="cut", size=100)
    assert not fault.fits(statement("COPY trips FROM STDIN"))
    assert not fault.fits(call("COPY trips", service="postgres", kind="COPY", size=99))
    assert fault.fits(call("COPY trips", service="postgres", kind="COPY", size=100))
