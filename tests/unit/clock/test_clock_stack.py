"""Services that cannot have another time are refused: no run has the wrong clock."""

from __future__ import annotations

import pytest

from harness.errors import EnvironmentNotAbleError, InputError
from harness.running.moments import Moments, shown
from harness.services.sinkless import Sinkless
from harness.services.stack import Stack
from harness.settings import Settings


class Silent(Sinkless):
    title = "a service"

    def __init__(self, name):
        self.name = name

    def stop(self):
        """Nothing."""


class Telling(Silent):
    seen = None

    def keep_time(self, clock):
        self.seen = clock.offset


@pytest.fixture
def stack():
    with Stack(Settings()) as stack:
        yield stack


@pytest.mark.parametrize("name", ["postgres", "gcs", "bigquery"])
def test_a_service_that_tells_times_and_cannot_have_another_is_refused(stack, name):
    stack._services[name] = Silent(name)
    with pytest.raises(InputError, match=f"{name} cannot have another time") as error:
        Moments(stack, settings=Settings()).tell("2021-02-01T05:00Z")
    assert "marker mage_at" in error.value.remedy
    Moments(stack, settings=Settings()).tell()


def test_those_that_tell_none_do_not_matter_and_the_others_get_it(stack):
    stack._services |= {"http": Silent("http"), "postgres": Telling("postgres")}
    told = Moments(stack, settings=Settings()).tell("2021-02-01T05:00Z")
    assert stack._services["postgres"].seen == stack.clock.offset == told.offset < 0
    assert shown(told) == "2021-02-01T05:00:00Z"


def test_a_world_goes_on_and_a_run_of_its_own_time_leaves_it_as_it_is(stack, monkeypatch):
    clock = iter([1000.0, 2000.0, 3000.0, 4000.0, 5000.0, 6000.0, 7000.0])
    monkeypatch.setattr("harness.clock.clock.time.time", lambda: next(clock))
    moments = Moments(stack, settings=Settings(at="2021-02-01T05:00Z"))
    first = moments.tell()
    own = moments.tell("2021-03-01")
    again = moments.tell()
    assert first.offset == again.offset != own.offset
    moments.forget()
    assert moments.tell().offset < first.offset


@pytest.mark.parametrize(
    ("other", "option"),
    [
        ({"provider": "docker"}, "--provider docker"),
        ({"postgres": "postgresql://u:p@h/d"}, "--postgres"),
        ({"real_google": "p"}, "--real-google"),
    ],
    ids=str,
)
def test_what_is_not_the_harnesss_own_is_refused_before_anything_starts(stack, other, option):
    with pytest.raises(InputError, match="not everything") as error:
        Moments(stack, settings=Settings(at="2021-02-01", **other))
    assert option in error.value.evidence[0]
    with pytest.raises(InputError, match="not everything"):
        Moments(stack, settings=Settings(**other)).tell("2021-02-01")


def test_without_the_library_it_is_refused_before_anything_starts(stack, monkeypatch):
    monkeypatch.setattr("harness.clock.preload.importlib.util.find_spec", lambda _name: None)
    stack._services["postgres"] = told = Telling("postgres")
    with pytest.raises(EnvironmentNotAbleError, match="cannot be given here"):
        Moments(stack, settings=Settings(at="2021-02-01"))
    with pytest.raises(EnvironmentNotAbleError, match="cannot be given here"):
        Moments(stack, settings=Settings()).tell("2021-02-01")
    assert told.seen is None
    Moments(stack, settings=Settings()).tell()
