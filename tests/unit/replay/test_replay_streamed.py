"""Bodies that wait to be read: who goes before that takes none of the places."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from mitmproxy import flow as flows
from mitmproxy.test import tflow

from harness.replay import streamed
from harness.replay.answer import Stretch
from harness.replay.journal import Journal
from harness.replay.player import Player
from harness.replay.streamed import FileServer, FileTransport

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


def test_who_reads_slowly_still_has_a_connection_at_the_end_of_the_file(tmp_path):
    """mitmproxy drains all writers between two reads, and drops one whose connection is lost."""
    body = tmp_path / "body"
    body.write_bytes(b"x" * 100)
    part = Stretch(file=body, start=0, size=100, announced=100)

    async def read() -> tuple[bytes, bool]:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport = FileTransport(part, protocol, loop=loop)
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        for _ in range(10):
            await asyncio.sleep(0)
        await writer.drain()
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer, transport.is_closing()

    answer, closed = asyncio.run(read())
    assert answer.endswith(b"x" * 100)
    assert closed


def asked(player):
    flow = tflow.tflow()
    flow.request.url = "https://example.com/large.csv"
    flow.request.method = "GET"
    asyncio.run(player.request(flow))
    return flow
