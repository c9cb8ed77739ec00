"""A clock beside the real one."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest

from harness.clock.clock import Clock, offset_to
from harness.clock.current import now, using

AT = datetime(2021, 2, 1, 5, tzinfo=UTC)


def test_it_begins_at_the_moment_and_never_before_it():
    clock = Clock()
    clock.set(offset_to(AT))
    assert 0 <= clock.time() - AT.timestamp() < 60
    assert clock.now() >= AT


def test_whole_seconds_lie_between_it_and_the_real_time():
    assert isinstance(offset_to(AT), int)
    assert offset_to(None) == 0


def test_it_knows_what_it_showed_before(monkeypatch):
    clock = Clock()
    for real, offset in ((100.0, -50), (200.0, 7), (300.0, 0)):
        monkeypatch.setattr(time, "time", lambda real=real: real)
        clock.set(offset)
    assert [clock.shown(real) for real in (0, 99.9, 100, 150, 200, 299.9, 300, 1e9)] == [
        *(0, 0, -50, -50, 7, 7, 0, 0)
    ]


def test_a_thread_uses_a_clock_for_a_while_and_others_do_not():
    clock = Clock()
    clock.set(-(10**8))
    seen = []
    with using(clock):
        thread = threading.Thread(target=lambda: seen.append(now()))
        thread.start()
        thread.join()
        assert now() == pytest.approx(clock.time(), abs=60)
    assert now() == pytest.approx(time.time(), abs=60)
    assert seen[0] == pytest.approx(time.time(), abs=60)
