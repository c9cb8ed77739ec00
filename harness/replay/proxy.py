"""The proxy's process: ``python -m harness.replay.proxy play|record FOLDER HOST PORT LINE``.

One JSON object a line comes in on standard input, one goes out on standard output for each. The
first is the programme (see ``Player.load_programme``) and is answered with ``{"port": 12345}`` or
``{"error": ..., "errno": ...}``. Later ones are ``{"map": [url, path]}``, ``{"rewind": true}`` or
``{"trouble": true}``, which are in force once they are answered, and ``{"settle":
seconds}``, which is answered when no answer of an origin is under way. The process ends when its
input ends, so it cannot outlive the one that started it. LINE is the descriptor of a socket by
which it asks about each request, while there is trouble.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import threading
import types
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.replay.authority import lasting, make_authority
from harness.replay.environment import TRUSTED
from harness.replay.journal import FILE, Journal
from harness.replay.seal import seal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.replay.player import Player
    from harness.replay.troubled import Troubled

_ADDONS = (
    ("core", "Core"),
    ("disable_h2c", "DisableH2C"),
    ("proxyserver", "Proxyserver"),
    ("next_layer", "NextLayer"),
    ("tlsconfig", "TlsConfig"),
)


class Control:
    """Tells the harness where the proxy listens, and does what it says.

    Args:
        player: The add-on that is controlled.
        troubled: The add-on that asks for trouble.
        master: mitmproxy's master.
        replies: Descriptor that replies are written to.
    """

    def __init__(self, *, player: Player, troubled: Troubled, master: Any, replies: int) -> None:
        self._player = player
        self._troubled = troubled
        self._master = master
        self._replies = replies

    def running(self) -> None:
        """Say where the proxy listens; mitmproxy calls this when it should be listening."""
        servers = self._master.addons.get("proxyserver").servers
        for server in servers:
            if server.listen_addrs:
                reply(self._replies, {"port": server.listen_addrs[0][1]})
                threading.Thread(target=self._listen, daemon=True).start()
                return
            reply(self._replies, failure(server.last_exception))
        self._master.shutdown()

    def _listen(self) -> None:
        for line in sys.stdin.buffer:
            self._master.event_loop.call_soon_threadsafe(self._begin, json.loads(line))
        os._exit(0)

    def _begin(self, command: Mapping[str, Any]) -> None:
        # Commands come one after the other; a loop alone does not keep its tasks alive.
        self._doing = asyncio.ensure_future(self._do(command))

    async def _do(self, command: Mapping[str, Any]) -> None:
        if "map" in command:
            self._player.map(*command["map"])
        elif "trouble" in command:
            self._troubled.asks = command["trouble"]
        elif "settle" in command:
            await self._player.settled(command["settle"])
        else:
            self._player.rewind()
        reply(self._replies, {"done": True})


def reply(descriptor: int, value: Mapping[str, Any]) -> None:
    """Write one line to the one that started the proxy."""
    os.write(descriptor, json.dumps(value).encode() + b"\n")


def failure(error: BaseException | None) -> dict[str, Any]:
    """The reply that tells of an error."""
    return {"error": str(error), "errno": getattr(error, "errno", None)}


def main() -> None:
    """Play, or record, until standard input ends."""
    task, folder, host, port = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    # Standard output is for replies alone; whatever else is printed goes to the log.
    replies = os.dup(1)
    os.dup2(2, 1)
    logging.basicConfig(level=logging.WARNING)
    if task == "play":
        seal()
    try:
        make_authority(folder)
    except OSError as error:
        reply(replies, failure(error))
        sys.exit(1)
    _leave_out_default_addons()
    asyncio.run(_serve(_addon(task, folder), folder, host=host, port=port, replies=replies))


def _addon(task: str, folder: Path) -> Player:
    name, kind = ("player", "Player") if task == "play" else ("recorder", "Recorder")
    addon: Player = getattr(import_module(f"harness.replay.{name}"), kind)(
        Journal(folder / FILE), folder
    )
    return addon


async def _serve(player: Player, folder: Path, *, host: str, port: int, replies: int) -> None:
    player.load_programme(json.loads(sys.stdin.buffer.readline()))
    options = import_module("mitmproxy.options").Options(
        confdir=str(folder), listen_host=host, listen_port=port, upstream_cert=False
    )
    certs: Any = import_module("mitmproxy.certs")
    certs.dummy_cert = lasting(certs.dummy_cert)
    master = import_module("mitmproxy.master").Master(options)
    trouble = import_module("harness.replay.troubled")
    troubled = trouble.Troubled(int(sys.argv[5]))
    master.addons.add(
        *(getattr(import_module(f"mitmproxy.addons.{name}"), kind)() for name, kind in _ADDONS),
        troubled,
        player,
        trouble.BrokenOff(troubled),
        Control(player=player, troubled=troubled, master=master, replies=replies),
    )
    # Options of add-ons exist once these are there. Lazy: no connection before a request needs
    # one. Raw TCP would be forwarded blindly.
    options.update(connection_strategy="lazy", rawtcp=False)
    trusted = os.environ.get(TRUSTED)
    if trusted:
        options.update(ssl_verify_upstream_trusted_ca=trusted)
    await master.run()


def _leave_out_default_addons() -> None:
    """Keep ``mitmproxy.addons`` from importing all of mitmproxy's add-ons.

    Its ``__init__`` imports some forty modules, with flask, ldap3 and pyparsing among them, of
    which the proxy needs five: 0.35 s to import instead of 0.7 s, and 20 MB less. An empty
    package with the same path stands in for it, and so mitmproxy is imported only afterwards.
    """
    found = find_spec("mitmproxy")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("mitmproxy is not installed", name="mitmproxy")
    package = types.ModuleType("mitmproxy.addons")
    package.__path__ = [str(Path(place) / "addons") for place in found.submodule_search_locations]
    sys.modules["mitmproxy.addons"] = package


if __name__ == "__main__":
    main()
