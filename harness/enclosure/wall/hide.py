# ruff: noqa: PTH110, PTH112, PTH118, PTH123
"""What of this machine a run must not see: keys of its user, and the ways of looking names up."""

from __future__ import annotations

import os

from .kernel import BIND, PRIVATE, READ_ONLY, RECURSIVE, mount

RESOLVER = "nameserver 127.0.0.1\n"
_RESOLVER_FILE, _SWITCH_FILE = "/etc/resolv.conf", "/etc/nsswitch.conf"


def keep_mounts_here() -> None:
    """Have nobody outside of this mount namespace see what is mounted in it.

    Raises:
        OSError: It is not permitted.
    """
    mount("none", "/", flags=RECURSIVE | PRIVATE)


def hide(places: list[str], *, folder: str) -> None:
    """Put nothing in the place of files and folders, in the mount namespace of this process.

    Args:
        places: What is hidden; what is not there is left out.
        folder: A private folder, for what is shown instead.

    Raises:
        OSError: One cannot be hidden.
    """
    empty = _written(folder, "nothing", "")
    for place in places:
        if os.path.isdir(place):
            options = "mode=0500,size=4k"
            mount("none", place, kind="tmpfs", flags=READ_ONLY, options=options)
        elif os.path.exists(place):
            mount(empty, place, flags=BIND)


def look_names_up_here(*, folder: str) -> None:
    """Have names looked up in /etc/hosts and at the namespace's own name server only.

    Other ways (systemd-resolved, mDNS) go by sockets in the file system, past any network.

    Args:
        folder: A private folder, for what is shown instead.
    """
    if os.path.exists(_RESOLVER_FILE):
        mount(_written(folder, "resolv.conf", RESOLVER), _RESOLVER_FILE, flags=BIND)
    if os.path.exists(_SWITCH_FILE):
        with open(_SWITCH_FILE, encoding="utf-8", errors="replace") as file:
            kept = [line for line in file if not line.lstrip().startswith("hosts:")]
        switch = "".join([*kept, "\nhosts: files dns\n"])
        mount(_written(folder, "nsswitch.conf", switch), _SWITCH_FILE, flags=BIND)


def _written(folder: str, name: str, text: str) -> str:
    """A file that the run cannot change, by its path."""
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
        os.fchmod(file.fileno(), 0o444)
    return path
