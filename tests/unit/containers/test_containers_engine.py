"""An engine that cannot be used is refused with the reason and what to do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap

import pytest

from harness.containers import acceptance, endpoint
from harness.containers.engine import connect
from harness.errors import EnvironmentNotAbleError


def refusal():
    with pytest.raises(EnvironmentNotAbleError) as caught:
        connect()
    assert 'provider = "embedded"' in caught.value.remedy
    return str(caught.value)


def test_an_engine_that_will_do(fake):
    with connect() as engine:
        assert (engine.version, engine.socket) == ("28.2.2", fake.socket)
        assert engine.facts.api == "1.45"
        assert engine.facts.security == {"name=seccomp", "name=cgroupns"}
        assert not engine.desktop


def test_its_client_speaks_to_it_and_is_closed_with_it(fake):
    fake.answers["GET /_ping"] = b"OK"
    with connect() as engine:
        assert engine.client.ping()
        assert engine.client is engine.client


def test_neither_client_is_imported_to_see_whether_it_will_do(fake):
    code = """
        import sys
        from harness.containers.engine import connect
        connect().close()
        print([name for name in ("docker", "testcontainers", "requests") if name in sys.modules])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_docker_desktop_is_known(fake):
    fake.answers["GET /info"] = fake.answers["GET /info"] | {"OperatingSystem": "Docker Desktop"}
    assert connect().desktop


@pytest.mark.parametrize(
    ("newest", "oldest", "spoken"),
    [("1.41", "1.12", "1.41"), ("1.52", "1.44", "1.45"), ("1.60", "1.50", "1.50")],
)
def test_the_version_that_both_sides_speak(fake, newest, oldest, spoken):
    fake.answers["GET /version"] = fake.answers["GET /version"] | {
        "ApiVersion": newest,
        "MinAPIVersion": oldest,
    }
    assert connect().facts.api == spoken


@pytest.mark.parametrize("api", ["1.40", "1.9", "", None])
def test_an_old_engine(fake, api):
    fake.answers["GET /version"] = {"Version": "19.03.5", "ApiVersion": api}
    text = refusal()
    assert "too old" in text
    assert "1.41" in text
    assert "19.03.5" in text


def test_podman(fake):
    fake.answers["GET /version"] = {
        "Version": "4.9.3",
        "ApiVersion": "1.41",
        "Components": [{"Name": "Podman Engine"}, {"Name": "Conmon"}],
    }
    assert "does not work with Podman" in refusal()


def test_rootless(fake):
    options = ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"]
    fake.answers["GET /info"] = fake.answers["GET /info"] | {"SecurityOptions": options}
    text = refusal()
    assert "rootless" in text
    assert "docker context use default" in text


def test_windows_containers(fake):
    fake.answers["GET /info"] = fake.answers["GET /info"] | {"OSType": "windows"}
    assert "does not run Linux containers" in refusal()


def test_no_socket(fake):
    fake.stop()
    text = refusal()
    assert f"there is no {fake.socket}" in text
    assert "from: DOCKER_HOST" in text
    assert "systemctl start docker" in text


def test_a_socket_that_nobody_listens_on(fake, monkeypatch):
    fake.stop()
    monkeypatch.chdir(fake.socket.parent)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind("docker.sock")
    assert "nothing listens on" in refusal()


def test_another_engines_socket_is_named(fake, monkeypatch):
    fake.stop()
    monkeypatch.setattr(endpoint, "elsewhere", lambda: [fake.socket])
    text = refusal()
    assert f"lies at {fake.socket}" in text
    assert "DOCKER_HOST=unix://PATH" in text


@pytest.mark.parametrize("answer", [b"<html>", (500, {"message": "broken"}), [1]])
def test_an_engine_that_answers_nonsense(fake, answer):
    fake.answers["GET /info"] = answer
    assert str(fake.socket) in refusal()


def test_an_engine_that_hangs(monkeypatch, tmp_path):
    monkeypatch.setattr(acceptance, "_SECONDS", 0.05)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", "unix://d.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("d.sock")
        listener.listen()
        assert "timed out" in refusal()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_no_permission_on_the_socket(fake):
    fake.socket.parent.chmod(0o755)
    fake.socket.chmod(0o660)
    code = """
        import os
        from harness.containers.engine import connect
        from harness.errors import EnvironmentNotAbleError
        os.setgroups([]); os.setgid(65534); os.setuid(65534)
        try:
            connect()
        except EnvironmentNotAbleError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )
    assert "you may not talk to the Docker engine" in done.stdout
    assert "usermod -aG docker" in done.stdout
    assert "group 0, mode 660" in done.stdout
