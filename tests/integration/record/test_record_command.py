"""The command, with real Mage: record at an origin, then run with the origin gone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.record.conftest import HOSTS

COMMAND = Path(sys.executable).parent / "mage-harness"
SUCCESS = Path(__file__).parents[2] / "projects" / "success"
LOADER = """
import io

import pandas as pd
import requests

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    answer = requests.get(
        'https://origin.test/release', headers={'authorization': 'Bearer ' + 'k3y' * 9}, timeout=30
    )
    answer.raise_for_status()
    found = pd.read_csv(io.BytesIO(answer.content), compression='gzip')
    return found.rename(columns={'id': 'trip'})
"""


@pytest.fixture
def project(tmp_path):
    place = tmp_path / "work" / "success"
    shutil.copytree(SUCCESS, place)
    (place / "data_loaders" / "load.py").write_text(LOADER)
    return place


@pytest.fixture
def command(project, tmp_path, origin):
    private = tmp_path / "tmp"
    private.mkdir()

    def run(*arguments):
        done = subprocess.run(
            [str(COMMAND), *arguments, "--project", str(project)],
            cwd=project.parent,
            env={**os.environ, "TMPDIR": str(private), "SSL_CERT_FILE": str(origin.authority)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert list(private.iterdir()) == [], "something was left behind"
        return done

    return run


def resolved(origin):
    return [part for host in HOSTS for part in ("--resolve", f"{host}={origin.address}")]


def test_a_pipeline_is_recorded_and_replays_without_its_origin(command, project, origin):
    done = command("record", "success", *resolved(origin))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 recordings, 1 file of" in done.stdout
    assert "It replays" in done.stdout
    cassette = project / "fixtures" / "http" / "success"
    assert sorted(file.name for file in cassette.iterdir()) == ["index.yaml", "month.csv.gz"]
    assert "k3yk3y" not in (cassette / "index.yaml").read_text()
    asked = list(origin.asked)
    origin.server.shutdown()
    assert command("run", "success").returncode == 0
    assert origin.asked == asked
    again = command("record", "success")
    assert again.returncode == 2
    assert "--replace" in again.stderr


def test_a_pipeline_that_fails_is_recorded_on_request_only(command, project, origin):
    loader = project / "data_loaders" / "load.py"
    loader.write_text(LOADER.replace("/release", "/absent"))
    done = command("record", "success", *resolved(origin))
    assert done.returncode == 1
    assert "--anyway" in done.stdout
    assert not (project / "fixtures").exists()
    kept = command("record", "success", "--anyway", *resolved(origin))
    assert kept.returncode == 1
    assert "It replays" in kept.stdout
    assert "status: 404" in (project / "fixtures" / "http" / "success" / "index.yaml").read_text()


def test_a_pipeline_that_asks_for_nothing_has_no_cassette(command, project, origin):
    (project / "data_loaders" / "load.py").write_text(
        (SUCCESS / "data_loaders" / "load.py").read_text()
    )
    done = command("record", "success")
    assert done.returncode == 2
    assert "nothing was recorded" in done.stderr


@pytest.mark.parametrize("name", ["../up", "a/b", ""])
def test_a_cassette_stays_below_its_folder(command, name):
    done = command("record", "success", "--name", name)
    assert done.returncode == 2
    assert "is no name" in done.stderr


def test_files_that_somebody_put_there_are_not_replaced(command, project):
    cassette = project / "fixtures" / "http" / "success"
    cassette.mkdir(parents=True)
    (cassette / "notes.md").write_text("mine")
    done = command("record", "success", "--replace")
    assert done.returncode == 2
    assert "notes.md" in done.stderr
    assert (cassette / "notes.md").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told_before_the_run(command, project):
    place = project / "fixtures"
    place.mkdir()
    place.chmod(0o555)
    done = command("record", "success")
    place.chmod(0o755)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_what_differs_each_time_is_named_with_the_option_that_ignores_it(command, project, origin):
    sent = "json={'q': 'x', 'meta': {'requested_at': time.time_ns()}}"
    loader = LOADER.replace("import io\n", "import io, time\n").replace(
        "    answer = requests.get(",
        f"    requests.post('https://origin.test/query', {sent}).raise_for_status()\n"
        "    answer = requests.get(",
    )
    (project / "data_loaders" / "load.py").write_text(loader)
    done = command("record", "success", "--sample", "9000", *resolved(origin))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "record it again with: --replace --ignore meta.requested_at" in done.stdout
    assert "month.csv.gz is kept whole: it has no more than 2,000 rows." in done.stdout
    again = command(
        *("record", "success", "--replace", "--ignore", "meta.requested_at"), *resolved(origin)
    )
    assert again.returncode == 0, again.stdout + again.stderr
    index = (project / "fixtures" / "http" / "success" / "index.yaml").read_text()
    assert "ignore:\n    - meta.requested_at" in index
