from __future__ import annotations

import json

import pytest

from harness.bigquery import CallRecord
from harness.errors import ServiceError
from harness.page.clean import Cleaner
from harness.page.timeline import heard_by, timeline
from harness.services.bigquery_heard import heard as bigquery_heard
from harness.services.gcs_log import heard_of
from harness.services.heard import Heard, ends_of
from harness.services.postgres_heard import heard as postgres_heard
from tests.page_samples import BEGAN, Service, project_of, run_of

GCS = 'time=2026-11-22T20:31:16.474Z level=INFO msg="x \\"{} HTTP/1.1\\" {} 10\\n"'


def asked(number, at=None):
    return Heard(
        at=BEGAN + number if at is None else at, service="postgres", what=f"SELECT {number}"
    )


def test_of_many_the_first_and_the_last_are_kept():
    kept, left = ends_of((asked(n) for n in range(1_000)), most=10)

    assert [one.what for one in kept] == [
        f"SELECT {n}" for n in (0, 1, 2, 3, 4, 995, 996, 997, 998, 999)
    ]
    assert left == 990
    assert ends_of(iter([asked(1)]), most=10) == ([asked(1)], 0)


def test_what_was_asked_stands_between_the_blocks_that_ran_then(tmp_path):
    project = project_of(tmp_path / "shop", {"a": [], "b": ["a"]})
    run = run_of(
        tmp_path,
        project,
        events=[
            {"event": "block_start", "block": "a", "at": BEGAN, "pid": 1},
            {
                "event": "block_error",
                "block": "b",
                "error": "E",
                "message": "m",
                "at": BEGAN + 1.4,
                "pid": 1,
            },
            {"event": "process", "at": BEGAN, "pid": 1},
        ],
    )
    service = Service(asked(-1), asked(0.2), asked(1.2), asked(99))
    heard, more = heard_by([service], since=BEGAN, until=BEGAN + 3)
    found = timeline(run, heard, clean=Cleaner())

    assert [(one.who, one.what, one.during, one.failed) for one in found] == [
        ("a", "begins", "", False),
        ("postgres", "SELECT 0.2", "a", False),
        ("postgres", "SELECT 1.2", "b", False),
        ("b", "fails: E: m", "", True),
    ]
    assert more == 0


def test_a_service_whose_record_is_gone_says_so_beside_the_others():
    class Gone(Service):
        name = "gcs"

        def heard(self, since):
            raise ServiceError("the GCS service is not running")

    heard, _ = heard_by([Gone(), Service(asked(1))], since=BEGAN, until=BEGAN + 3)

    assert [(one.service, one.failed) for one in heard] == [("gcs", True), ("postgres", False)]
    assert "is not running" in heard[0].what


def test_postgres_tells_statements_and_refusals_but_not_those_of_the_harness(tmp_path):
    entry = {"timestamp": "2026-11-23 16:58:20.616 UTC", "dbname": "mage", "error_severity": "LOG"}
    entries = [
        entry | {"message": "statement: SELECT 1", "application_name": "mage-harness"},
        entry | {"message": "statement: SELECT 2", "dbname": "other"},
        entry | {"message": "disconnection: x"},
        entry | {"message": "execute <unnamed>: SELECT 3"},
        entry
        | {
            "message": "no such table",
            "error_severity": "ERROR",
            "state_code": "42P01",
            "statement": "SELECT 4",
        },
    ]
    file = tmp_path / "log"
    file.write_text("\n".join([*map(json.dumps, entries), '{"half', "[]", ""]))
    found = list(postgres_heard(file, since=0, offset=0, database="mage"))

    assert [(one.what, one.answer, one.failed) for one in found] == [
        ("SELECT 3", "", False),
        ("SELECT 4", "ERROR 42P01: no such table", True),
    ]
    assert not list(postgres_heard(file, since=2e9, offset=0, database=None))


@pytest.mark.parametrize(
    ("request_line", "status", "told"),
    [
        (
            "POST /upload/storage/v1/b/shop/o?uploadType=media&name=a%2Fb.csv",
            200,
            ("POST", "gs://shop/a/b.csv", "200", False),
        ),
        (
            "GET /download/storage/v1/b/shop/o/gone?alt=media",
            404,
            ("GET", "gs://shop/gone", "404", True),
        ),
        ("GET /_internal/healthcheck?mark=1", 200, None),
    ],
)
def test_gcs_tells_requests_but_not_marks_of_the_harness(request_line, status, told):
    found = heard_of(GCS.format(request_line, status))

    assert (found and (found.verb, found.what, found.answer, found.failed)) == told
    assert heard_of("something else") is None


def test_bigquery_tells_calls_and_not_how_often_clients_asked_whether_a_job_is_done():
    call = {"method": "POST", "path": "/queries", "status": 200, "operation": "jobs.query"}
    records = [
        CallRecord(at=1.0, statement="SELECT 1", **call),
        CallRecord(at=2.0, **call | {"operation": "jobs.getQueryResults"}),
        CallRecord(at=3.0, statement="SELEC", reason="invalidQuery", message="syntax", **call),
        CallRecord(at=4.0, reason="notFound", message="none", **call | {"operation": "tables.get"}),
    ]
    found = bigquery_heard(records, service="bigquery")

    assert [(one.verb, one.what, one.failed) for one in found] == [
        ("jobs.query", "SELECT 1", False),
        ("jobs.query", "SELEC", True),
        ("tables.get", "/queries", False),
    ]
    assert found[1].answer.endswith("invalidQuery: syntax")
