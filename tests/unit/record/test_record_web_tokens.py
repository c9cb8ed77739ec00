"""JSON Web Tokens are secrets by their form, whatever name stands before them."""

from __future__ import annotations

import base64
import json

from harness.record.scan import leaks
from harness.replay.demand import comparable
from harness.replay.secrecy import is_secret_query, jwts


def token(subject):
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": subject})
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts]
    return ".".join(part.rstrip("=") for part in [*coded, "c2lnbmF0dXJl"])


def test_tokens_are_found_and_what_only_looks_like_one_is_not():
    one, two = token("me"), token("you")
    assert jwts(f'{{"value": "{one}", "other": "({two})"}}') == {one, two}
    assert jwts("https://music.test/heyJude.html eyJude.mp3 eyJhbGci") == set()


def test_a_token_in_a_query_does_not_count_whatever_its_key():
    assert is_secret_query("x", token("me"))
    assert not is_secret_query("x", "eyJude.mp3")


def test_a_request_with_a_fresh_token_is_the_same_request():
    def sent(subject):
        return json.dumps({"auth_value": token(subject), "q": f"Bearer {token(subject)}"}).encode()

    assert comparable(sent("me"), match="json") == comparable(sent("you"), match="json")
    form = comparable(f"a={token('me')}&b=1".encode(), match="form")
    assert form == comparable(f"b=1&a={token('you')}".encode(), match="form") == b"a=scrubbed&b=1"


def test_one_that_stayed_is_found(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text(f"first\n{token('me')}\n")
    (leak,) = leaks([file])
    assert (leak.kind, leak.line, leak.shown) == ("JSON Web Token", 2, "eyJh")
