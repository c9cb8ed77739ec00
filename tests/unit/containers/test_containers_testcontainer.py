"""What Testcontainers does to the whole process is put back."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from testcontainers.core import docker_client

from harness.containers import testcontainer
from harness.containers.engine import Engine, Facts
from harness.containers.network import Network
from harness.containers.spec import Spec

NETWORK = Network(name="n", bind="172.20.0.1", host="172.20.0.1", reachable=("172.20.0.0/16",))
FACTS = Facts(
    version="28.2.2", api="1.45", system="Linux", architecture="amd64", security=frozenset()
)


def make(engine: Engine) -> None:
    spec = Spec(name="box", image="box:1")
    made = testcontainer.make(engine, spec, network=NETWORK, name="box", labels={})
    made.get_docker_client().client.close()


@pytest.mark.parametrize("users", [None, "unix:///users.sock"])
def test_the_users_docker_host_is_as_it_was_when_many_are_made_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, users: str | None
) -> None:
    if users is None:
        monkeypatch.delenv("DOCKER_HOST", raising=False)
    else:
        monkeypatch.setenv("DOCKER_HOST", users)

    def slow_host() -> str:
        # Long enough for the next thread to begin while this one has written nothing yet.
        time.sleep(0.02)
        return "unix:///of-the-context.sock"

    monkeypatch.setattr(docker_client, "get_docker_host", slow_host)
    engine = Engine(tmp_path / "docker.sock", FACTS)
    threads = [threading.Thread(target=make, args=(engine,)) for _ in range(8)]
    for thread in threads:
        thread.start()
        time.sleep(0.01)
    for thread in threads:
        thread.join()
    assert os.environ.get("DOCKER_HOST") == users
