"""The sweep removes what one session has, and nothing else, whatever the engine does meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
import threading

import pytest

from harness.containers import sweep as sweeps
from harness.containers.sweep import LABEL, found, sweep

MINE = "aaaa"


class Things:
    """What a fake engine holds; a filter by label is heeded or not."""

    def __init__(self, fake, *, filters=True):
        self.fake = fake
        self.filters = filters
        self.held = {"containers": {}, "networks": {}, "volumes": {}}
        self.refusals = {}
        fake.answers["GET /containers/json"] = lambda query: self.listed("containers", query)
        fake.answers["GET /networks"] = lambda query: self.listed("networks", query)
        fake.answers["GET /volumes"] = lambda query: {
            "Volumes": self.listed("volumes", query) or None
        }

    def add(self, kind, name, label=MINE):
        self.held[kind][name] = label
        self.fake.answers[f"DELETE /{kind}/{name}"] = lambda _query: self.remove(kind, name)

    def remove(self, kind, name):
        if self.refusals.get(name, 0) > 0:
            self.refusals[name] -= 1
            return 409, {"message": "removal is already in progress"}
        self.held[kind].pop(name, None)
        return 204, b""

    def listed(self, kind, query):
        wanted = json.loads(query["filters"][0])["label"]
        return [
            {"Id": name, "Name": name, "Labels": {LABEL: label} if label else None}
            for name, label in self.held[kind].items()
            if not self.filters or f"{LABEL}={label}" in wanted
        ]

    @property
    def names(self):
        return sorted(name for things in self.held.values() for name in things)


@pytest.fixture
def things(fake):
    return Things(fake)


def quick(fake, **options):
    return sweep(str(fake.socket), MINE, **({"quiet": 0.0, "patience": 0.2} | options))


def test_all_of_mine_goes_and_nothing_else(fake, things):
    for kind in things.held:
        things.add(kind, f"{kind}-mine")
        things.add(kind, f"{kind}-other", "bbbb")
        things.add(kind, f"{kind}-foreign", None)
    assert quick(fake)
    assert all("mine" not in name for name in things.names)
    assert len(things.names) == 6
    # Containers go first: a network is not removed as long as one is on it.
    assert [path.split("/")[1] for path in fake.removed()] == ["containers", "networks", "volumes"]


def test_an_engine_that_heeds_no_filter_loses_nothing_of_others(fake):
    things = Things(fake, filters=False)
    things.add("containers", "mine")
    things.add("containers", "other", "bbbb")
    things.add("networks", "foreign", None)
    assert quick(fake)
    assert things.names == ["foreign", "other"]


def test_volumes_of_containers_go_with_them(fake, things):
    things.add("containers", "mine")
    quick(fake)
    [query] = [query for key, query, _ in fake.asked if key.startswith("DELETE")]
    assert query == {"force": ["1"], "v": ["1"]}


def test_what_cannot_be_removed_yet_is_tried_again(fake, things):
    things.add("containers", "slow")
    things.refusals["slow"] = 3
    assert quick(fake)
    assert things.names == []


def test_a_network_is_freed_of_what_others_have_put_on_it(fake, things):
    things.add("networks", "net")
    things.refusals["net"] = 1
    fake.answers["GET /networks/net"] = {"Containers": {"theirs": {}}}
    fake.answers["POST /networks/net/disconnect"] = {}
    assert quick(fake)
    [body] = [body for key, _, body in fake.asked if key.endswith("disconnect")]
    assert json.loads(body) == {"Container": "theirs", "Force": True}
    assert not any("theirs" in path for path in fake.removed())


def test_what_comes_into_being_late_is_removed_too(fake, things):
    things.add("containers", "early")
    timer = threading.Timer(0.2, lambda: things.add("containers", "late"))
    timer.start()
    assert quick(fake, quiet=0.6)
    timer.join()
    assert things.names == []


def test_an_engine_that_restarts_is_waited_for(fake, things):
    things.add("containers", "mine")
    fake.stop()
    timer = threading.Timer(0.3, fake.start)
    timer.start()
    assert quick(fake, patience=30.0)
    timer.join()
    assert things.names == []


def test_an_engine_that_stays_away_is_given_up(fake):
    fake.stop()
    assert not quick(fake)


def test_what_can_never_be_removed_is_given_up(fake, things):
    things.add("containers", "stuck")
    things.refusals["stuck"] = 10**9
    assert not quick(fake, patience=30.0, limit=0.3)


def test_an_engine_that_answers_nonsense_counts_as_away(fake):
    fake.answers["GET /containers/json"] = (500, {"message": "broken"})
    assert not quick(fake)


def test_found_tells_what_there_is(fake, things):
    things.add("volumes", "v")
    assert found(str(fake.socket), MINE) == {"containers": [], "networks": [], "volumes": ["v"]}


def test_it_is_a_script_of_the_standard_library(fake, things):
    things.add("containers", "mine")
    things.add("containers", "other", "bbbb")
    command = [sys.executable, "-I", "-S", sweeps.__file__, str(fake.socket), MINE]
    subprocess.run(command, check=True, env={}, cwd="/")
    # It found one, then nothing, and looked again for what may have come meanwhile.
    assert sum("/containers/json" in str(one) for one in fake.asked) > 2
    assert things.names == ["other"]


def test_without_a_value_nothing_is_removed(fake, things):
    things.add("containers", "mine")
    command = [sys.executable, "-I", "-S", sweeps.__file__, str(fake.socket), ""]
    assert subprocess.run(command, check=False, env={}).returncode == 1
    assert things.names == ["mine"]
    assert fake.asked == []
