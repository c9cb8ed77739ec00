from __future__ import annotations

import io
import json

import pandas as pd
import pytest

from harness.replay import answer, refusals
from harness.replay.recording import Recording

BODY = b"0123456789"


@pytest.fixture
def recording(tmp_path):
    body = tmp_path / "body"
    body.write_bytes(BODY)
    return Recording(
        method="GET",
        url="https://a.test/x",
        status=200,
        headers=(
            ("Content-Type", "text/plain"),
            ("etag", '"v1"'),
            ("Transfer-Encoding", "chunked"),
        ),
        body=body,
    )


def play(recording, *, method="GET", **headers):
    given = answer.recorded(
        recording,
        method=method,
        headers={name.replace("_", "-"): text for name, text in headers.items()},
    )
    return given, dict(given.headers)


def test_the_whole_body_with_a_framing_of_its_own(recording):
    given, headers = play(recording)
    assert (given.status, given.reason, given.body) == (200, "OK", BODY)
    assert headers["content-length"] == "10"
    assert headers["accept-ranges"] == "bytes"
    assert "Transfer-Encoding" not in headers


def test_a_head_has_the_headers_and_no_body(recording):
    given, headers = play(recording, method="HEAD", range="bytes=0-1")
    assert (given.status, given.body, headers["content-length"]) == (200, b"", "10")


@pytest.mark.parametrize(
    ("asked", "body", "said"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-30", BODY, "bytes 0-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
        ("bytes=9-9", b"9", "bytes 9-9/10"),
    ],
)
def test_a_range_is_cut_from_the_body(recording, asked, body, said):
    given, headers = play(recording, range=asked)
    assert (given.status, given.body) == (206, body)
    assert headers["content-range"] == said
    assert headers["content-length"] == str(len(body))


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_a_range_beyond_the_body_is_not_satisfiable(recording, asked):
    given, headers = play(recording, range=asked)
    assert (given.status, given.body, headers["content-range"]) == (416, b"", "bytes */10")


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,4-5", "bytes=5-2", "bytes=-", "lines=0-1", "bytes=a-b"]
)
def test_a_range_that_cannot_be_served_is_ignored(recording, asked):
    given, _ = play(recording, range=asked)
    assert (given.status, given.body) == (200, BODY)


def test_if_range_must_name_what_was_recorded(recording):
    assert play(recording, range="bytes=0-1", if_range='"v1"')[0].status == 206
    assert play(recording, range="bytes=0-1", if_range='"v2"')[0].status == 200


def test_an_empty_answer_has_no_body(recording):
    given = answer.recorded(
        Recording(method="GET", url="https://a.test/", status=302, headers=(("location", "/x"),)),
        method="GET",
        headers={},
    )
    assert given.status == 302
    assert given.headers == (("location", "/x"), ("content-length", "0"))


def test_an_error_page_keeps_its_body_and_has_no_ranges(recording):
    given = answer.recorded(
        Recording(method="GET", url="https://a.test/", status=500, body=recording.body),
        method="GET",
        headers={"range": "bytes=0-1"},
    )
    assert (given.status, given.body) == (500, BODY)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", "text/csv"),
        ("a.CSV.GZ", "application/gzip"),
        ("a.parquet", "application/vnd.apache.parquet"),
        ("a.json", "application/json"),
        ("a", "application/octet-stream"),
    ],
)
def test_a_mapped_file_has_the_type_of_its_name(tmp_path, name, kind):
    file = tmp_path / name
    file.write_bytes(BODY)
    given = answer.mapped(file, method="GET", headers={})
    assert dict(given.headers)["content-type"] == kind
    assert "content-encoding" not in dict(given.headers)
    assert given.body == BODY


@pytest.mark.parametrize("nearest", [(), ("https://a.test/1", "https://a.test/2")])
def test_a_refusal_names_url_nearest_and_remedy_and_is_never_data(nearest):
    given = refusals.refusal(method="GET", url="https://a.test/data", nearest=nearest)
    text = given.body.decode()
    assert given.status == 470
    assert "GET https://a.test/data" in text
    assert all(url in text for url in nearest)
    assert "mage-harness fixture 'https://a.test/data'" in text
    with pytest.raises(pd.errors.ParserError):
        pd.read_csv(io.StringIO(text))
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


def test_no_file_is_offered_for_what_a_file_cannot_answer():
    given = refusals.refusal(method="POST", url="https://a.test/jobs")
    assert b"--file" not in given.body
    assert b"leave the POST out" in given.body
    with pytest.raises(pd.errors.ParserError):
        pd.read_csv(io.StringIO(given.body.decode()))


def test_the_reason_phrase_of_a_refusal_fits_a_status_line():
    given = refusals.refusal(method="GET", url="https://a.test/ü\n" + "x" * 9000)
    assert given.reason.isascii()
    assert len(given.reason) <= 400
    assert "\n" not in given.reason
