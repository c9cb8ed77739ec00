"""What is taken out of a small body is taken out of a large one, which is read in another way."""

from __future__ import annotations

import pytest

from harness.record.literals import LARGE, Literals
from harness.record.scan import leaks
from harness.record.secrets import Secrets
from harness.replay.capture import Capture

FILLING = b"1,2021-01-01 00:00:00,name=value,a b c\n" * (LARGE // 30)


@pytest.fixture
def secrets(tmp_path):
    asked = (("authorization", "Bearer s3cret-t\xf6ken-1234"),)
    answer = tmp_path / "answer"
    answer.write_bytes(
        b'{"password": "abc", "next": "https://a.test/?access_token=t0p%2Fs3cretvalue"}'
    )
    return Secrets(
        [
            Capture(
                at=0.0,
                method="GET",
                url="https://a.test/",
                request_headers=asked,
                request_body=None,
                status=200,
                headers=(),
                body=answer,
            )
        ],
        known=[f"secret-number-{number:04d}" for number in range(1000)],
    )


@pytest.mark.parametrize(
    "line",
    [
        "Bearer s3cret-t\xf6ken-1234",
        '{"password": "abc", "word": "abc"}',
        "https://b.test/?page=2&access_token=another&x=1",
        "https://b.test/?q=t0p%252Fs3cretvalue",
        "https://me:hidden@b.test/",
        "secret-number-0999 and secret-number-0000",
        "nothing of the kind",
    ],
)
def test_a_line_comes_out_the_same_in_a_large_body(secrets, line):
    small = secrets.body(line.encode() + b"\n")
    large = secrets.body(FILLING + line.encode() + b"\n" + FILLING)
    assert large == FILLING + small + FILLING
    assert (small.decode().strip() == line) == (line == "nothing of the kind")


def test_bytes_that_are_no_utf_8_stay_as_they_are(secrets):
    body = FILLING + b"caf\xe9 secret-number-0001\n"
    assert secrets.body(body) == FILLING + b"caf\xe9 scrubbed\n"


def test_the_first_of_several_texts_is_taken_where_one_holds_another():
    literals = Literals(["abcd", "bc"])
    assert literals.replaced(b"abcd bc", b"x") == b"x x"
    assert literals.replaced(FILLING + b"abcd bc", b"x") == FILLING.replace(b"bc", b"x") + b"x x"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("AKIA" + "IOSFODNN7EXAMPLE", "AWS Access Key"),
        ("glpat-" + "a1b2c3d4e5f6g7h8i9j0", "GitLab Token"),
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "Private Key"),
    ],
)
def test_a_large_file_with_a_known_pattern_is_found(tmp_path, text, kind):
    file = tmp_path / "large.csv"
    file.write_bytes(FILLING)
    assert leaks([file]) == ()
    file.write_bytes(FILLING + text.encode() + b"\n" + FILLING)
    (leak,) = leaks([file])
    assert (leak.kind, leak.line) == (kind, FILLING.count(b"\n") + 1)
