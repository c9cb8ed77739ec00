from __future__ import annotations

from types import SimpleNamespace

from harness.replay import journal
from harness.replay.player import Player


def test_a_connection_to_an_origin_is_refused_should_one_ever_be_tried(tmp_path):
    log = tmp_path / "log"
    player = Player(journal.Journal(log), tmp_path)
    data = SimpleNamespace(server=SimpleNamespace(address=("origin.test", 443), error=None))
    player.server_connect(data)
    assert "nothing may leave" in data.server.error
    (asked,) = journal.read(log)
    assert (asked.kind, asked.url) == ("refused", "origin.test:443")
