"""A network's addresses, and why there is none."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import replace

import pytest

from harness.containers import network, owner
from harness.containers.engine import connect
from harness.containers.sweep import LABEL
from harness.containers.world import World
from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.machine.guardian import Guardian

POOLS = [
    "could not find an available, non-overlapping IPv4 address pool among the defaults",
    "all predefined address pools have been fully subnetted",
]


@pytest.fixture
def engine(fake):
    with connect() as engine:
        yield engine


def configured(fake, *pools):
    fake.answers["GET /networks/net"] = {"Name": "net", "IPAM": {"Config": list(pools)}}


def test_addresses(fake, engine):
    six = {"Subnet": "fd00::/64", "Gateway": "fd00::1"}
    configured(fake, six, {"Subnet": "127.0.0.0/8", "Gateway": "127.0.0.1"})
    found = network.look(engine, "net")
    assert (found.bind, found.host) == ("127.0.0.1", "127.0.0.1")
    assert found.reachable == ("127.0.0.0/8",)


def test_a_network_without_a_gateway_has_the_first_address(fake, engine):
    configured(fake, {"Subnet": "127.0.0.0/8"})
    assert network.look(engine, "net").bind == "127.0.0.1"
    configured(fake, {"Subnet": "127.0.0.0/8", "Gateway": "127.0.0.1/8"})
    assert network.look(engine, "net").bind == "127.0.0.1"


def test_a_gateway_that_is_no_address_of_this_machine(fake, engine):
    configured(fake, {"Subnet": "192.0.2.0/24", "Gateway": "192.0.2.1"})
    with pytest.raises(EnvironmentNotAbleError, match=r"192\.0\.2\.1") as caught:
        network.look(engine, "net")
    text = str(caught.value)
    assert "25.0.0 to 25.0.3" in text
    assert "gateway_mode_ipv4=isolated" in text
    assert 'provider = "embedded"' in caught.value.remedy


def test_a_network_that_is_not_there(engine):
    with pytest.raises(ServiceError, match="looking at the network net"):
        network.look(engine, "net")


@pytest.mark.parametrize("found", ["", "192.168.1.5"])
def test_the_name_in_a_virtual_machine_must_lead_here(engine, monkeypatch, found):
    def resolve(_name):
        if not found:
            raise OSError
        return found

    monkeypatch.setattr(socket, "gethostbyname", resolve)
    engine.facts = replace(engine.facts, system="Docker Desktop")
    with pytest.raises(EnvironmentNotAbleError, match="/etc/hosts") as caught:
        network.look(engine, "net")
    assert (found or "nothing") in str(caught.value)


@pytest.mark.parametrize("detail", POOLS)
def test_no_address_range_is_left(fake, engine, detail):
    fake.answers["POST /networks/create"] = (500, {"message": detail})
    ended = owner._process(os.getpid()).rpartition(" ")[0] + " 1"
    fake.answers["GET /networks"] = [
        {"Name": "dead", "Labels": {LABEL: "x", owner.PROCESS: ended}},
        {"Name": "alive", "Labels": owner.labels("y")},
        {"Name": "elsewhere", "Labels": {LABEL: "z", owner.PROCESS: "other/pid 1 1"}},
        {"Name": "unknown", "Labels": {LABEL: "z"}},
    ]
    with pytest.raises(EnvironmentNotAbleError, match="no address range left") as caught:
        network.make(engine, "net", labels={})
    assert "docker network rm dead`" in caught.value.remedy
    assert "default-address-pools" in caught.value.remedy
    assert fake.removed() == []
    fake.answers["GET /networks"] = []
    with pytest.raises(EnvironmentNotAbleError, match="docker network prune"):
        network.make(engine, "net", labels={})


def test_it_is_internal_and_marked_in_the_request_that_makes_it(fake, engine):
    fake.answers["POST /networks/create"] = (201, {"Id": "1"})
    fake.answers["GET /networks/1"] = {"Id": "1", "Name": "net"}
    network.make(engine, "net", labels=owner.labels("mine"))
    [body] = [json.loads(body) for key, _, body in fake.asked if key == "POST /networks/create"]
    assert body["Internal"]
    assert body["Labels"][LABEL] == "mine"


def test_a_world_that_cannot_be_opened_leaves_nothing(fake, engine, tmp_path):
    fake.answers["POST /networks/create"] = (500, {"message": POOLS[1]})
    for place in ("/networks", "/containers/json"):
        fake.answers[f"GET {place}"] = []
    fake.answers["GET /volumes"] = {"Volumes": None}
    with Guardian() as guardian:
        world = World(engine, guardian=guardian, folder=tmp_path)
        with pytest.raises(EnvironmentNotAbleError):
            world.open()
        assert not guardian._orders
        with pytest.raises(ServiceError, match="no network"):
            _ = world.network


def test_the_watchdog_knows_of_it_before_the_engine_does(fake, engine, tmp_path):
    fake.answers["GET /networks"] = fake.answers["GET /containers/json"] = []
    fake.answers["GET /volumes"] = {}
    with Guardian() as guardian:
        world = World(engine, guardian=guardian, folder=tmp_path)
        known = []

        def create(_query):
            known.extend(guardian._orders)
            return 500, {"message": "no"}

        fake.answers["POST /networks/create"] = create
        with pytest.raises(ServiceError):
            world.open()
        assert known == [("command", f"containers of {guardian.token}")]
