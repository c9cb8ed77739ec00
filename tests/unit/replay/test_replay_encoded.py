"""A plain body is coded for a client that accepts it."""

from __future__ import annotations

import gzip
import hashlib
from http import HTTPStatus

import pytest

from harness.replay import answer
from harness.replay.encoded import Encoder, accepted
from harness.replay.recording import Recording


@pytest.fixture
def recording(tmp_path):
    file = tmp_path / "plain.csv"
    file.write_bytes(b"a,b\n1,2\n")
    digest = hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    return Recording(
        method="GET", url="https://a.test/", status=200, body=file, sha256=digest, encoding="gzip"
    )


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip, deflate", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("*", True),
        ("identity", False),
        ("gzip;q=0, *", False),
        ("", False),
    ],
)
def test_what_a_client_accepts(header, taken):
    assert accepted("gzip", header) is taken


def test_it_is_coded_once_and_only_for_those_who_accept_it(recording, tmp_path):
    encoder = Encoder(tmp_path / "coded")
    file, coding = encoder.body(recording, "gzip")
    assert coding == "gzip"
    assert gzip.decompress(file.read_bytes()) == recording.body.read_bytes()
    before = file.stat().st_mtime_ns
    assert encoder.body(recording, "gzip")[0].stat().st_mtime_ns == before
    assert encoder.body(recording, "") == (recording.body, "")
    given = answer.recorded(recording, method="GET", headers={}, coded=(file, coding))
    assert ("content-encoding", "gzip") in given.headers
    assert ("content-length", str(file.stat().st_size)) in given.headers


def test_a_body_that_broke_off_is_announced_whole(recording, tmp_path):
    cut = Recording(method="GET", url="https://a.test/", status=200, body=recording.body, cut=1000)
    given = answer.recorded(cut, method="GET", headers={})
    assert given.status == HTTPStatus.OK
    assert given.body == recording.body.read_bytes()
    assert ("content-length", "1000") in given.headers
    assert ("connection", "close") in given.headers
