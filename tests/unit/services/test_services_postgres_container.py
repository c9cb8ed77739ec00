"""What a container of PostgreSQL is made from, and why it does not start."""

from __future__ import annotations

import pytest

from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.services.docker.postgres import PostgresContainer
from harness.services.embedded import cluster


class Broken:
    """A world in which containers die."""

    def __init__(self, *lines):
        self.lines = lines
        self.spec = None

    def start(self, spec, *, ready, poll):
        self.spec = spec
        raise ServiceError("it died", cause="status 1", evidence=self.lines, remedy="look")


def test_a_server_without_json_logs_is_too_old(tmp_path):
    # As PostgreSQL 14 says it.
    world = Broken(
        'FATAL:  invalid value for parameter "log_destination": "jsonlog"',
        'DETAIL:  Unrecognized key word: "jsonlog".',
    )
    with pytest.raises(EnvironmentNotAbleError, match="too old") as caught:
        PostgresContainer(world, image="postgres:14", folder=tmp_path).start()
    assert not isinstance(caught.value, ServiceError)
    assert "postgres:14" in caught.value.symptom
    assert "from version 15 on" in caught.value.cause
    assert list(tmp_path.iterdir()) == []


def test_another_death_is_told_as_it_was(tmp_path):
    with pytest.raises(ServiceError, match="it died") as caught:
        PostgresContainer(Broken("no space"), folder=tmp_path).start()
    assert caught.value.evidence == ("no space",)


def test_it_is_set_up_as_the_embedded_one(tmp_path):
    world = Broken()
    with pytest.raises(ServiceError):
        PostgresContainer(world, folder=tmp_path).start()
    options = dict(part.split("=", 1) for part in world.spec.command[2::2])
    assert set(world.spec.command[1::2]) == {"-c"}
    # What they may differ in: where they listen and where the log lies.
    own = {"listen_addresses", "unix_socket_directories", "log_directory", "log_file_mode"}
    embedded = {name: value for name, value in cluster._CONFIGURATION.items() if name not in own}
    assert {name: value for name, value in options.items() if name not in own} == embedded
    assert "--locale=C.UTF-8" in world.spec.environment["POSTGRES_INITDB_ARGS"]
    assert world.spec.environment["POSTGRES_PASSWORD"] not in " ".join(world.spec.command)
