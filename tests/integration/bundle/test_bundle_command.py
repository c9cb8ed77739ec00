"""The commands as a user types them: a bundle of a failed run, and its services to look at."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import psycopg2
import pytest

from harness.cli.main import run_command

PROJECT = Path(__file__).parents[2] / "projects" / "run_again"
COMMAND = "import sys\nfrom harness.cli import main\nmain()"

pytestmark = pytest.mark.slow


def test_run_writes_a_bundle_of_each_pipeline_that_fails(tmp_path, capsys):
    folder = tmp_path / "kept"
    options = ["--project", str(PROJECT), "--entry", "blocks", "--bundle", str(folder)]
    assert run_command(["run", "breaks", *options]) == 1
    (made,) = folder.iterdir()
    assert f"bundle: {made}, to be opened with: mage-harness open {made}" in capsys.readouterr().out
    with zipfile.ZipFile(made) as archive:
        names = archive.namelist()
        settings = json.loads(archive.read("settings.json"))
    # A process for each block, and what each said.
    assert {"run/00/stderr.txt", "run/01/stderr.txt"} <= set(names)
    assert settings["entry"] == {"breaks": "blocks"}


def test_a_look_leads_to_the_data_and_leaves_nothing(made, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "open", str(made.archive), "--look", "after"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "Ctrl-C ends it" in line:
                break
        (url,) = re.findall(r"^PostgreSQL +psql '?([^'\s]+)'?$", "".join(said), re.MULTILINE)
        connection = psycopg2.connect(url)
        with connection.cursor() as cursor:
            cursor.execute("SELECT place FROM shop.orders ORDER BY id")
            assert cursor.fetchall() == [("here",), ("there",), ("here",), ("new",)]
        connection.close()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []
