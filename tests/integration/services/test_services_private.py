"""A running stack is its owner's alone: what it listens on, what it writes, what lets one in."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import stat
from pathlib import Path

import psutil
import pytest

from harness.services.stack import Stack
from harness.settings import Settings


@pytest.fixture(scope="module")
def before():
    """What other tests of this process have left to the end of it."""
    return set(listening())


@pytest.fixture(scope="module")
def stacks(tmp_path_factory, before):
    """Two of them, beside each other; made under a mask that would let everybody read."""
    settings = Settings(fixtures=tmp_path_factory.mktemp("fixtures"))
    mask = os.umask(0)
    try:
        with Stack(settings) as one, Stack(settings) as other:
            one.start(further=["s3"])
            other.start(["postgres", "google", "http"])
            one.postgres.execute("CREATE TABLE t AS SELECT 1 AS n")
            one.gcs.client().create_bucket("lake").blob("a.txt").upload_from_string("x")
            yield one, other
    finally:
        os.umask(mask)


def listening():
    """Addresses of this process and all that it has started, of every protocol of the internet."""
    own = psutil.Process()
    for process in (own, *own.children(recursive=True)):
        sockets = []
        # A session of PostgreSQL may end meanwhile.
        with contextlib.suppress(psutil.NoSuchProcess):
            sockets = process.net_connections("inet")
        for socket in sockets:
            if socket.status in (psutil.CONN_LISTEN, psutil.CONN_NONE) and socket.laddr:
                address = ipaddress.ip_address(socket.laddr.ip)
                yield getattr(address, "ipv4_mapped", None) or address, socket.laddr.port


def test_it_listens_on_this_machine_alone(stacks, before):
    found = set(listening()) - before

    assert {port for _, port in found} >= {
        int(stacks[0].environment()["PGPORT"]),
        int(stacks[0].environment()["BIGQUERY_EMULATOR_HOST"].rpartition(":")[2]),
    }
    assert [(str(address), port) for address, port in found if not address.is_loopback] == []


def test_nobody_else_reads_what_it_writes(stacks):
    folders = {stack.folder for stack in stacks}
    named = [Path(value) for stack in stacks for value in stack.environment().values()]
    folders |= {file.parent for file in named if file.is_absolute() and file.is_file()}

    for folder in folders:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.stat().st_uid == os.getuid()
    keys = [file for file in named if file.is_absolute() and file.is_file()]
    for file in (*keys, *(one for folder in folders for one in folder.iterdir() if one.is_file())):
        assert not file.stat().st_mode & 0o077, f"{file} {oct(file.stat().st_mode)}"


def test_what_lets_one_in_is_of_one_stack(stacks):
    one, other = (stack.environment() for stack in stacks)
    key, another = (
        json.loads(Path(each["GOOGLE_APPLICATION_CREDENTIALS"]).read_text("utf-8"))
        for each in (one, other)
    )

    assert one["PGPASSWORD"] != other["PGPASSWORD"]
    assert min(len(one["PGPASSWORD"]), len(other["PGPASSWORD"])) >= 32
    assert key["private_key"] != another["private_key"]
    assert stacks[0].guardian.token != stacks[1].guardian.token
    assert stacks[0].folder != stacks[1].folder
