"""Everything that origins do, by each client: recorded, and the same with the origin gone."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.integration.record import walk
from tests.integration.record.origin import CSV, CSV_GZ, TABLE

SIZE = len(TABLE)
PROGRAMS = ("curl", "wget")


def told(content, *, status=200, **kept):
    """What a step says of its answer."""
    names = ("content-range", "retry-after", "etag")
    headers = {name: kept.get(name.replace("-", "_")) for name in names}
    return [status, headers, len(content), hashlib.sha256(content).hexdigest()[:12]]


EXPECTED = [
    told(CSV_GZ, etag='"month"'),
    told(CSV),
    told(CSV),
    told(CSV),
    told(TABLE[4:100], status=206, content_range=f"bytes 4-99/{SIZE}", etag='"table"'),
    told(
        TABLE[-8:], status=206, content_range=f"bytes {SIZE - 8}-{SIZE - 1}/{SIZE}", etag='"table"'
    ),
    told(b"", etag='"table"'),
    told(b'{"rows": ["x", "x"]}'),
    told(b'{"rows": ["y", "y"]}'),
    None,  # a token, of which nothing is kept
    told(b'{"known": false}', status=403),
    told(b"{}"),
    told(b'{"known": true}'),
    told(b'{"rows": [1], "next": 2}'),
    told(b'{"rows": [2], "next": 3}'),
    told(b'{"rows": [3], "next": null}'),
    told(b'{"error": "no such page"}', status=404),
    told(b"{}", status=429, retry_after="0"),
    told(b"{}", status=500),
    told(b'{"asked": 3}'),
    told(b'{"slow": true}'),
    "broken off",
]


@pytest.mark.parametrize("client", walk.CLIENTS)
def test_each_client_is_told_the_same_by_the_origin_and_by_its_recording(tape, client):
    if client in PROGRAMS and shutil.which(client) is None:
        pytest.skip(f"{client} is not on PATH")
    command = (sys.executable, str(Path(walk.__file__)), client)
    first = tape.record(*command)
    second = tape.replay(*command)
    assert tape.incidents == ()
    for done in (first, second):
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(found) == len(EXPECTED)
        for step, answer in zip(found, EXPECTED, strict=True):
            if isinstance(answer, str):
                assert step[1] == answer
            elif answer is not None and (client, step[2]) != ("wget", None):
                assert step[2:] == answer, step
    assert "hush-hush-hush" not in "".join(
        file.read_text("latin-1") for file in (tape.folder / "made").iterdir()
    )
