"""What a request has otherwise than the recording that it is most like."""

from __future__ import annotations

import json

import pytest

from harness.replay.demand import Demand
from harness.replay.difference import nearest_difference
from harness.replay.recording import Recording


@pytest.fixture
def recorded(tmp_path):
    """Makes a recording that asks for a body."""
    count = iter(range(100))

    def make(body, *, match="json", ignore=(), headers=()):
        number = next(count)
        file = tmp_path / f"{number}.body"
        file.write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
        return Recording(
            method="POST",
            url="https://a.test/",
            status=200,
            source=f"index.yaml, recording {number + 1}",
            request=Demand(body=file, match=match, ignore=ignore, headers=headers),
        )

    return make


def difference(recordings, sent, headers=None):
    body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    return nearest_difference(recordings, headers=headers or {}, body=body)


def test_a_moment_is_named_with_the_line_to_write(recorded):
    one = recorded({"q": "a", "meta": {"requested_at": 1}})
    found = difference([one], {"q": "a", "meta": {"requested_at": 2}})
    assert found.volatile == ("meta.requested_at",)
    assert str(found) == (
        "it differs from index.yaml, recording 1 in: meta.requested_at; if that is another value "
        "each time, write 'ignore: [meta.requested_at]' there under 'request'"
    )


def test_the_nearest_of_several_is_compared(recorded):
    many = [recorded({"q": q, "id": 1, "limit": 5}) for q in "abc"]
    found = difference(many, {"q": "b", "id": 2, "limit": 5})
    assert (found.source, found.names) == ("index.yaml, recording 2", ("id",))


def test_what_is_ignored_already_and_secrets_are_no_difference(recorded):
    one = recorded({"at": 1, "access_token": "x", "rows": [{"id": 1}, {"id": 2}]}, ignore=("at",))
    found = difference([one], {"at": 2, "access_token": "y", "rows": [{"id": 1}, {"id": 3}]})
    assert found.names == ("rows.id",)


def test_fields_of_forms_and_headers(recorded):
    form = recorded(b"a=1&nonce=x&client_secret=s", match="form")
    assert difference([form], b"nonce=y&a=1&client_secret=t").volatile == ("nonce",)
    accept = recorded({"q": 1}, headers=(("accept", "text/csv"),))
    found = difference([accept], {"q": 2}, {"accept": "*/*"})
    assert found.volatile == ()
    assert str(found).endswith("in: header accept, q")


def test_what_has_no_names_differs_as_a_whole(recorded):
    for one, sent in (
        (recorded(b"raw", match="bytes"), b"other"),
        (recorded(["a"]), ["b"]),
        (recorded({"a": 1}), b"no json"),
    ):
        found = difference([one], sent)
        assert found.volatile == ()
        assert "ignore" not in str(found)


def test_many_names_are_another_request(recorded):
    found = difference([recorded(dict.fromkeys("abcdefgh", 1))], dict.fromkeys("abcdefgh", 2))
    assert found.volatile == ()
    assert str(found).endswith("in: a, b, c, d, e and 3 other names")


def test_there_is_none_where_nothing_was_recorded():
    assert difference([], {"a": 1}) is None


def test_a_recording_whose_body_is_gone_is_passed_over(recorded):
    gone, there = recorded({"a": 1}), recorded({"a": 2, "b": 3})
    gone.request.body.unlink()
    assert difference([gone, there], {"a": 1}).source == there.source
