"""Of two sessions only one has the mark, whenever the other one looks or acts."""

from __future__ import annotations

import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.errors import ServiceError
from harness.services.given import lease
from harness.services.given.lease import Lease
from harness.services.given.tenure import Tenure

DEAD = {"host": socket.gethostname(), "pid": 2**22 + 1, "token": "of a dead one"}
ALIVE = {"host": socket.gethostname(), "pid": os.getpid(), "token": "of another"}


class Service:
    """A service's mark; ``before`` has what happens just before a call."""

    place = "nowhere"

    def __init__(self, owner=None):
        self.owner = owner
        self.before = {}
        self.calls = []
        self._lock = threading.Lock()

    def _happens(self, call):
        self.calls.append(call)
        if happens := self.before.pop(call, None):
            happens()

    def make(self, facts):
        self._happens("make")
        with self._lock:
            if self.owner is not None:
                return False
            self.owner = dict(facts)
            return True

    def read(self):
        self._happens("read")
        return self.owner

    def remove(self):
        self._happens("remove")
        self.owner = None


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(lease, "GRACE", 0.0)
    monkeypatch.setattr(lease, "SETTLE", 0.0)


def becomes(service, owner):
    return lambda: setattr(service, "owner", owner)


def test_a_mark_that_changed_since_it_was_looked_at_is_not_removed():
    service = Service(DEAD)
    first = service.read

    def read():
        # Whoever looks sees the dead owner; then the other session's mark is there.
        seen = first()
        service.owner, service.read = ALIVE, first
        return seen

    service.read = read
    with pytest.raises(ServiceError, match="another session uses"):
        Lease("x", mark=service).take()
    assert service.owner == ALIVE
    assert "remove" not in service.calls


def test_who_lost_the_mark_right_after_making_it_does_not_go_on():
    service = Service()
    service.before["read"] = becomes(service, ALIVE)
    mine = Lease("x", mark=service)
    with pytest.raises(ServiceError, match="another session uses"):
        mine.take()
    assert mine.facts == {}
    mine.give_back()
    assert service.owner == ALIVE


@pytest.mark.parametrize("owner", [ALIVE, None])
def test_a_mark_that_is_not_ours_any_more_is_not_given_back(owner):
    service = Service()
    mine = Lease("x", mark=service)
    mine.take()
    service.owner = owner
    mine.give_back()
    mine.give_back()
    assert service.owner == owner
    assert "remove" not in service.calls


def test_the_mark_of_a_dead_owner_is_taken_over_and_given_back():
    service = Service(DEAD)
    mine = Lease("x", mark=service)
    mine.take()
    assert service.owner == mine.facts != {}
    mine.give_back()
    assert service.owner is None


def test_of_many_that_see_the_same_dead_owner_one_goes_on(monkeypatch):
    monkeypatch.setattr(lease, "SETTLE", 1.0)
    for _ in range(3):
        service = Service(DEAD)
        together = threading.Barrier(6, timeout=60)

        def take(service=service, together=together):
            mine = Lease("x", mark=service)
            together.wait()
            try:
                mine.take()
            except ServiceError:
                return None
            return mine

        with ThreadPoolExecutor(6) as pool:
            done = [pool.submit(take) for _ in range(6)]
        kept = [one.result() for one in done if one.result()]
        assert [one.facts for one in kept] == [service.owner]


def test_a_tenure_that_does_not_begin_keeps_nothing():
    service = Service()
    tenure = Tenure("gcs", url="x", project="p", mark=service, guardian=None)

    def look():
        assert service.owner
        raise KeyError

    with pytest.raises(KeyError):
        tenure.begin(look)
    assert service.owner is None


def test_a_tenure_ends_though_the_clearing_fails():
    service = Service()
    tenure = Tenure("gcs", url="x", project="p", mark=service, guardian=None)
    assert tenure.begin(lambda: [1]) == [1]

    def clear():
        raise ServiceError("gone")

    with pytest.raises(ServiceError, match="gone"):
        tenure.end(clear)
    assert service.owner is None


def test_what_a_dead_session_left_is_done_only_while_its_mark_is_there():
    service = Service(DEAD)
    tenure = Tenure("gcs", url="x", project="p", mark=service, guardian=None)
    assert not tenure.inherit({"lease": ALIVE})
    assert tenure.inherit({"lease": DEAD})
    tenure.end(lambda: None)
    assert service.owner is None
