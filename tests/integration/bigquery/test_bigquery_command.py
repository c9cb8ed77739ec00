"""``mage-harness bigquery``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

COMMAND = "import sys\nfrom harness.cli.main import run_command\nrun_command(sys.argv[1:])"
CLIENT = """
from google.cloud import bigquery
client = bigquery.Client()
client.create_dataset("shop")
(row,) = client.query_and_wait("SELECT 1 AS one")
print(client.project, client.get_dataset("shop").location, row.one)
"""


@pytest.fixture
def started(request):
    """The command with its arguments, and the lines that it says at its start."""
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, "bigquery", *getattr(request, "param", ())],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        lines: list[str] = []
        while not lines or not lines[-1].startswith("Ctrl-C"):
            line = process.stdout.readline()
            assert line, process.stderr.read()
            lines.append(line.rstrip())
        yield process, lines
        process.kill()


def exported(lines: list[str]) -> dict[str, str]:
    words = (line.removeprefix("export ") for line in lines if line.startswith("export "))
    return dict(word.split("=", 1) for word in words)


def test_it_says_where_it_is_and_ends_by_a_signal(started):
    process, lines = started
    url = lines[0].removeprefix("BigQuery listens on ")
    assert lines[1] == f"export BIGQUERY_EMULATOR_HOST={url}"
    with urllib.request.urlopen(f"{url}/bigquery/v2/projects", timeout=20) as answer:
        assert answer.status == 200
    process.send_signal(signal.SIGINT)
    process.wait(20)
    assert not Path(exported(lines)["GOOGLE_APPLICATION_CREDENTIALS"]).exists()


@pytest.mark.parametrize(
    "started", [["--gcp-project", "my-shop", "--location", "EU"]], indirect=True
)
def test_the_variables_are_all_that_a_client_needs(started):
    _, lines = started
    done = subprocess.run(
        [sys.executable, "-c", CLIENT],
        env={**os.environ, **exported(lines)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == ["my-shop", "EU", "1"], done.stderr
