"""Recorded in containers, and played there: what Mage fetches, and what a program of its image does."""

from __future__ import annotations

import pytest

from tests.integration.record import test_record_command as on_host
from tests.integration.record.test_record_command import resolved

pytestmark = pytest.mark.docker

project, command = on_host.project, on_host.command

LOADER = on_host.LOADER.replace("import io\n", "import io\nimport subprocess\n").replace(
    "    answer = requests.get(",
    "    asked = ['curl', '-fsSL', 'https://origin.test/plain']\n"
    "    found = subprocess.run(asked, check=True, capture_output=True).stdout\n"
    "    if found.count(b'\\n') != 2001:\n"
    "        raise ValueError(len(found))\n"
    "    answer = requests.get(",
)


def test_a_pipeline_in_a_container_is_recorded_and_replays(command, project, origin):
    (project / "data_loaders" / "load.py").write_text(LOADER)
    docker = ("success", "--provider", "docker")
    done = command("record", *docker, *resolved(origin))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 recordings, 2 files of" in done.stdout
    assert "It replays" in done.stdout
    cassette = project / "fixtures" / "http" / "success"
    assert {file.name for file in cassette.iterdir()} == {"index.yaml", "month.csv.gz", "plain.csv"}
    asked = list(origin.asked)
    origin.server.shutdown()
    again = command("run", *docker)
    assert again.returncode == 0, again.stdout + again.stderr
    # What was recorded in a container is played outside of it as well.
    assert command("run", "success").returncode == 0
    assert origin.asked == asked
