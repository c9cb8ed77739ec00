from __future__ import annotations

import pytest

from harness.page.clean import Cleaner
from harness.running.secrets import secrets_of
from harness.settings import Settings

SECRET = "s3cr3t-Zq81kd"
TOKEN = "ghp_" + "a1B2" * 9
KEY = "-----BEGIN PRIVATE KEY-----\nMIIabc\nMIIdef\n-----END PRIVATE KEY-----"


@pytest.fixture
def clean():
    return Cleaner([SECRET, "abc"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"with {SECRET}.", "with scrubbed."),
        ("password=abc; the abc", "password=scrubbed; the abc"),
        (f"pushed by {TOKEN}", "pushed by scrubbed"),
        ("to postgresql://me:pw@host/db", "to postgresql://host/db"),
        ("GET https://x.org/?api_key=k1&page=2", "GET https://x.org/?api_key=scrubbed&page=2"),
        (f"key {KEY} end", "key scrubbed end"),
    ],
)
def test_secrets_go_from_lines_logs_and_cells(clean, text, shown):
    assert clean.text(text) == shown
    assert clean.line(text, most=200) == shown
    if "://me" not in text and "=abc" not in text:
        assert clean.cells([None, text.replace("\n", " ")], most=200)[1] == shown


def test_a_secret_across_the_end_leaves_no_beginning(clean):
    for most in range(4, 20):
        assert SECRET[:4] not in clean.line(f"with {SECRET}", most=most)
        assert SECRET[:4] not in clean.cells([f"with {SECRET}"], most=most)[0]


def test_what_does_not_print_is_shown_as_its_escape(clean):
    assert clean.line("a\x00b\u202ec\n d\udcff", most=50) == "a\\x00b\\u202ec d\\udcff"
    assert clean.text("\x1b[31mred\x1b[0m\r\n\tx\x07") == "red\n\tx\\x07"
    assert clean.cells(["two\nlines", ""], most=50) == ["two\\nlines", ""]


def test_a_long_text_is_cut_and_nulls_stay(clean):
    assert clean.line("x" * 100, most=10) == "xxxxxxx..."
    assert clean.cells([None, "y" * 100, None], most=10) == [None, "yyyyyyy...", None]


def test_secrets_are_known_by_the_names_of_variables_and_by_addresses(tmp_path):
    file = tmp_path / "some.env"
    file.write_text("API_TOKEN=of-the-file\nREGION=eu\n")
    settings = Settings(
        env_file=file,
        env={"STRIPE_SECRET": "of-the-settings", "URL": "redis://:of%2Fthe-url@host/0"},
        secrets={"anything": "of-mage"},
    )
    found = secrets_of(settings, given={"DB_PASSWORD": "of-a-service"}, variables={"apiKey": 12345})

    assert found == {
        *("of-the-file", "of-the-settings", "of%2Fthe-url", "of/the-url", "of-mage"),
        *("of-a-service", "12345"),
    }
