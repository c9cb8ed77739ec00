from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from harness.machine import group

LONG = 60.0


def refused(_process: int) -> int:
    raise PermissionError


@pytest.fixture(params=["told", "looked for"])
def ends(request, monkeypatch) -> str:
    """Whether the system tells of the end of a process, or it is looked for now and then."""
    if request.param == "looked for":
        monkeypatch.setattr(os, "pidfd_open", refused, raising=False)
    return str(request.param)


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, start_new_session=True) as process:
        yield process
        process.kill()


@pytest.mark.usefixtures("ends")
def test_a_process_that_runs_has_not_ended(child) -> None:
    assert not group.ended(child, within=0.05)
    assert not group.ended(child, within=0)


@pytest.mark.usefixtures("ends")
def test_the_end_is_seen_and_leaves_the_process_to_be_waited_for(child) -> None:
    child.stdin.close()
    assert group.ended(child, within=LONG)
    assert child.returncode is None
    assert group.ended(child, within=0)
    assert child.wait() == 0
    assert group.ended(child, within=0)


def test_each_look_closes_what_it_has_opened(child, monkeypatch) -> None:
    opened, closed = [], []
    open_it, close_it = os.pidfd_open, os.close
    monkeypatch.setattr(os, "pidfd_open", lambda pid: opened.append(open_it(pid)) or opened[-1])
    monkeypatch.setattr(os, "close", lambda one: closed.append(one) or close_it(one))
    for _ in range(3):
        assert not group.ended(child, within=0.001)
    assert len(opened) == len([one for one in closed if one in opened]) >= 3
