"""Removes what one session has at the engine: standard library only, also a script.

``python -I -S sweep.py SOCKET VALUE`` removes the containers, networks and volumes whose label
``mage-harness.session`` has exactly that value, over the engine's unix socket. The watchdog runs
it when the harness is gone. What was asked for at the last moment may come into being after the
first look, so it looks until it has found nothing for a while; and it waits for an engine that
restarts.
"""

from __future__ import annotations

import http.client
import json
import socket
import sys
import threading
import time
from typing import Any
from urllib.parse import quote, urlencode

LABEL = "mage-harness.session"
QUIET = 3.0
"""Seconds without a find after which nothing more is expected of a process that was killed."""
PATIENCE = 60.0
"""Seconds that an engine may be away."""
LIMIT = 180.0
"""Seconds after which it gives up, whatever is left."""
_POLL = 0.1
_GONE = 404
_ERRORS = 400


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str, *, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def call(
    path: str, method: str, target: str, *, body: Any = None, seconds: float = 60.0
) -> tuple[int, Any]:
    """One request to an engine.

    Args:
        path: The engine's unix socket.
        method: The request's method.
        target: The path, with its query.
        body: What is sent, as JSON.
        seconds: How long each answer may take.

    Returns:
        The status, and the answer's body from JSON; None where it has none.

    Raises:
        OSError: The engine cannot be reached, or did not answer in time.
        http.client.HTTPException: What answers speaks no HTTP.
        ValueError: The answer is not JSON.
    """
    connection = _Connection(path, seconds=seconds)
    try:
        content = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        connection.request(method, target, content, headers)
        response = connection.getresponse()
        answer = response.read()
        return response.status, json.loads(answer) if answer.strip() else None
    finally:
        connection.close()


def found(path: str, value: str) -> dict[str, list[str]]:
    """The ids of a session's containers and networks and the names of its volumes, by kind.

    Raises:
        OSError, http.client.HTTPException, ValueError: The engine does not answer as it should.
    """
    query = urlencode({"filters": json.dumps({"label": [f"{LABEL}={value}"]})})
    return {
        "containers": _mine(_listed(path, f"/containers/json?all=1&{query}"), "Id", value),
        "networks": _mine(_listed(path, f"/networks?{query}"), "Id", value),
        "volumes": _mine(_listed(path, f"/volumes?{query}"), "Name", value),
    }


def _listed(path: str, target: str) -> list[dict[str, Any]]:
    status, answer = call(path, "GET", target)
    if status >= _ERRORS:
        raise ValueError(f"status {status}")
    return list((answer.get("Volumes") if isinstance(answer, dict) else answer) or [])


def _mine(items: list[dict[str, Any]], key: str, value: str) -> list[str]:
    # An engine that does not know the filter would list everybody's.
    return [item[key] for item in items if (item.get("Labels") or {}).get(LABEL) == value]


def remove(path: str, things: dict[str, list[str]]) -> None:
    """Remove what was found: all containers at once, then what they used.

    Raises:
        OSError, http.client.HTTPException, ValueError: The engine does not answer as it should.
    """
    threads = [
        threading.Thread(target=_delete, args=(path, f"/containers/{one}?force=1&v=1"))
        for one in things["containers"]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in things["networks"]:
        if not _delete(path, f"/networks/{one}"):
            _disconnect(path, one)
            _delete(path, f"/networks/{one}")
    for one in things["volumes"]:
        _delete(path, f"/volumes/{quote(one, safe='')}?force=1")


def _delete(path: str, target: str) -> bool:
    """Whether it is gone; who asks looks again later, so no reason is kept."""
    try:
        status, _ = call(path, "DELETE", target)
    except (OSError, http.client.HTTPException, ValueError):
        return False
    return status < _ERRORS or status == _GONE


def _disconnect(path: str, network: str) -> None:
    """Free a network from containers of others, and from those that a broken engine forgot."""
    status, answer = call(path, "GET", f"/networks/{network}")
    if status < _ERRORS:
        for container in answer.get("Containers") or {}:
            order = {"Container": container, "Force": True}
            call(path, "POST", f"/networks/{network}/disconnect", body=order)


def sweep(path: str, value: str, *, quiet: float, patience: float, limit: float = LIMIT) -> bool:
    """Remove all that a session has until nothing is found any more.

    Args:
        path: The engine's unix socket.
        value: The session's label value.
        quiet: Seconds for which nothing must be found.
        patience: Seconds that the engine may be away.
        limit: Seconds after which it gives up.

    Returns:
        Whether nothing is left.
    """
    begun = answered = time.monotonic()
    empty_since: float | None = None
    tried: dict[str, list[str]] = {}
    while True:
        pause = _POLL
        try:
            things = found(path, value)
            now = answered = time.monotonic()
            if any(things.values()):
                empty_since = None
                remove(path, things)
                if things != tried:  # mostly it is gone; what is not needs some time
                    pause, tried = 0.0, things
            elif empty_since is None:
                empty_since = now
        except (OSError, http.client.HTTPException, ValueError):
            empty_since = None
        now = time.monotonic()
        if empty_since is not None and now - empty_since >= quiet:
            return True
        if now - answered > patience or now - begun > limit:
            return False
        time.sleep(pause)


def main() -> None:
    """Sweep what the arguments name."""
    _, path, value = sys.argv
    done = value and sweep(path, value, quiet=QUIET, patience=PATIENCE)
    sys.exit(0 if done else 1)


if __name__ == "__main__":
    main()
