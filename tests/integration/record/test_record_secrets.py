"""Secrets are taken out, and what cannot be taken out is not saved."""

from __future__ import annotations

import gzip
import json

import pytest

from harness.errors import CassetteError, InputError
from harness.record.writer import write_cassette
from harness.replay.capture import Capture
from tests.integration.record.origin import TOKEN

TOKEN_HEAD = "eyJhbGciOiJIUzI1NiJ9"


@pytest.fixture
def capture(tmp_path):
    """Makes a capture; bodies are given as bytes."""
    count = iter(range(1000))

    def make(url="https://api.test/x", *, body=b"", sent=b"", status=200, headers=(), asked=()):
        files = []
        for content in (body, sent):
            file = tmp_path / f"{next(count)}.raw"
            file.write_bytes(content)
            files.append(file if content else None)
        return Capture(
            at=float(next(count)),
            method="POST" if sent else "GET",
            url=url,
            request_headers=tuple(asked),
            request_body=files[1],
            status=status,
            headers=tuple(headers),
            body=files[0],
        )

    return make


def everything(folder):
    return b"\n".join(
        gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        for file in sorted(folder.iterdir())
    ).decode()


def test_a_token_is_taken_out_wherever_it_goes(tape):
    tape.python(
        "import requests\n"
        "token = requests.post('https://origin.test/token', data={'password': 'p'}).json()\n"
        "said = requests.get('https://origin.test/echo?api_key=topsecretkey&day=1',\n"
        "    headers={'authorization': 'Bearer ' + token['access_token']}).json()\n"
        "print(token['next_page_token'], requests.get('https://me:pass-word@origin.test/echo').status_code)\n"
    )
    kept = everything(tape.folder / "made")
    assert TOKEN not in kept
    assert "topsecretkey" not in kept
    assert "pass-word" not in kept
    assert "page-2" in kept
    assert tape.written.scrubbed >= 3


@pytest.mark.parametrize(
    "asked",
    [
        ("Authorization", "Basic bWU6aHVudGVyMi1odW50ZXIy"),
        ("X-Api-Key", "hunter2-hunter2"),
        ("Cookie", "a=b; sid=hunter2-hunter2"),
    ],
)
def test_what_was_sent_in_a_header_is_not_in_an_answer(capture, tmp_path, asked):
    secret = "hunter2-hunter2"
    body = json.dumps({"you": secret, "url": f"https://x.test/?token={secret}&a=1"}).encode()
    write_cassette(tmp_path / "c", [capture(body=body, asked=[asked])], title="t")
    kept = everything(tmp_path / "c")
    assert secret not in kept
    assert "https://x.test/?token=scrubbed&a=1" in kept


def test_a_short_password_is_taken_out_where_its_name_stands_only(capture, tmp_path):
    body = b'{"password": "abc", "word": "abc", "rows": ["abc"]}'
    write_cassette(tmp_path / "c", [capture(body=body)], title="t")
    assert '{"password": "scrubbed", "word": "abc", "rows": ["abc"]}' in everything(tmp_path / "c")


def test_a_known_pattern_is_refused_and_nothing_is_written(tape, tmp_path):
    with pytest.raises(CassetteError, match="would hold a secret") as caught:
        tape.python("import requests; requests.get('https://origin.test/leak')")
    assert "AWS Access Key AKIA..." in str(caught.value)
    assert "IOSFODNN7EXAMPLE" not in str(caught.value)
    assert not (tape.folder / "made").exists()
    assert list(tape.folder.iterdir()) == []


def test_a_secret_within_gzip_is_refused(capture, tmp_path):
    body = gzip.compress(b"a,b\nhunter2-hunter2,1\n")
    made = capture(body=body, asked=[("X-Api-Key", "hunter2-hunter2")])
    with pytest.raises(CassetteError, match="line 2: a secret that was sent hunt"):
        write_cassette(tmp_path / "c", [made], title="t")


def test_a_refused_cassette_leaves_the_old_one(capture, tmp_path):
    write_cassette(tmp_path / "c", [capture(body=b"old")], title="t")
    bad = capture(body=b"-----BEGIN RSA PRIVATE KEY-----\n")
    with pytest.raises(CassetteError, match="Private Key"):
        write_cassette(tmp_path / "c", [bad], title="t")
    assert "old" in everything(tmp_path / "c")


def test_dates_and_names_in_cookies_do_not_spoil_the_data(capture, tmp_path):
    asked = [("Cookie", "lang=english-us; since=2021-01-01")]
    body = b"day,lang\n2021-01-01,english-us\n"
    write_cassette(tmp_path / "c", [capture(body=body, asked=asked)], title="t")
    assert "2021-01-01,english-us" in everything(tmp_path / "c")


def test_a_web_token_under_a_plain_name_is_taken_out(capture, tmp_path):
    token = f"{TOKEN_HEAD}.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl"
    made = capture(f"https://api.test/x?q={token}", body=json.dumps({"value": token}).encode())
    write_cassette(tmp_path / "c", [made], title="t")
    kept = everything(tmp_path / "c")
    assert TOKEN_HEAD not in kept
    assert '{"value": "scrubbed"}' in kept
    assert "https://api.test/x?q=scrubbed" in kept
    assert "ignore_query:\n  - q" in kept


def test_of_two_recordings_at_once_the_later_does_not_take_the_place(capture, tmp_path):
    write_cassette(tmp_path / "c", [capture(body=b"first")], title="t", replace=False)
    with pytest.raises(InputError, match="by now there is a cassette"):
        write_cassette(tmp_path / "c", [capture(body=b"second")], title="t", replace=False)
    assert "first" in everything(tmp_path / "c")
    assert [file.name for file in tmp_path.iterdir() if file.is_dir()] == ["c"]
