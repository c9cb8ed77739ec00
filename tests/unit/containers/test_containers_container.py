"""What is asked for and what is told, without an engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.containers import testcontainer
from harness.containers.container import _ended
from harness.containers.engine import connect
from harness.containers.explain import explained
from harness.containers.network import Network
from harness.containers.spec import Mount, Spec
from harness.errors import EnvironmentNotAbleError, ServiceError

NETWORK = Network(name="net", bind="10.0.0.1", host="10.0.0.1", reachable=("10.0.0.0/8",))
SPEC = Spec(
    name="box", image="some:1", mounts=(Mount(source=Path("/a"), target="/b"),), ports=(80,)
)


def options(engine):
    return testcontainer._options(engine, SPEC, network=NETWORK, labels={"a": "b"})


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"Status": "exited", "ExitCode": 137, "OOMKilled": True}, "more memory"),
        ({"Status": "exited", "ExitCode": 137}, "status 137: it was killed"),
        ({"Status": "exited", "ExitCode": 0}, "it is exited, with status 0"),
        ({"Status": "created", "ExitCode": 127, "Error": "no sh"}, "not found (no sh)"),
    ],
)
def test_how_a_container_ended(state, words):
    assert words in _ended(state)


def test_what_is_asked_for(fake):
    with connect() as engine:
        asked = options(engine)
    assert asked["labels"] == {"a": "b"}
    assert asked["extra_hosts"] == {"host.docker.internal": "10.0.0.1"}
    assert asked["mounts"][0]["Source"] == "/a"
    assert not asked["use_config_proxy"]
    assert {"security_opt", "userns_mode", "user", "entrypoint", "init"}.isdisjoint(asked)


def test_an_engine_with_selinux_or_user_namespaces(fake):
    with connect() as engine:
        engine.facts = replace(engine.facts, security=frozenset({"name=selinux", "name=userns"}))
        asked = options(engine)
    assert asked["security_opt"] == ["label=disable"]
    assert asked["userns_mode"] == "host"


def refused(engine, message):
    from docker.errors import APIError

    with explained(engine, doing="starting box"):
        raise APIError("500", explanation=message)


def test_refusals_are_explained(fake):
    with connect() as engine:
        with pytest.raises(EnvironmentNotAbleError, match="disk is full") as caught:
            refused(engine, "mkdir /var/lib/docker/x: no space left on device")
        assert not isinstance(caught.value, ServiceError)
        with pytest.raises(ServiceError, match="starting box did not work") as caught:
            refused(engine, 'exec: "x": executable file not found in $PATH')
        assert "images" in caught.value.remedy
        with pytest.raises(ServiceError, match="something else") as caught:
            refused(engine, "something else")
        assert "journalctl -u docker" in caught.value.remedy
        with pytest.raises(ValueError, match="of our own"), explained(engine, doing="x"):
            raise ValueError("of our own")
