"""A client with another time trusts the proxy: its certificates are valid at any time."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from harness.clock.clock import offset_to
from harness.clock.preload import library, variables
from harness.services.http import RecordedHttp

ASK = """
import datetime, urllib.request
with urllib.request.urlopen("https://example.org/x.txt") as answer:
    print(datetime.datetime.now().year, answer.read().decode())
"""


@pytest.mark.parametrize("year", [1981, 2021, 2098])
def test_https_works_in_any_year(tmp_path, year):
    file = tmp_path / "x.txt"
    file.write_text("recorded")
    http = RecordedHttp(fixtures=tmp_path, files={"https://example.org/x.txt": file})
    http.start()
    try:
        told = subprocess.run(
            [sys.executable, "-c", ASK],
            env={
                "PATH": os.environ["PATH"],
                **http.environment(),
                **variables(offset_to(datetime(year, 6, 1, tzinfo=UTC)), file=library()),
            },
            capture_output=True,
            check=False,
            text=True,
            timeout=60,
        )
    finally:
        http.stop()

    assert told.stdout.split() == [str(year), "recorded"], told.stderr
