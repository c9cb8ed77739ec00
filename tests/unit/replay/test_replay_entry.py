"""What an entry says of requests, codings and bodies that broke off."""

from __future__ import annotations

import hashlib

import pytest

from harness.errors import CassetteError
from harness.replay.cassette import load

DIGEST = hashlib.sha256(b"0123456789").hexdigest()


def test_an_entry_with_all_there_is(cassette):
    cassette.write_text(
        "- method: POST\n  url: https://example.com/q\n  status: 200\n  encoding: gzip\n"
        f"  body: a.bin\n  sha256: {DIGEST}\n  cut: 11\n"
        "  request:\n    headers: {Accept: text/csv}\n    match: json\n    ignore: [a.b]\n"
        f"    body: a.bin\n    sha256: {DIGEST}\n"
    )
    (found,) = load(cassette.parent)
    assert (found.encoding, found.cut) == ("gzip", 11)
    assert found.request.headers == (("accept", "text/csv"),)
    assert (found.request.match, found.request.ignore) == ("json", ("a.b",))
    assert type(found).from_json(found.as_json()).request.body == found.request.body


@pytest.mark.parametrize(
    ("lines", "message", "line"),
    [
        ("  encoding: zip\n", "one of gzip", 4),
        ("  cut: 10\n", "more than the 10 bytes", 4),
        ("  cut: soon\n", "'cut' that cannot be used", 4),
        ("  request: json\n", "a mapping of headers", 4),
        ("  request: {mtach: json}\n", "did you mean 'match'", 1),
        ("  request: {match: xml}\n", "one of bytes, json, form", 4),
        ("  request: {body: a.bin}\n", "the index says nothing", 4),
        ("  request: {body: ../../x}\n", "inside the cassette's folder", 4),
        ("  request: {ignore: a}\n", "a list of names", 4),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line(cassette, lines, message, line):
    cassette.write_text(
        "- method: GET\n  url: https://example.com/q\n  status: 200\n"
        f"{lines}  body: a.bin\n  sha256: {DIGEST}\n"
    )
    with pytest.raises(CassetteError, match=message) as caught:
        load(cassette.parent)
    assert f"index.yaml:{line}: recording 1" in str(caught.value)
