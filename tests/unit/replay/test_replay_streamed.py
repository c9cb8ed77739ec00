"""Bodies that wait to be read: who goes before that takes none of the places."""

from __future__ import annotations

from pathlib import Path

import pytest
from mitmproxy import flow as flows
from mitmproxy.test import tflow

from harness.replay import streamed
from harness.replay.answer import Stretch
from harness.replay.journal import Journal
from harness.replay.player import Player
from harness.replay.streamed import FileServer

PART = Stretch(file=Path("unused"), start=0, size=1, announced=1)


def test_more_than_there_are_places_are_refused(monkeypatch):
    monkeypatch.setattr(streamed, "_LAST_PORT", 3)
    server = FileServer()
    ports = [server.offer(PART) for _ in range(3)]
    assert sorted(ports) == [1, 2, 3]
    with pytest.raises(OSError, match="3 bodies wait"):
        server.offer(PART)
    server.withdraw(ports[0])
    assert server.offer(PART) == ports[0]


def test_a_client_that_goes_before_it_is_served_leaves_its_place(monkeypatch, tmp_path):
    monkeypatch.setattr(streamed, "_LAST_PORT", 3)
    large = tmp_path / "large.csv"
    large.write_bytes(b"x" * (5 << 20))
    player = Player(Journal(tmp_path / "journal"), tmp_path)
    player.map("https://example.com/large.csv", str(large))
    for _ in range(10):
        flow = asked(player)
        assert flow.request.host == streamed.HOST
        flow.error = flows.Error("Client disconnected.")
        player.error(flow)
    assert [asked(player).response is None for _ in range(4)] == [True, True, True, False]


def asked(player):
    flow = tflow.tflow()
    flow.request.url = "https://example.com/large.csv"
    flow.request.method = "GET"
    player.request(flow)
    return flow
