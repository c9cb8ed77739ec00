"""The settings of the network: where they come from, and what they let through."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from harness.enclosure.plan import Enclosure
from harness.enclosure.start import Enclosed, NotPermittedError, Popen, not_permitted
from harness.errors import EnvironmentNotAbleError, SettingsError
from harness.machine.group import end_group
from harness.running import walls
from harness.running.walls import Walls
from harness.services.stack import Stack
from harness.settings import Settings, load_settings

if TYPE_CHECKING:
    from harness.enclosure.gate import Gate


def test_what_is_allowed_is_added_up(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.mage-harness]\nallow = ['db.corp:5432']\n")

    settings = load_settings(start=tmp_path, environ={}, options={"allow": ["api.example.com"]})

    assert settings.allow == ("db.corp:5432", "api.example.com")


def test_a_variable_is_a_list_in_json(tmp_path: Path) -> None:
    name = "MAGE_HARNESS_ALLOW"
    assert load_settings(start=tmp_path, environ={name: '["a:1"]'}).allow == ("a:1",)
    with pytest.raises(SettingsError, match="not JSON") as caught:
        load_settings(start=tmp_path, environ={name: "a:1"})
    assert '["value"]' in caught.value.remedy


def test_what_is_allowed_needs_no_proxy_and_passes_the_guard() -> None:
    with Stack(Settings(allow=("api.example.com", "10.0.0.9:6379"))) as stack:
        assert set(stack.reachable()) == {"api.example.com", "10.0.0.9"}
        assert stack.doors() == (
            ("api.example.com", 80),
            ("api.example.com", 443),
            ("10.0.0.9", 6379),
        )


def test_containers_are_told_that_nothing_can_be_allowed() -> None:
    settings = Settings(provider="docker", allow=("api.example.com",))
    with (
        pytest.raises(SettingsError, match="nothing can be allowed to containers"),
        Stack(settings),
    ):
        pass


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A machine that gives no namespace, and the commands that were started on it."""
    commands: list[list[str]] = []

    def start_enclosed(*_: object, **__: object) -> None:
        commands.append(["walled"])
        raise NotPermittedError("unshare: Operation not permitted")

    monkeypatch.setattr(walls, "start_enclosed", start_enclosed)
    return commands


def start(network: str, started: list[list[str]], told: list[str], folder: Path) -> None:
    def popen(command: list[str], *, inherited: tuple[int, ...] = ()) -> None:
        assert not inherited
        started.append(command)

    one = Walls(network, enclosure=Enclosure, progress=told.append)
    for _ in range(2):
        one.start(["mage"], folder=folder, popen=popen)


def test_without_namespaces_the_guard_is_said_once(refused, tmp_path: Path) -> None:
    told: list[str] = []
    start("auto", refused, told, tmp_path)

    assert refused == [["walled"], ["mage"], ["mage"]]
    assert len(told) == 1
    assert "no network namespace (unshare: Operation not permitted)" in told[0]


def test_a_namespace_that_is_asked_for_is_not_done_without(refused, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentNotAbleError, match="no network of their own"):
        start("namespace", refused, [], tmp_path)


class LackingGate:
    """Of walls that let nobody be asked."""

    fault = ""

    def __init__(self) -> None:
        self.ended = 0

    def end(self) -> None:
        """Count."""
        self.ended += 1


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> Iterator[LackingGate]:
    """A machine that gives a namespace without a listener."""
    gate, started = LackingGate(), []

    def start_enclosed(command: list[str], *_: object, popen: Popen, **__: object) -> Enclosed:
        started.append(popen(command))
        return Enclosed(process=started[-1], gate=cast("Gate", gate), lacking="seccomp: busy")

    monkeypatch.setattr(walls, "start_enclosed", start_enclosed)
    yield gate
    for one in started:
        if one.returncode is None:
            end_group(one)


def sleeper(command: list[str], **_: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, start_new_session=True)


def test_walls_that_are_not_whole_are_said_once(lacking, tmp_path: Path) -> None:
    told: list[str] = []
    one = Walls("auto", enclosure=Enclosure, progress=told.append)
    for _ in range(2):
        one.start(["true"], folder=tmp_path, popen=sleeper).end()

    assert len(told) == 1
    assert "nobody is asked before a connection (seccomp: busy)" in told[0]


def test_walls_that_are_asked_for_must_be_whole(lacking, tmp_path: Path) -> None:
    one = Walls("namespace", enclosure=Enclosure, progress=print)
    with pytest.raises(EnvironmentNotAbleError, match="no network of their own") as caught:
        one.start(["sleep", "60"], folder=tmp_path, popen=sleeper)

    assert "seccomp: busy" in str(caught.value.cause)
    assert lacking.ended == 1


def test_walls_that_did_not_hold_are_no_verdict(lacking, tmp_path: Path) -> None:
    lacking.fault = "it was ended without a word"
    one = Walls("auto", enclosure=Enclosure, progress=lambda _line: None)
    walled = one.start(["true"], folder=tmp_path, popen=sleeper)
    with pytest.raises(EnvironmentNotAbleError, match="did not hold"):
        walled.end()
    assert walled.process.returncode is not None


@pytest.mark.parametrize(
    ("platform", "remedy"), [("linux", "max_user_namespaces"), ("darwin", "--provider docker")]
)
def test_the_remedy_is_one_of_the_system(
    monkeypatch: pytest.MonkeyPatch, platform: str, remedy: str
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    assert remedy in (not_permitted("no").remedy or "")


def test_the_guard_alone_is_said_to_nobody(refused, tmp_path: Path) -> None:
    told: list[str] = []
    start("guard", refused, told, tmp_path)

    assert (refused, told) == ([["mage"], ["mage"]], [])
