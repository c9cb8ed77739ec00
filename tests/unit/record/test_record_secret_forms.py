"""Secrets in every dress that they are met in, and data that only looks like one."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.errors import CassetteError
from harness.record.writer import write_cassette
from harness.replay.capture import Capture

SECRET = "hunter2hunter2abc"
SIGNS = "k3y/Zm9v+YmFy/c2Vj=="


@pytest.fixture
def kept(tmp_path):
    """Everything that a cassette of one exchange holds."""

    def write(body=b"", *, sent=b"", url="https://api.test/x", headers=(), asked=(), **options):
        files = []
        for name, content in (("answer", body), ("request", sent)):
            file = tmp_path / name
            file.write_bytes(content)
            files.append(file if content else None)
        capture = Capture(
            at=0.0,
            method="POST" if sent else "GET",
            url=url,
            request_headers=tuple(asked),
            request_body=files[1],
            status=200,
            headers=tuple(headers),
            body=files[0],
            broken=options.pop("broken", False),
        )
        folder = tmp_path / "cassette"
        write_cassette(folder, [capture], title="t", **options)
        return "\n".join(file.read_text("latin-1") for file in sorted(folder.iterdir()))

    return write


@pytest.mark.parametrize(
    "text",
    [
        SIGNS.replace("/", "\\/"),
        SIGNS.replace("+", "\\u002B"),
        SIGNS.replace("=", "\\u003d"),
        SIGNS.replace("+", "\\u002B").replace("=", "\\u003D"),
    ],
)
def test_every_escape_of_json_is_undone(kept, text):
    assert text not in kept(b'{"access_token": "%s"}' % text.encode())
    assert text not in kept(b'["%s"]' % text.encode(), asked=[("X-Api-Key", SIGNS)])


@pytest.mark.parametrize(
    "text",
    ["k3y%2fZm9v%2bYmFy%2fc2Vj%3d%3d", "k3y%252FZm9v%252BYmFy%252Fc2Vj%253D%253D"],
)
def test_percents_in_lower_case_and_twice(kept, text):
    assert text not in kept(text.encode(), asked=[("X-Api-Key", SIGNS)])


@pytest.mark.parametrize(
    "body",
    [
        '{"access_token":"%s"}\n{"a":1}\n',
        'call({"access_token":"%s"});',
        "<r><access_token>%s</access_token></r>",
        '<r>\n<user password="%s"/></r>',
        '<wsse:Password Type="x">%s</wsse:Password>',
        '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n%s\r\n--b--\r\n',
        "user: me\npassword: %s\n",
        '{"next":"/p?access_token=%s&a=1"}',
        '{"next":"https:\\/\\/a.test\\/p?a=1\\u0026access_token=%s"}',
        '<a href="/p?a=1&amp;token=%s">',
        '{"access_token":"%s","name":"Jos\xe9"}',
        "https://%s@a.test/x",
        "https://me:%s@a.test/x",
    ],
)
def test_a_name_tells_of_a_secret_in_texts_of_all_kinds(kept, body):
    found = (body % SECRET).encode("latin-1")
    assert SECRET not in kept(found)
    assert SECRET not in kept(sent=found)


@pytest.mark.parametrize(
    "asked",
    [
        ("x-functions-key", SECRET),
        ("Authorization", "Basic " + base64.b64encode(f"{SECRET}:".encode()).decode()),
        ("Referer", f"https://a.test/?token={SECRET}"),
    ],
)
def test_a_header_tells_of_a_secret(kept, asked):
    assert SECRET not in kept(f"you are {SECRET}".encode(), asked=[asked])


@pytest.mark.parametrize("query", ["clientsecret", "registrationkey", "key", "appid", "assertion"])
def test_a_query_tells_of_a_secret(kept, query):
    assert "hunter2" not in kept(url=f"https://a.test/x?{query}=hunter2hunter2ab")


@pytest.mark.parametrize(
    ("name", "value"),
    [("Location", "/x?token=abc12"), ("Link", f"</p?access_token={SECRET}>; rel=next")],
)
def test_relative_addresses_in_headers(kept, name, value):
    said = kept(headers=[(name, value)])
    assert "abc12" not in said
    assert SECRET not in said


def _zip():
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", f"a\n{SECRET}\n" * 9)
    return sink.getvalue()


def _parquet():
    sink = io.BytesIO()
    inner = pa.array([[{"a": SECRET[::-1]}], None, [{"a": SECRET}]])
    pq.write_table(pa.table({"a": inner}), sink, compression="zstd", write_statistics=False)
    return sink.getvalue()


PACKED = {
    "zip": _zip(),
    "parquet": _parquet(),
    "bz2": bz2.compress(SECRET.encode() * 9),
    "two of gzip": gzip.compress(b"x") + gzip.compress(SECRET.encode()),
    "gzip cut off": gzip.compress(SECRET.encode() * 9)[:-9],
    "zip in gzip": gzip.compress(_zip()),
    "utf-16": SECRET.encode("utf-16"),
    "base64 of three": base64.b64encode(b"me:" + SECRET.encode() + b":x"),
    "base64 of two": base64.b64encode(b"m:" + SECRET.encode()),
}


@pytest.mark.parametrize("body", PACKED.values(), ids=PACKED)
def test_what_is_packed_is_refused(kept, body):
    with pytest.raises(CassetteError, match="a secret that was sent"):
        kept(body, asked=[("X-Api-Key", SECRET)])


def test_what_broke_off_within_its_coding_is_refused(kept):
    with pytest.raises(CassetteError, match="a secret that was sent"):
        kept(
            gzip.compress(SECRET.encode() * 9)[:-9],
            headers=[("Content-Encoding", "gzip"), ("Content-Length", "999")],
            asked=[("X-Api-Key", SECRET)],
            broken=True,
        )


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ('{"token":"Ethereum","rows":["Ethereum"]}', '"rows":["Ethereum"]'),
        ('{"token_address":"0xabcdef12","x":["0xabcdef12"]}', '"x":["0xabcdef12"]'),
        ('{"password_changed_at":"2021-01-01"}\n2021-01-01', "\n2021-01-01"),
        ('{"pagination_token":"abc12345678"}', "abc12345678"),
        ("https://a.test/#a?b HTTPS://A.test# https://a.test?x=1&&b (https://a.test/x?)", None),
    ],
)
def test_data_stays_as_it_is(kept, body, left):
    assert (left or body) in kept(body.encode())


def test_numbers_stay_numbers(kept):
    said = kept(b'{"token":123456789,"pin_secret":12345678901234567890,"d":[1234567890]}')
    line = next(line for line in said.splitlines() if line.startswith('{"token"'))
    assert json.loads(line) == {"token": 9, "pin_secret": 9, "d": [1234567890]}


def test_a_password_that_is_a_word_does_not_spoil_the_data(kept):
    assert "\npostgres,1" in kept(b"a,b\npostgres,1\n", known=["postgres"])


def test_a_word_behind_key_still_tells_requests_apart(kept):
    said = kept(b'{"population":5}', url="https://a.test/x?key=population")
    assert "key=population" in said
    assert "ignore_query" not in said
    assert '{"population":5}' in said


@pytest.mark.parametrize("body", [b"a" * 3_000_000, b"a b" * 1_000_000, b"<a " * 300_000])
def test_long_texts_are_looked_through_to_their_end(kept, body):
    # Any step that is taken again for each letter would take hours.
    assert body.decode()[-9:] in kept(body, asked=[("X-Api-Key", "short")])


def test_a_form_keeps_its_other_fields(kept):
    assert "\nclient_secret=scrubbed&b=1" in kept(sent=b"client_secret=abc&b=1")
