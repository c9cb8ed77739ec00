"""What every call has in common: partial answers, compressed bodies, unknown paths, methods."""

from __future__ import annotations

import gzip
import json
import urllib.error
import urllib.request

import pytest

BASE = "/bigquery/v2/projects/test-project"


@pytest.fixture
def call(stub, client):
    def asked(method, path, body=None, headers=None):
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            stub.url + path, data=content, method=method, headers=headers or {}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    return asked


def reason(answer):
    return json.loads(answer[1])["error"]["errors"][0]["reason"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("kind", {"kind": "bigquery#dataset"}),
        ("kind,id", {"kind": "bigquery#dataset", "id": "test-project:d"}),
        ("datasetReference/datasetId", {"datasetReference": {"datasetId": "d"}}),
        (
            "id, datasetReference(datasetId,projectId)",
            {
                "id": "test-project:d",
                "datasetReference": {"datasetId": "d", "projectId": "test-project"},
            },
        ),
        (
            "datasetReference/*",
            {"datasetReference": {"datasetId": "d", "projectId": "test-project"}},
        ),
        ("access/role", {"access": [{"role": "OWNER"}]}),
        ("nothing", {}),
    ],
)
def test_only_the_fields_that_are_asked_for(call, fields, expected):
    status, text = call("GET", f"{BASE}/datasets/d?fields={fields.replace(' ', '%20')}")
    assert status == 200
    assert json.loads(text) == expected


@pytest.mark.parametrize("fields", ["a(", "a)", ",", "a,,b", "a/", "(a)", "a b", "a(b", "a$(", "/"])
def test_fields_that_are_none(call, fields):
    body = {"datasetReference": {"datasetId": "never"}}
    answer = call("POST", f"{BASE}/datasets?fields={fields.replace(' ', '%20')}", body)
    assert (answer[0], reason(answer)) == (400, "invalidParameter")
    assert call("GET", f"{BASE}/datasets/never")[0] == 404


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("totalRows", {"totalRows": "2"}),
        ("totalRows,rows", {"totalRows": "2", "rows": [{"f": [{"v": "1"}]}, {"f": [{"v": "2"}]}]}),
        ("rows/f/v", {"rows": [{"f": [{"v": "1"}]}, {"f": [{"v": "2"}]}]}),
        ("rows", {"rows": [{"f": [{"v": "1"}]}, {"f": [{"v": "2"}]}]}),
        ("pageToken", {}),
    ],
)
def test_fields_of_pages(call, client, fields, expected):
    client.query_and_wait("CREATE TABLE d.t AS SELECT * FROM UNNEST([1, 2]) AS a")
    assert (
        json.loads(call("GET", f"{BASE}/datasets/d/tables/t/data?fields={fields}")[1]) == expected
    )
    body = {"query": "SELECT * FROM UNNEST([1, 2]) AS a", "useLegacySql": False}
    assert json.loads(call("POST", f"{BASE}/queries?fields={fields}", body)[1]) == expected


def test_errors_are_whole_whatever_fields_says(call):
    answer = call("GET", f"{BASE}/datasets/none?fields=kind")
    assert (answer[0], reason(answer)) == (404, "notFound")
    body = {"query": "SELECT nothing", "useLegacySql": False}
    answer = call("POST", f"{BASE}/queries?fields=kind", body)
    assert (answer[0], reason(answer)) == (400, "invalidQuery")


def test_pretty_print(call):
    assert "\n  " in call("GET", f"{BASE}/datasets/d?prettyPrint=true")[1]
    assert "\n" not in call("GET", f"{BASE}/datasets/d?prettyPrint=false")[1]


def test_alt(call):
    assert call("GET", f"{BASE}/datasets/d?alt=json")[0] == 200
    assert reason(call("GET", f"{BASE}/datasets/d?alt=media")) == "invalidParameter"


def test_a_compressed_body(call):
    body = gzip.compress(json.dumps({"datasetReference": {"datasetId": "packed"}}).encode())
    assert call("POST", f"{BASE}/datasets", body, {"Content-Encoding": "gzip"})[0] == 200
    assert call("GET", f"{BASE}/datasets/packed")[0] == 200
    # Cut; damaged at its end; damaged within, which zlib tells in an error of its own.
    for damaged in (body[:-9], body[:-8] + bytes(8), body[:10] + b"\xff" * 9 + body[19:]):
        answer = call("POST", f"{BASE}/datasets", damaged, {"Content-Encoding": "gzip"})
        assert (answer[0], reason(answer)) == (400, "invalid")


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [
        ("GET", "/bigquery/v2/nowhere", 404, "notFound"),
        ("GET", "/", 404, "notFound"),
        ("PATCH", f"{BASE}/datasets", 405, "httpMethodNotAllowed"),
        ("POST", f"{BASE}/datasets/d/tables/t", 405, "httpMethodNotAllowed"),
        ("POST", "/batch/bigquery/v2", 501, "notImplemented"),
        ("GET", "/discovery/v1/apis/bigquery/v2/rest", 501, "notImplemented"),
        ("POST", f"{BASE}/datasets/d:undelete", 501, "notImplemented"),
        ("POST", f"{BASE}/datasets/d/tables/t/rowAccessPolicies", 501, "notImplemented"),
    ],
)
def test_paths_that_mean_nothing_here(call, method, path, status, told):
    answer = call(method, path, b"{}" if method != "GET" else None)
    assert (answer[0], reason(answer)) == (status, told)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "parseError"),
        (b"[" * 100_000, "parseError"),
        (b"\xff\xfe", "parseError"),
        (b'"text"', "parseError"),
        (b"null", "parseError"),
    ],
)
def test_bodies_that_are_no_object(call, body, told):
    answer = call("POST", f"{BASE}/queries", body)
    assert (answer[0], reason(answer)) == (400, told)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("maxResults", -1),
        ("maxResults", "x"),
        ("maxResults", True),
        ("timeoutMs", -5),
        ("timeoutMs", "soon"),
        ("jobCreationMode", "NEVER"),
        ("formatOptions", {"timestampOutputFormat": "ROMAN"}),
        ("formatOptions", {"timestampOutputFormat": "INT64", "useInt64Timestamp": True}),
    ],
)
def test_parameters_of_a_query_that_are_none(call, name, value):
    answer = call(
        "POST", f"{BASE}/queries", {"query": "SELECT 1", "useLegacySql": False, name: value}
    )
    assert (answer[0], reason(answer)) == (400, "invalid")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "1704067200.000000"),
        ({"useInt64Timestamp": True}, "1704067200000000"),
        ({"timestampOutputFormat": "INT64"}, "1704067200000000"),
        ({"timestampOutputFormat": "FLOAT64"}, "1704067200.000000"),
    ],
)
def test_forms_of_a_timestamp(call, options, told):
    body = {
        "query": "SELECT TIMESTAMP '2024-01-01'",
        "useLegacySql": False,
        "formatOptions": options,
        "timeoutMs": 0,
        "jobCreationMode": "JOB_CREATION_OPTIONAL",
    }
    answer = json.loads(call("POST", f"{BASE}/queries", body)[1])
    assert answer["rows"] == [{"f": [{"v": told}]}]
    assert answer["jobComplete"]
    assert answer["queryId"]
