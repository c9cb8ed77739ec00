"""``up --detach``, ``ps`` and ``down``: a stack stays when its command has ended, and then goes."""

from __future__ import annotations

import os
import shlex
import signal
import stat
import sys
import time
from pathlib import Path

import psutil
import psycopg2
import pytest

from harness.cli.main import run_command
from harness.up import kept
from tests.integration.up.terminal import terminal
from tests.processes import end_soon

COMMAND = Path(sys.executable).parent / "mage-harness"
PATIENCE = 240


@pytest.fixture
def own(place, monkeypatch):
    """The project under a name that nobody else on this machine has."""
    name = f"test-{os.getpid()}-{place.name}"
    monkeypatch.chdir(place)
    yield name
    for one in kept.running():
        with one:
            if one.name.startswith(name):
                one.end()


def found(name):
    return next((one for one in kept.running() if one.name == name), None)


def started(*arguments):
    return run_command(["up", "-d", "--service", "postgres", *arguments])


def test_a_stack_stays_is_listed_and_ends_without_a_trace(own, capsys):
    assert started("--name", own, "--env-file", "mine") == 0
    said = capsys.readouterr().out
    assert f"`mage-harness down {own}` ends it" in said

    assert stat.S_IMODE(Path("mine").stat().st_mode) == 0o600
    (line,) = [one for one in said.splitlines() if one.startswith("PostgreSQL")]
    url = shlex.split(line)[-1]
    psycopg2.connect(url).close()
    with found(own) as one:
        assert os.getsid(one.pid) == one.pid, "it is of no terminal"
        assert {stat.S_IMODE(Path(each).stat().st_mode) & 0o77 for each in one.facts.left} == {0}
        family = psutil.Process(one.pid).children(recursive=True)
        folders = [Path(each) for each in one.facts.left]

    assert run_command(["ps"]) == 0
    (listed,) = [each for each in capsys.readouterr().out.splitlines() if own in each]
    assert "postgres" in listed
    assert url not in listed
    assert run_command(["ps", own]) == 0
    assert line in capsys.readouterr().out.splitlines()

    assert started("--name", own) == 2
    assert f"there is a stack {own} already" in capsys.readouterr().err

    assert run_command(["down", own]) == 0
    assert capsys.readouterr().out == f"{own} has ended; nothing is left\n"
    assert end_soon(one.pid for one in family)
    assert not [one for one in folders if one.exists()]
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(url)
    assert run_command(["down", own]) == 2
    assert f"no stack {own} runs" in capsys.readouterr().err


def test_a_stack_whose_process_is_killed_leaves_nothing(own):
    assert started("--name", own) == 0
    with found(own) as one:
        family = psutil.Process(one.pid).children(recursive=True)
        folders = [Path(each) for each in one.facts.left]
        os.kill(one.pid, signal.SIGKILL)
    assert end_soon(each.pid for each in family)
    assert found(own) is None
    # The watchdog, which is of the family, ends when all is done.
    assert not [each for each in folders if each.exists()]


def test_a_stack_ends_by_itself_in_time(own):
    assert started("--name", own, "--hours", "0") == 0
    end = time.monotonic() + PATIENCE
    while (one := found(own)) is not None:
        with one:
            assert time.monotonic() < end, one
        time.sleep(0.05)


def test_ctrl_c_while_it_starts_leaves_no_stack(own, place, capsys):
    os.mkfifo(place / "nobody-writes")
    with (place / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write('env_file = "nobody-writes"\n')
    command = [COMMAND, "up", "-d", "--service", "postgres", "--name", own]
    with terminal(command, place) as told:
        told.until("planting")
        with found(own) as one:
            family = psutil.Process(one.pid).children(recursive=True)
            assert run_command(["ps", own]) == 0
            assert f"{own}: starting or ending" in capsys.readouterr().out
        assert told.ctrl_c() == 130
    assert found(own) is None
    assert end_soon([one.pid, *(each.pid for each in family)])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["up", "--name", "x"], "--detach"),
        (["up", "-d", "--name", "a b"], "cannot be the name"),
        (["up", "-d", "--service", "postgress"], "did you mean postgres"),
        (["up", "-d", "--", "mage", "start", "shop"], "cannot be detached"),
        (["down", "--all", "x"], "not both"),
        (["ps", "no-such-stack"], "no stack no-such-stack runs"),
    ],
)
def test_mistakes_are_usage(own, capsys, arguments, said):
    assert run_command(arguments) == 2
    assert said in capsys.readouterr().err


def test_a_stack_has_the_name_of_its_project_and_down_is_content_with_none(own, place, capsys):
    (place / "shop").rename(place / own)
    of_it = ["--project", own]

    assert run_command(["up", "-d", "--service", "google", *of_it]) == 0
    assert run_command(["down", *of_it]) == 0
    assert f"{own} has ended; nothing is left" in capsys.readouterr().out
    assert run_command(["down", *of_it]) == 0
    assert "no stack" in capsys.readouterr().out
