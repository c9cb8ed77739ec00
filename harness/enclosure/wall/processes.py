"""What the kernel says of processes and their sockets, from ``/proc``."""

from __future__ import annotations

import ipaddress
import re
import socket
from pathlib import Path

_PROC = Path("/proc")
_LISTENS = "0A"
_LOCAL, _STATE, _INODE = 1, 3, 9
_SCRIPT = re.compile(r"[\w./+-]+\.(py|sh|js|rb|pl|R|php)")
_LARGEST_ADDRESS = 128


def process_of(thread: int) -> int:
    """The process that a thread belongs to; 0 where it is gone."""
    try:
        for line in (_PROC / str(thread) / "status").read_text().splitlines():
            if line.startswith("Tgid:"):
                return int(line.split()[1])
    except (OSError, ValueError):
        pass
    return 0


def program_of(process: int) -> str:
    """A program's name, with the script that it runs; no other argument, which may be a secret."""
    try:
        words = (_PROC / str(process) / "cmdline").read_text("utf-8", "replace").split("\0")
    except OSError:
        return ""
    names = [Path(words[0]).name]
    if len(words) > 1 and _SCRIPT.fullmatch(words[1]):
        names.append(Path(words[1]).name)
    return " ".join(filter(None, names))


def memory_of(thread: int, at: int, length: int) -> bytes:
    """A piece of a process's memory.

    Raises:
        OSError: It is gone, or not to be read.
    """
    with (_PROC / str(thread) / "mem").open("rb", buffering=0) as memory:
        memory.seek(at)
        return memory.read(min(length, _LARGEST_ADDRESS)) or b""


def listens(port: int, *, process: int | None = None) -> bool:
    """Whether anybody listens at a port of TCP.

    Args:
        port: The port, at whatever address.
        process: In whose network; in that of this process if not given.
    """
    sought = f":{port:04X}"
    return any(
        fields[_STATE] == _LISTENS and fields[_LOCAL].endswith(sought)
        for name in ("tcp", "tcp6")
        for fields in _sockets(name, process)
    )


def owner_of(port: int, kind: str, *, process: int) -> int:
    """The process whose socket has a port; 0 where it is not found.

    Args:
        port: The local port.
        kind: ``TCP`` or ``UDP``.
        process: A process in the network that is looked at.
    """
    sought = f":{port:04X}"
    inodes = {
        f"socket:[{fields[_INODE]}]"
        for name in (kind.lower(), f"{kind.lower()}6")
        for fields in _sockets(name, process)
        if fields[_LOCAL].endswith(sought)
    }
    network = _network(process)
    for entry in _PROC.glob("[0-9]*"):
        if inodes and _network(int(entry.name)) == network and inodes & _descriptors(entry):
            return int(entry.name)
    return 0


def is_bound_inside(path: str, *, process: int) -> bool:
    """Whether a socket of the file system was made in a process's network.

    Args:
        path: The socket's absolute path.
        process: A process in that network.
    """
    try:
        lines = (_PROC / str(process) / "net" / "unix").read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    bound = [Path(one) for line in lines[1:] for one in line.split(maxsplit=7)[7:]]
    # Of one that was bound to a relative path, the folder is not known.
    return any(
        one.name == Path(path).name
        and (not one.is_absolute() or one.resolve() == Path(path).resolve())
        for one in bound
    )


def is_own_address(host: str) -> bool:
    """Whether an address is one of this machine's, by which it can be reached from others."""
    family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET  # noqa: PLR2004
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True


def _sockets(name: str, process: int | None) -> list[list[str]]:
    who = "self" if process is None else str(process)
    try:
        lines = (_PROC / who / "net" / name).read_text().splitlines()[1:]
    except OSError:
        return []
    return [line.split() for line in lines]


def _network(process: int) -> str:
    try:
        return str((_PROC / str(process) / "ns" / "net").readlink())
    except OSError:
        return ""


def _descriptors(entry: Path) -> set[str]:
    found = set()
    try:
        for descriptor in (entry / "fd").iterdir():
            found.add(str(descriptor.readlink()))
    except OSError:
        return found
    return found
