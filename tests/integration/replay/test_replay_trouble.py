"""Trouble with recorded HTTP: what a client meets, and that nothing is left of it afterwards."""

from __future__ import annotations

import http.client
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest

from harness.services.http import RecordedHttp

URL = "http://example.com/trips.csv"
LARGE = "http://example.com/all_trips.csv"
SIZE = 5 << 20


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trouble")
    (folder / "small.csv").write_bytes(b"x" * 1000)
    # Beyond what is held in memory.
    (folder / "large.csv").write_bytes(b"x" * SIZE)
    files = {URL: folder / "small.csv", LARGE: folder / "large.csv"}
    found = RecordedHttp(fixtures=folder, files=files)
    found.start()
    yield found
    found.stop()


@contextmanager
def trouble(service, what, *, with_size):
    """Each request, or each answer, meets something once; gives what was asked."""
    asked = []

    def told(method, url, size):
        asked.append((method, url, size))
        due = bool(size) == with_size and not any(one is None for one in asked)
        if due:
            asked.append(None)
        return {"status": 0, "seconds": 0, "cut": 0, **what} if due else {}

    service.trouble(told)
    yield asked
    service.trouble(None)


def fetch(service, url=URL):
    opener = build_opener(ProxyHandler({"http": service.environment()["HTTP_PROXY"]}))
    with opener.open(url, timeout=60) as answer:
        return answer.read()


def test_a_status_is_answered_once(service):
    with trouble(service, {"status": 503}, with_size=False) as asked:
        with pytest.raises(HTTPError, match="503") as error:
            fetch(service)
        error.value.close()
        assert fetch(service) == b"x" * 1000
    assert asked[0] == ("GET", URL, 0)
    assert ("GET", URL, 1000) in asked


def test_a_connection_ends_and_is_no_incident(service):
    with (
        trouble(service, {}, with_size=False),
        pytest.raises(http.client.RemoteDisconnected),
    ):
        fetch(service)
    assert service.incidents(0.0) == ()


def test_a_slow_answer_is_whole(service):
    with trouble(service, {"seconds": 0.2}, with_size=False):
        assert fetch(service) == b"x" * 1000


@pytest.mark.parametrize(("url", "size"), [(URL, 1000), (LARGE, SIZE)])
def test_an_answer_breaks_off(service, url, size):
    with (
        trouble(service, {"cut": 600}, with_size=True),
        pytest.raises(http.client.IncompleteRead) as error,
    ):
        fetch(service, url)
    assert (len(error.value.partial), error.value.expected) == (600, size - 600)
    assert len(fetch(service, url)) == size


def test_nobody_is_asked_without_trouble(service):
    with trouble(service, {"status": 503}, with_size=False) as asked:
        pass
    assert fetch(service) == b"x" * 1000
    assert asked == []
