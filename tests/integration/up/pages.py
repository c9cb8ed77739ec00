"""Mage's own pages, asked for as a browser asks for them."""

from __future__ import annotations

import socket
from typing import Any

import requests

PATIENCE = 240
# What the pages of Mage send with each request, the same for everybody.
_KEY = {"X-API-KEY": "zkWlN0PkIKSN0C11CfUHUj84OT5XOJ6tDZ6bDRO2"}


class Pages:
    """Somebody who has signed in; KeyError for who is not let in."""

    def __init__(self, port: int, owner: str, password: str) -> None:
        self._base = f"http://127.0.0.1:{port}/api"
        self._headers = dict(_KEY)
        who = {"session": {"email": owner, "password": password}}
        token = self.post("sessions", who)["session"]["token"]
        self._headers["Cookie"] = f"oauth_token={token}"

    def get(self, path: str) -> Any:
        found = requests.get(f"{self._base}/{path}", headers=self._headers, timeout=PATIENCE)
        return found.json()

    def post(self, path: str, body: object) -> Any:
        done = requests.post(
            f"{self._base}/{path}", json=body, headers=self._headers, timeout=PATIENCE
        )
        return done.json()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
