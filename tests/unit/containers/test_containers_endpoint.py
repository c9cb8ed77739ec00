"""The engine's address is the one that the ``docker`` command would use."""

from __future__ import annotations

import hashlib
import json
import socket
from pathlib import Path

import pytest

from harness.containers import endpoint
from harness.containers.endpoint import find
from harness.errors import EnvironmentNotAbleError


def context(home, name, host, *, current=True):
    folder = home / ".docker"
    meta = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    meta.mkdir(parents=True)
    endpoints = {"docker": {"Host": host}} if host else {}
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": endpoints}))
    if current:
        (folder / "config.json").write_text(json.dumps({"currentContext": name, "auths": {}}))


def test_nothing_is_set(tmp_path):
    found = find({}, home=tmp_path)
    assert (found.socket, found.origin) == (Path("/var/run/docker.sock"), "default")


def test_docker_host_goes_before_contexts(tmp_path):
    context(tmp_path, "desktop-linux", "unix:///home/me/.docker/desktop/docker.sock")
    found = find({"DOCKER_HOST": "unix:///tmp/x.sock", "DOCKER_CONTEXT": "y"}, home=tmp_path)
    assert (found.socket, found.origin) == (Path("/tmp/x.sock"), "DOCKER_HOST")


def test_the_current_context_is_heeded(tmp_path):
    context(tmp_path, "desktop-linux", "unix:///home/me/.docker/desktop/docker.sock")
    found = find({}, home=tmp_path)
    assert found.socket == Path("/home/me/.docker/desktop/docker.sock")
    assert found.origin == "docker context desktop-linux"


def test_docker_context_goes_before_the_current_one(tmp_path):
    context(tmp_path, "colima", "unix:///home/me/.colima/default/docker.sock")
    context(tmp_path, "other", "unix:///x.sock")
    found = find({"DOCKER_CONTEXT": "colima"}, home=tmp_path)
    assert found.socket == Path("/home/me/.colima/default/docker.sock")
    assert find({"DOCKER_CONTEXT": "default"}, home=tmp_path).origin == "default"


def test_another_configuration_folder(tmp_path):
    context(tmp_path / "else", "a", "unix:///a.sock")
    variables = {"DOCKER_CONFIG": str(tmp_path / "else" / ".docker")}
    assert find(variables, home=tmp_path).socket == Path("/a.sock")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"currentContext": ""}', '{"auths": {}}'])
def test_a_configuration_that_names_no_context(tmp_path, text):
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(text)
    assert find({}, home=tmp_path).origin == "default"


@pytest.mark.parametrize(
    "address", ["tcp://10.0.0.5:2376", "ssh://me@host", "npipe:////./pipe/x", "http://h"]
)
def test_an_engine_elsewhere_is_refused(tmp_path, address):
    with pytest.raises(EnvironmentNotAbleError, match="on this machine") as caught:
        find({"DOCKER_HOST": address}, home=tmp_path)
    assert address in str(caught.value)
    assert "DOCKER_HOST names one" in str(caught.value)
    assert 'provider = "embedded"' in caught.value.remedy
    context(tmp_path, "far", address)
    with pytest.raises(EnvironmentNotAbleError, match="docker context far names one"):
        find({}, home=tmp_path)


@pytest.mark.parametrize("host", ["", None])
def test_a_context_that_names_no_engine(tmp_path, host):
    with pytest.raises(EnvironmentNotAbleError, match="'nowhere' names no engine"):
        find({"DOCKER_CONTEXT": "nowhere"}, home=tmp_path)
    context(tmp_path, "nowhere", host)
    with pytest.raises(EnvironmentNotAbleError, match="docker context ls"):
        find({}, home=tmp_path)


def test_sockets_in_other_places_are_found(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    assert endpoint.elsewhere(home=tmp_path) == []
    place = tmp_path / "run" / "docker.sock"
    place.parent.mkdir()
    monkeypatch.chdir(place.parent)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("docker.sock")
        assert endpoint.elsewhere(home=tmp_path) == [place]
