"""Names of files, keys that do not count, and answers that only repeat."""

from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from harness.record.entries import volatile_keys
from harness.record.names import Names
from harness.record.writer import write_cassette
from harness.replay.capture import Capture
from harness.replay.cassette import load


@pytest.mark.parametrize(
    ("url", "content_type", "name"),
    [
        ("https://a.test/x/trips.csv.gz?a=1", "", "trips.csv.gz"),
        ("https://a.test/x/", "application/json", "x.json"),
        ("https://a.test/", "text/csv; charset=utf-8", "a.test"),
        ("https://a.test/rows", "application/vnd.x+json", "rows.json"),
        ("https://a.test/rows", "application/strange", "rows.bin"),
        ("https://a.test/..%2F..%2Fetc%2Fpasswd", "", "passwd.bin"),
        ("https://a.test/a%20b%00c.csv", "", "a-b-c.csv"),
        ("https://a.test/" + "l" * 300 + ".parquet", "", "l" * 72 + ".parquet"),
    ],
)
def test_a_body_is_named_by_its_url(url, content_type, name):
    assert Names().give(b"x", url=url, content_type=content_type)[0] == name


def test_names_are_given_once_and_content_is_kept_once():
    names = Names()
    assert names.give(b"1", url="https://a.test/x.csv.gz")[0] == "x.csv.gz"
    assert names.give(b"2", url="https://a.test/y/X.csv.gz")[0] == "X-2.csv.gz"
    again = names.give(b"1", url="https://a.test/else")
    assert (again[0], again[2]) == ("x.csv.gz", False)


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("X-Amz-Date=1&X-Amz-Signature=2&id=3", ("X-Amz-*",)),
        ("X-Goog-Signature=2&X-Goog-Date=3", ("X-Goog-*",)),
        ("sv=1&sig=2&blob=3", ("sig", "sv")),
        ("Expires=1&Signature=2&Key-Pair-Id=3", ("Expires", "Key-Pair-Id", "Signature")),
        ("api_key=1&day=2", ("api_key",)),
        ("pageToken=1&day=2", ()),
        ("", ()),
    ],
)
def test_what_is_signed_anew_does_not_count(query, keys):
    assert volatile_keys(f"https://a.test/x?{query}") == keys


def test_answers_that_repeat_are_told_once(tmp_path):
    def capture(at, body, status=200):
        file = tmp_path / f"{at}.raw"
        file.write_bytes(body)
        return Capture(
            at=at,
            method="GET",
            url="https://a.test/x",
            request_headers=(),
            request_body=None,
            status=status,
            headers=(("Content-Type", "text/csv"), ("Date", str(at)), ("X-A", "1"), ("X-A", "2")),
            body=file,
        )

    written = write_cassette(
        tmp_path / "c",
        [capture(at, body) for at, body in enumerate((b"a", b"a", b"b", b"a", b"a"), start=1)],
        title="Recorded by a test",
    )
    assert (written.recordings, written.bodies, written.bytes) == (4, 2, 2)
    recordings = load(tmp_path / "c")
    # What is repeated before it changes must be asked for as often again.
    assert [one.body.read_bytes() for one in recordings] == [b"a", b"a", b"b", b"a"]
    assert recordings[0].headers == (("content-type", "text/csv"), ("x-a", "1"), ("x-a", "2"))
    text = (tmp_path / "c" / "index.yaml").read_text()
    assert text.startswith("# Recorded by a test\n- method: GET\n  url: https://a.test/x\n")
    assert len(YAML(typ="safe").load(text)) == 4
    assert (tmp_path / "c").stat().st_mode & 0o777 == 0o755
