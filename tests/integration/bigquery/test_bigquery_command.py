"""``mage-harness bigquery``."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import httpx
import psutil
import pytest

from tests.processes import end_soon

COMMAND = "import sys\nfrom harness.cli.main import run_command\nrun_command(sys.argv[1:])"
CLIENT = """
from google.cloud import bigquery
client = bigquery.Client()
client.create_dataset("shop")
(row,) = client.query_and_wait("SELECT 1 AS one")
print(client.project, client.get_dataset("shop").location, row.one)
"""


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """Where the command puts its temporary files."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


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
    process.wait(60)
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


def addresses() -> list[str]:
    """This machine's own beside loopback."""
    found = [one for each in psutil.net_if_addrs().values() for one in each]
    return [
        one.address
        for one in found
        if one.family == socket.AF_INET and not one.address.startswith("127.")
    ]


def reached(address: str, port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(2)
        return one.connect_ex((address, port)) == 0


def test_by_default_nobody_else_reaches_it(started):
    _, lines = started
    assert not any("WARNING" in line for line in lines)
    port = int(lines[0].rpartition(":")[2])
    assert reached("127.0.0.1", port)
    assert not any(reached(address, port) for address in addresses())
    # Another address of loopback is another address too.
    assert not reached("127.0.0.2", port)


@pytest.mark.parametrize("started", [["--host", "0.0.0.0"]], indirect=True)
def test_all_addresses_are_told_of_loudly(started):
    _, lines = started
    assert lines[0].startswith("WARNING: it listens on 0.0.0.0")
    url = exported(lines)["BIGQUERY_EMULATOR_HOST"]
    assert url.startswith("http://127.0.0.1:")
    port = int(url.rpartition(":")[2])
    assert reached("127.0.0.1", port)
    assert all(reached(address, port) for address in addresses())


def test_ctrl_c_ends_it_at_once_also_while_it_is_asked(own_folder, started):
    process, lines = started
    url = exported(lines)["BIGQUERY_EMULATOR_HOST"]
    helpers = [one.pid for one in psutil.Process(process.pid).children(recursive=True)]
    with httpx.Client(base_url=url, trust_env=False, timeout=20) as client:
        # A connection that is kept open, and an upload that nobody ends.
        assert client.get("/bigquery/v2/projects").status_code == 200
        begun = client.post(
            "/upload/bigquery/v2/projects/p/jobs?uploadType=resumable",
            json={"configuration": {"load": {"destinationTable": {}}}},
        )
        assert begun.status_code == 200
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert list(own_folder.iterdir()) == []
    assert end_soon(helpers)
