from __future__ import annotations

import hashlib

import pytest


@pytest.fixture
def cassette(tmp_path):
    """A folder with one good recording, and a way to spoil its index."""
    folder = tmp_path / "http" / "one"
    folder.mkdir(parents=True)
    (folder / "a.bin").write_bytes(b"0123456789")
    digest = hashlib.sha256(b"0123456789").hexdigest()
    index = folder / "index.yaml"
    index.write_text(
        "# a comment\n"
        "- method: get\n"
        "  url: https://example.com/a.bin\n"
        "  status: 200\n"
        "  headers: {content-type: text/plain, set-cookie: [a=1, b=2]}\n"
        "  body: a.bin\n"
        f"  sha256: {digest}\n"
        "  recorded: 2021-02-01T05:00:00Z\n"
    )
    return index
