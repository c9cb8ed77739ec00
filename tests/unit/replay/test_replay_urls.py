from __future__ import annotations

import pytest

from harness.replay.urls import is_web_url, masked, nearest, normalised


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HTTPS://Example.COM/a", "https://example.com/a"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("http://example.com", "http://example.com:80/"),
        ("https://example.com/a#part", "https://example.com/a"),
        ("https://me:pw@example.com/a", "https://example.com/a"),
        ("http://[::1]:80/a", "http://[::1]/a"),
        ("https://example.com/?a=1&b=2", "https://example.com/?b=2&a=1"),
        ("https://example.com/?b=2&a=1&b=1", "https://example.com/?b=2&b=1&a=1"),
    ],
)
def test_urls_that_mean_the_same_are_equal(one, other):
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/a", "http://example.com/a"),
        ("https://example.com/a", "https://example.com:8443/a"),
        ("https://example.com/a", "https://example.com/A"),
        ("https://example.com/?page=1", "https://example.com/?page=2"),
        ("https://example.com/?a=1&a=2", "https://example.com/?a=2&a=1"),
    ],
)
def test_urls_that_may_differ_stay_apart(one, other):
    assert normalised(one) != normalised(other)


def test_ignored_query_keys_do_not_count():
    signed = "https://s.test/a?X-Amz-Date=1&id=7&X-Amz-Signature=2"
    assert normalised(signed, ignore=("X-Amz-*",)) == "https://s.test/a?id=7"
    assert normalised(signed, ignore=("*",)) == "https://s.test/a"
    assert normalised("https://s.test/a?%58-Amz-Date=1", ignore=("X-Amz-*",)) == "https://s.test/a"


def test_secrets_are_masked_and_the_rest_is_not():
    url = "https://me:hush@s.test/a?api_key=hush&page=2&X-Amz-Signature=hush&access_token=hush"
    assert masked(url) == (
        "https://s.test/a?api_key=***&page=2&X-Amz-Signature=***&access_token=***"
    )
    assert "hush" not in masked("https://[broken?token=hush")


def test_the_nearest_come_best_first():
    known = [
        "https://github.com/x/yellow_tripdata_2021-02.csv.gz",
        "https://github.com/x/green_tripdata_2021-01.csv.gz",
        "https://api.example.com/v1/rates",
    ]
    found = nearest("https://github.com/x/yellow_tripdata_2021-03.csv.gz", known)
    assert found[0] == known[0]
    assert known[2] not in found


def test_many_known_urls_are_narrowed_to_the_host():
    known = [f"https://other.test/{number}" for number in range(3000)] + ["https://s.test/abc"]
    assert nearest("https://s.test/abd", known) == ("https://s.test/abc",)


@pytest.mark.parametrize(
    "text", ["", "/a", "example.com/a", "ftp://a.test/", "http://", "http://[x"]
)
def test_what_is_no_web_url(text):
    assert not is_web_url(text)
