"""What the tap's guard lets through, asked by its audit hook alone: nothing is sent anywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.tap import EVENTS_VARIABLE, REACHABLE_VARIABLE, SITE

ASK = """
import socket, sys
connection = socket.socket()
try:
    if sys.argv[1] == "connect":
        sys.audit("socket.connect", connection, (sys.argv[2], 80))
    else:
        sys.audit("socket.getaddrinfo", sys.argv[2], 80, 0, 0, 0)
    print("let through")
except OSError as error:
    print("refused", error)
"""


def asked(folder: Path, what: str, host: str, *, reachable: str = "") -> tuple[str, list[str]]:
    events = folder / "events.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", ASK, what, host],
        env={
            "PYTHONPATH": str(SITE),
            EVENTS_VARIABLE: str(events),
            REACHABLE_VARIABLE: reachable,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    found = [json.loads(line) for line in events.read_text().splitlines()]
    told = [event["address"] for event in found if event["event"] == "connection_refused"]
    return done.stdout.split()[0], told


@pytest.mark.parametrize("host", ["172.31.7.9", "fd00::9"])
def test_a_network_of_services_is_reached(tmp_path: Path, host: str) -> None:
    reachable = "host.docker.internal,172.31.0.0/16,fd00::/64"
    assert asked(tmp_path, "connect", host, reachable=reachable) == ("let", [])


def test_what_lies_beside_it_is_not(tmp_path: Path) -> None:
    assert asked(tmp_path, "connect", "172.30.7.9", reachable="172.31.0.0/16") == (
        "refused",
        ["172.30.7.9:80"],
    )


def test_a_name_of_a_service_is_looked_up_and_no_other(tmp_path: Path) -> None:
    reachable = "storage.googleapis.com"
    assert asked(tmp_path, "look up", reachable, reachable=reachable) == ("let", [])
    assert asked(tmp_path, "look up", "evil.example", reachable=reachable) == (
        "refused",
        ["evil.example:80"],
    )


def test_the_addresses_of_a_name_are_reached_once_it_was_looked_up(tmp_path: Path) -> None:
    ask = """
import socket, sys
real = socket.getaddrinfo
import mage_harness_tap.guard as guard
def told(host, *rest, **options):
    return [(2, 1, 6, "", ("198.51.100.7", 80))]
socket.getaddrinfo = told
guard._learn_addresses()
connection = socket.socket()
try:
    sys.audit("socket.connect", connection, ("198.51.100.7", 80))
    sys.exit("reached before it was looked up")
except OSError:
    pass
socket.getaddrinfo("real.example", 80)
sys.audit("socket.connect", connection, ("198.51.100.7", 80))
"""
    done = subprocess.run(
        [sys.executable, "-c", ask],
        env={
            "PYTHONPATH": str(SITE),
            EVENTS_VARIABLE: str(tmp_path / "events.jsonl"),
            REACHABLE_VARIABLE: "real.example",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
