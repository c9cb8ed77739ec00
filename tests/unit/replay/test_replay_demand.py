"""What a request must bring."""

from __future__ import annotations

import json

import pytest

from harness.replay.demand import Demand, comparable, match_of
from harness.replay.library import Library
from harness.replay.recording import Recording
from harness.replay.secrecy import is_secret, is_secret_query


@pytest.fixture
def demand(tmp_path):
    def make(body, **more):
        file = tmp_path / "sent"
        file.write_bytes(body)
        return Demand(body=file, **more)

    return make


def met(asked, headers, body):
    """Whether a request brings what is asked."""
    return asked.kind.mark(headers, body) == asked.mark


def test_json_is_compared_by_its_meaning(demand):
    asked = demand(b'{"q": 1, "at": "now", "deep": [{"id": 1, "x": 2}]}', match="json")
    assert met(asked, {}, b'{"deep":[{"x":2,"id":1}],"at":"now","q":1}')
    assert not met(asked, {}, b'{"deep":[{"x":2,"id":1}],"at":"later","q":1}')
    assert not met(asked, {}, b"")
    lax = demand(
        b'{"q": 1, "at": "x", "deep": [{"id": 1}]}', match="json", ignore=("at", "deep.id")
    )
    assert met(lax, {}, b'{"q": 1, "at": "y", "deep": [{"id": 7}]}')
    assert not met(lax, {}, b'{"q": 2, "at": "y", "deep": [{"id": 7}]}')


def test_secrets_do_not_count_but_pages_do(demand):
    asked = demand(b'{"api_key": "scrubbed", "page_token": "a"}', match="json")
    assert met(asked, {}, b'{"api_key": "mine", "page_token": "a"}')
    assert not met(asked, {}, b'{"api_key": "mine", "page_token": "b"}')
    form = demand(b"b=1&client_secret=scrubbed&a=2&a=1", match="form")
    assert met(form, {}, b"client_secret=other&a=2&a=1&b=1")
    assert not met(form, {}, b"client_secret=other&a=1&a=2&b=1")


def test_what_is_not_json_is_compared_as_bytes(demand):
    assert met(demand(b"{broken", match="json"), {}, b"{broken")
    assert not met(demand(b"{broken", match="json"), {}, b"{broken ")
    deep = b"[" * 100_000
    assert comparable(deep, match="json") == deep


def test_headers_must_have_just_their_values():
    asked = Demand(headers=(("accept", "text/csv"),))
    assert met(asked, {"accept": "text/csv", "other": "x"}, b"any body will do")
    assert not met(asked, {"accept": "text/html"}, b"")
    assert not met(asked, {}, b"")


def test_recordings_that_ask_for_different_bodies_play_each_in_its_order(demand, tmp_path):
    def recording(body, status):
        file = tmp_path / f"{status}"
        file.write_bytes(json.dumps(body).encode())
        return Recording(
            method="POST",
            url="https://a.test/q",
            status=status,
            request=Demand(body=file, match="json"),
        )

    library = Library(
        [recording({"q": 1}, 200), recording({"q": 2}, 201), recording({"q": 1}, 202)]
    )
    found = library.find("POST", "https://a.test/q", body=b'{"q": 1}')
    assert [one.status for one in found] == [200, 202]
    assert library.find("POST", "https://a.test/q", body=b'{"q": 3}') == ()
    assert len(library.alike("POST", "https://a.test/q")) == 3


@pytest.mark.parametrize(
    ("content_type", "match"),
    [
        ("application/json; charset=utf-8", "json"),
        ("application/vnd.api+json", "json"),
        ("application/x-www-form-urlencoded", "form"),
        ("text/plain", "bytes"),
        ("", "bytes"),
    ],
)
def test_the_media_type_says_how_bodies_are_compared(content_type, match):
    assert match_of(content_type) == match


@pytest.mark.parametrize(
    "name",
    [
        *("access_token", "refreshToken", "client_secret", "X-Amz-Signature", "sig", "apiKey"),
        *("X-Api-Key", "password", "Authorization", "private_key", "AWSSecretAccessKey"),
        *("clientsecret", "refreshtoken", "registrationkey", "id_token", "secret_id"),
        *("assertion", "client_assertion"),
    ],
)
def test_names_of_secrets(name):
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        *("next_page_token", "pageToken", "primary_key", "author", "design", "signal", "monkey"),
        *("token_type", "continuation_token", "keyword", "tokens_url", "day", "key", "x"),
        *("token_id", "token_address", "pagination_token", "skipToken", "password_changed_at"),
        *("secretName", "signature_algorithm", ""),
    ],
)
def test_names_that_only_look_like_secrets(name):
    assert not is_secret(name)


def test_key_alone_is_a_secret_in_a_url_only():
    assert is_secret_query("key", "AIzaSy0123456789")
    assert not is_secret_query("key", "population")
    assert not is_secret_query("key", "data/yellow_tripdata_2021-01.csv")
    assert not is_secret_query("keys", "AIzaSy0123456789")
