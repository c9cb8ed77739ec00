from __future__ import annotations

from harness.replay import demand
from harness.replay.demand import Demand
from harness.replay.library import Library
from harness.replay.recording import Recording


def recording(url, *, method="GET", status=200, **more):
    return Recording(method=method, url=url, status=status, **more)


def test_a_request_is_matched_by_method_and_url():
    library = Library([recording("https://a.test/x"), recording("https://a.test/x", method="POST")])
    assert [one.method for one in library.find("GET", "https://a.test/x")] == ["GET"]
    assert [one.method for one in library.find("POST", "https://a.test/x")] == ["POST"]
    assert library.find("PUT", "https://a.test/x") == ()
    assert library.find("GET", "https://a.test/y") == ()


def test_recordings_of_the_same_url_come_in_order():
    library = Library(
        recording(url, status=status)
        for url, status in (("https://a.test/?p=1&q=2", 429), ("https://a.test/?q=2&p=1", 200))
    )
    assert [one.status for one in library.find("GET", "https://a.test/?q=2&p=1")] == [429, 200]


def test_a_head_is_answered_by_the_get_unless_it_was_recorded():
    get = recording("https://a.test/x")
    assert Library([get]).find("HEAD", "https://a.test/x") == (get,)
    head = recording("https://a.test/x", method="HEAD", status=405)
    assert Library([get, head]).find("HEAD", "https://a.test/x") == (head,)


def test_a_url_signed_anew_is_the_same_recording():
    signed = recording("https://s.test/x?id=1&X-Amz-Signature=a", ignore_query=("X-Amz-*",))
    library = Library([signed])
    assert library.find("GET", "https://s.test/x?X-Amz-Date=c&id=1&X-Amz-Signature=b") == (signed,)
    assert library.find("GET", "https://s.test/x?id=2&X-Amz-Signature=a") == ()


def test_the_nearest_are_masked_and_found_in_spite_of_long_signatures():
    library = Library(
        [
            recording("https://s.test/2021-01?sig=" + "a" * 300, ignore_query=("sig",)),
            recording("https://elsewhere.test/"),
        ]
    )
    assert library.nearest("https://s.test/2021-02") == ("https://s.test/2021-01?sig=***",)
    assert library.nearest("https://q.test/none", also=["https://q.test/nine"]) == (
        "https://q.test/nine",
    )


def test_of_many_recordings_of_a_url_one_is_found_without_a_look_at_each(tmp_path, monkeypatch):
    recordings = []
    for number in range(300):
        file = tmp_path / f"{number}.json"
        file.write_text(f'{{"page": {number}}}')
        asked = Demand(body=file, match="json", headers=(("accept", "text/csv"),))
        recordings.append(recording("https://a.test/q", method="POST", request=asked))
    library, seen = Library(recordings), []
    headers = {"accept": "text/csv"}
    library.find("POST", "https://a.test/q", headers=headers, body=b"{}")
    compared = demand.comparable
    monkeypatch.setattr(demand, "comparable", lambda *a, **k: seen.append(a) or compared(*a, **k))
    found = library.find("POST", "https://a.test/q", headers=headers, body=b'{ "page": 250}')
    assert found == (recordings[250],)
    assert len(seen) == 1
    assert library.find("POST", "https://a.test/q", body=b'{"page": 250}') == ()
