from __future__ import annotations

import hashlib

import pytest

from harness.errors import CassetteError
from harness.replay import cassette as module
from harness.replay.recording import Recording


def test_an_index_becomes_recordings(cassette):
    (recording,) = module.load(cassette.parent)
    assert recording.method == "GET"
    assert recording.url == "https://example.com/a.bin"
    assert recording.headers == (
        ("content-type", "text/plain"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
    )
    assert recording.body.read_bytes() == b"0123456789"
    assert recording.recorded.startswith("2021-02-01")
    assert recording.source == f"{cassette}, recording 1"


def test_a_recording_survives_the_way_to_the_proxy(cassette):
    (recording,) = module.load(cassette.parent)
    copy = Recording.from_json(recording.as_json())
    assert (copy.method, copy.url, copy.headers, copy.body) == (
        recording.method,
        recording.url,
        recording.headers,
        recording.body,
    )


def test_all_cassettes_below_a_folder_are_loaded(cassette):
    other = cassette.parent.parent / "deep" / "two"
    other.mkdir(parents=True)
    (other / "index.yaml").write_text("- {method: GET, url: 'http://b.test/', status: 204}\n")
    urls = [recording.url for recording in module.load_all(cassette.parent.parent)]
    assert urls == ["http://b.test/", "https://example.com/a.bin"]


def test_a_folder_that_is_not_there_has_no_cassettes(tmp_path):
    assert module.load_all(tmp_path / "nowhere") == ()


def test_an_empty_index_has_no_recordings(cassette):
    cassette.write_text("# nothing yet\n")
    assert module.load(cassette.parent) == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("url: https", "url: [", None, "not valid YAML"),
        ("method: get\n", "method: get\n  method: put\n", 3, "not valid YAML"),
        ("# a comment\n- method", "recordings:\n- method", None, "not a list of recordings"),
        ("url: https://example.com", "url: /relative", 3, "absolute http or https URL"),
        ("url: https://example.com", "url: ftp://example.com", 3, "absolute http or https URL"),
        ("status: 200", "status: ok", 4, "a number from 200 to 599"),
        ("status: 200", "status: 101", 4, "a number from 200 to 599"),
        ("status: 200", "statsu: 200", 4, "did you mean 'status'?"),
        ("  status: 200\n", "", 2, "has no 'status'"),
        ("body: a.bin", "body: b.bin", 6, "cannot be read"),
        ("body: a.bin", "body: ../../../../../etc/hostname", 6, "inside the cassette's folder"),
        ("sha256: ", "sha256: 00", 7, "not what its sha256 says"),
        ("headers: {", "headers: [x, {", None, "not valid YAML"),
        ("headers: {content-type: text/plain, set-cookie: [a=1, b=2]}", "headers: 1", 5, "mapping"),
    ],
)
def test_what_is_off_is_named_with_file_and_line(cassette, old, new, line, said):
    text = cassette.read_text()
    assert old in text
    cassette.write_text(text.replace(old, new))
    with pytest.raises(CassetteError) as caught:
        module.load(cassette.parent)
    assert said in str(caught.value)
    assert str(cassette) in str(caught.value)
    if line is not None:
        assert f"{cassette}:{line}" in str(caught.value)
    assert caught.value.remedy


def test_a_body_that_was_changed_is_not_played(cassette):
    (cassette.parent / "a.bin").write_bytes(b"0123456780")
    with pytest.raises(CassetteError, match="recording 1 has a body that is not what"):
        module.load(cassette.parent)


def test_a_missing_digest_is_an_error(cassette):
    lines = cassette.read_text().splitlines(keepends=True)
    cassette.write_text("".join(line for line in lines if "sha256" not in line))
    with pytest.raises(CassetteError, match="the index says nothing"):
        module.load(cassette.parent)


@pytest.mark.parametrize("size", [0, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 1 << 19])
def test_bodies_of_any_size_are_checked_to_their_end(cassette, size):
    body = b"x" * size
    stated = hashlib.sha256(b"0123456789").hexdigest()
    text = cassette.read_text().replace(stated, hashlib.sha256(body).hexdigest())
    cassette.write_text(text)
    (cassette.parent / "a.bin").write_bytes(body)
    assert module.load(cassette.parent)[0].body.stat().st_size == size
    (cassette.parent / "a.bin").write_bytes(body[:-1] + b"y")
    with pytest.raises(CassetteError, match="not what its sha256 says"):
        module.load(cassette.parent)
