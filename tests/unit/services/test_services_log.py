from __future__ import annotations

import threading

import pytest

from harness.services import log as module
from harness.services.log import ServerLog
from harness.services.protocol import Incident


class Lines(ServerLog):
    def __init__(self, file):
        super().__init__(file)
        self.read = []

    def judge(self, line):
        self.read.append(line)
        if line.startswith(b"bad "):
            yield Incident(at=float(line[4:]), service="s", code="c", message="m")


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK", 4)
    return tmp_path / "log"


def test_lines_are_whole_wherever_a_block_ends(file):
    log = Lines(file)
    file.write_bytes("één\nodd 2\rx".encode())
    log.read_to("één")
    assert log.read == ["één".encode()]
    with file.open("ab") as more:
        more.write("é\n\nbad 1\nbad 3\nmark\nhal".encode())
    log.read_to("mark")
    assert log.read == ["één".encode(), "odd 2\rxé".encode(), b"", b"bad 1", b"bad 3", b"mark"]


def test_incidents_come_in_order_of_time_from_a_time_on(file):
    file.write_text("bad 3\nbad 1\nbad 2\nmark\n")
    log = Lines(file)
    log.read_to("mark")
    assert [one.at for one in log.incidents(2)] == [2, 3]


def test_a_mark_that_comes_late_is_waited_for_and_one_that_never_comes_is_not(file, monkeypatch):
    log = Lines(file)
    writer = threading.Timer(0.05, lambda: file.write_text("mark\n"))
    writer.start()
    log.read_to("mark")
    assert log.read == [b"mark"]
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    log.read_to("another")
    writer.join()


def test_a_cleared_log_is_read_from_its_new_beginning(file):
    log = Lines(file)
    with file.open("ab", buffering=0) as server:
        server.write(b"bad 1\nmark\nhalf a li")
        log.read_to("mark")
        log.clear()
        assert file.stat().st_size == 0
        server.write(b"bad 2\nmark\n")
    log.read_to("mark")
    assert [one.at for one in log.incidents(0)] == [2]
    assert log.read[-2:] == [b"bad 2", b"mark"]
