"""What is played, in which order, and what may be changed while it runs."""

from __future__ import annotations

import gzip
import json
import stat
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from harness.errors import CassetteError, MissingSinkError
from harness.services.protocol import Service

URL = "http://api.test/data"


@pytest.fixture
def get():
    """Asks through a service's proxy, without a process of its own."""

    def ask(service, url=URL, *, method="GET", data=None, **headers):
        opener = build_opener(ProxyHandler({"http": service.environment()["HTTP_PROXY"]}))
        opener.addheaders = []
        request = Request(url, method=method, data=data, headers=headers)
        # Errors are answers like others here.
        for handler in opener.handlers:
            if hasattr(handler, "https_response"):
                handler.http_response = lambda _, response: response
        opener.process_response = {}
        with opener.open(request, timeout=20) as answer:
            return answer.status, answer.read(), answer.headers

    return ask


def test_it_is_a_service(service):
    assert isinstance(service, Service)
    assert service.name == "http"
    assert service.overlay() == {}
    assert list(service.inventory()) == []
    for ask in (service.describe, service.read, service.partitions):
        with pytest.raises(MissingSinkError, match="anything"):
            ask("anything")


def test_recordings_play_in_order_and_again_after_a_reset(start, make_cassette, get):
    service = start(
        fixtures=make_cassette(
            ("GET", URL, 429, {"Retry-After": "1"}, b"slow down"),
            ("GET", URL, 200, {}, b"first"),
            ("GET", URL, 200, {}, b"second"),
        )
    )
    played = [get(service)[:2] for _ in range(4)]
    assert played == [(429, b"slow down"), (200, b"first"), (200, b"second"), (200, b"second")]
    service.reset()
    assert service.requests() == ()
    assert get(service)[0] == 429


def test_a_look_ahead_and_parts_do_not_move_on(start, make_cassette, get):
    service = start(
        fixtures=make_cassette(("GET", URL, 200, {}, b"one"), ("GET", URL, 200, {}, b"another"))
    )
    assert get(service, method="HEAD")[2]["content-length"] == "3"
    assert get(service, Range="bytes=0-1")[:2] == (206, b"on")
    assert get(service, Range="bytes=2-")[:2] == (206, b"e")
    assert get(service)[1] == b"one"
    assert get(service)[1] == b"another"


def test_bodies_and_headers_are_sent_as_they_were(start, make_cassette, get):
    packed = gzip.compress(b"plain", mtime=0)
    service = start(
        fixtures=make_cassette(
            ("GET", URL, 200, {"Content-Encoding": "gzip", "Set-Cookie": ["a=1", "b=2"]}, packed),
            ("POST", URL, 404, {"Content-Type": "application/json"}, b'{"error": "none"}'),
        )
    )
    status, body, headers = get(service)
    assert (status, body) == (200, packed)
    assert headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert get(service, method="POST", data=b"x" * 200_000)[:2] == (404, b'{"error": "none"}')


def test_a_mapped_file_beats_a_recording_until_the_reset(start, make_cassette, get, tmp_path):
    file = tmp_path / "mine.csv.gz"
    file.write_bytes(b"mine")
    service = start(fixtures=make_cassette(("GET", URL, 200, {}, b"recorded")))
    service.map(URL, file)
    status, body, headers = get(service)
    assert (status, body, headers["content-type"]) == (200, b"mine", "application/gzip")
    assert get(service, Range="bytes=1-2")[:2] == (206, b"in")
    assert get(service, method="HEAD")[2]["content-length"] == "4"
    assert {asked.kind for asked in service.requests()} == {"file"}
    service.reset()
    assert get(service)[1] == b"recorded"


def test_files_of_the_settings_stay_after_a_reset(start, get, tmp_path):
    file = tmp_path / "mine.json"
    file.write_bytes(b"{}")
    service = start(fixtures=tmp_path / "none", files={URL + "?page=1": file})
    for _ in range(2):
        assert get(service, URL + "?page=1")[1] == b"{}"
        assert get(service, URL + "?page=2")[0] == 470
        service.reset()


def test_a_mapped_file_that_went_away_is_reported(start, get, tmp_path):
    file = tmp_path / "mine.csv"
    file.write_bytes(b"a\n")
    service = start(fixtures=tmp_path / "none", files={URL: file})
    file.unlink()
    status, body, _ = get(service)
    assert status == 470
    assert b"its file is gone" in body
    assert str(file) in service.incidents(0)[0].message


def test_only_a_file_that_is_there_can_be_mapped_to_a_url(service, tmp_path):
    with pytest.raises(CassetteError, match="is not there"):
        service.map(URL, tmp_path / "nothing")
    with pytest.raises(CassetteError, match="absolute"):
        service.map("api.test/data", Path(__file__))


def test_the_log_is_private_and_made_of_json_lines(start, make_cassette, get, tmp_path):
    service = start(
        fixtures=make_cassette(("GET", URL, 200, {}, b"body")), folder=tmp_path / "work"
    )
    get(service)
    get(service, "http://api.test/date?token=hush")
    (log,) = (tmp_path / "work").rglob("requests.jsonl")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700
    first, second = [json.loads(line) for line in log.read_text().splitlines()]
    assert (first["method"], first["url"], first["status"]) == ("GET", URL, 200)
    assert (first["bytes"], first["recorded"]) == (4, True)
    assert (second["recorded"], second["nearest"]) == (False, [URL])
    assert "hush" not in log.read_text()
    assert service.requests()[0].at == first["at"]
