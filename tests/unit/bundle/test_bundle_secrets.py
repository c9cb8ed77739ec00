"""Secrets are taken out of texts, and data that holds one makes no bundle."""

from __future__ import annotations

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.bundle.secrets import require_none, scrub, without_secrets
from harness.errors import InputError

# Put together, so that no scan of this repository takes them for real ones.
KEY = "AKIA" + "QWERTYUIOP234567"
TOKEN = "ghp_" + "a1B2" * 9
SLACK = "xoxb-" + "1" * 12 + "-" + "a1B2" * 6
KNOWN = "correct-horse-battery"


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def write(folder, name, content):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def test_known_secrets_and_keys_go_and_lines_stay(folder):
    log = write(
        folder, "run/00/stderr.txt", f"one {KNOWN}\ntwo {KEY}\nthree {TOKEN}\nfour '{SLACK}'\n"
    )
    code = write(folder, "project/p/a.py", f"KEY = '{KEY}'\n\n\nraise ValueError\n")
    clean = write(folder, "project/p/b.py", "x = 1\n")
    assert scrub(folder, known=[KNOWN]) == ["project/p/a.py", "run/00/stderr.txt"]
    assert log.read_text() == "one scrubbed\ntwo scrubbed\nthree scrubbed\nfour 'scrubbed'\n"
    assert code.read_text() == "KEY = 'scrubbed'\n\n\nraise ValueError\n"
    assert clean.read_text() == "x = 1\n"
    require_none(folder, known=[KNOWN])


@pytest.mark.parametrize(
    "line",
    [
        'url = f"postgresql://{user}:{password}@{host}/db"',
        "url = 'postgresql://%(user)s:%(password)s@host/db'",
        "url = 'postgresql://postgres:postgres@localhost/db'",
        "url = 'https://$USER:$TOKEN@example.com'",
    ],
)
def test_placeholders_and_known_words_are_no_secrets(folder, line):
    write(folder, "project/p/a.py", line)
    assert scrub(folder, known=[]) == []
    require_none(folder, known=[])


def test_of_a_url_the_password_goes(folder):
    file = write(folder, "project/p/a.py", "x = 'postgresql://me:S3cr3t-pass9@db.example.com/x'")
    scrub(folder, known=[])
    assert file.read_text() == "x = 'postgresql://me:scrubbed@db.example.com/x'"


def test_io_config_loses_what_its_keys_call_secret(folder):
    file = write(
        folder,
        "project/p/io_config.yaml",
        "default:\n  POSTGRES_PASSWORD: hunter2\n  POSTGRES_HOST: db\n"
        "  AWS_SECRET_ACCESS_KEY: \"{{ env_var('X') }}\"\n"
        '  private_key: "-----BEGIN PRIVATE KEY-----\\nabc\\n-----END PRIVATE KEY-----"\n',
    )
    scrub(folder, known=[])
    assert file.read_text() == (
        "default:\n  POSTGRES_PASSWORD: scrubbed\n  POSTGRES_HOST: db\n"
        "  AWS_SECRET_ACCESS_KEY: \"{{ env_var('X') }}\"\n  private_key: scrubbed\n"
    )
    require_none(folder, known=[])


def parquet(text):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"a": ["x", text]}), sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("state/before/postgres/0000-public-t.copy", f"1\t{KEY}\n"),
        ("state/after/services/bigquery/d.t.parquet", parquet(KNOWN)),
        ("state/before/services/gcs/lake/a.csv.gz", gzip.compress(KEY.encode(), mtime=0)),
        ("fixtures/http/x/index.yaml", f"url: https://example.com?key={TOKEN}"),
        ("seeds/postgres/a.sql", f"-- {KNOWN}"),
        ("project/p/key.pem", "-----BEGIN RSA PRIVATE KEY-----\nabc"),
        ("project/p/data.bin", b"\0" + KEY.encode()),
    ],
)
def test_what_cannot_be_changed_makes_no_bundle(folder, name, content):
    file = write(folder, name, content)
    before = file.read_bytes()
    scrub(folder, known=[KNOWN])
    assert file.read_bytes() == before
    with pytest.raises(InputError, match="it would hold a secret") as told:
        require_none(folder, known=[KNOWN])
    assert told.value.evidence[0].startswith(name)
    assert KEY not in str(told.value)
    assert KNOWN not in str(told.value)


def test_settings_keep_the_names_of_services():
    settings = {
        "env": {"DB_PASSWORD": "hunter2", "OTHER_PASSWORD": "{postgres_password}", "YEAR": "2021"},
        "secrets": {"a": "x", "b": "{key_file}"},
    }
    assert without_secrets(settings) == {
        "env": {"DB_PASSWORD": "scrubbed", "OTHER_PASSWORD": "{postgres_password}", "YEAR": "2021"},
        "secrets": {"a": "scrubbed", "b": "{key_file}"},
    }
