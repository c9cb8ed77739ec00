# ruff: noqa: PTH102, PTH123
"""Becomes a command in a network namespace of its own; the gate stays outside.

The arguments are the facts (JSON, see ``harness.enclosure.start``) and the command. What keeps the
walls from being is written, as lines of JSON, to a descriptor that the command does not inherit, so
its end says that the command runs.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys

from . import kernel, network
from .hide import hide, keep_mounts_here, look_names_up_here
from .show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn, TypeVar

    _T = TypeVar("_T")

ASKED_VARIABLE = "MAGE_HARNESS_ASKED"
POSTGRES_VARIABLE = "MAGE_HARNESS_POSTGRES"
_POSTGRES_PORTS = (*range(5430, 5441), 6432)
"""Where PostgreSQL is published when 5432 is taken, and where PgBouncer is."""
_Door = tuple[str, int, str]
"""Address and port inside, and the host that it leads to outside."""
_SYS_PTRACE, _SYS_ADMIN = 19, 21


class _NameUnknownError(Exception):
    """The name of a door stands for no address outside."""


class _RefusedError(Exception):
    """The system gives this user no such thing."""


def main() -> None:
    """Enter, and become the command; what goes wrong is said, and ends this process."""
    facts, command = json.loads(sys.argv[1]), sys.argv[2:]
    said = int(facts["said"])
    os.set_inheritable(said, False)  # noqa: FBT003 - its only way
    enter(facts)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        # Python ignores them, and what it becomes would inherit that.
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)  # noqa: S606 - a list, and the caller's own
    except OSError as error:
        _give_up(said, failed=str(error.strerror), program=command[0])


def enter(facts: dict[str, Any]) -> None:
    """Enter the walls; what goes wrong is said, and ends this process.

    Args:
        facts: See ``harness.enclosure.start``.
    """
    said = int(facts["said"])
    try:
        _enter(facts)
    except _NameUnknownError as error:
        _give_up(said, unknown=str(error))
    except _RefusedError as error:
        _give_up(said, refused=str(error))
    except Exception as error:  # noqa: BLE001 - its own output is the pipeline's
        _give_up(said, broken=str(error) or repr(error))


def _enter(facts: dict[str, Any]) -> None:
    doors, names = _outside(facts["doors"])
    near, far = socket.socketpair()
    question, answers = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    said = int(facts["said"])
    line = socket.socket(fileno=facts["line"])
    others = (near.fileno(), answers.fileno(), said)
    _leave_gate(far, question=question, line=line, others=others)
    _asked(_unshare)
    _asked(network.open_network)
    # By its own environment, since others can read the words of its command.
    # A server that wants encryption speaks for itself: there is none at its door.
    postgres = "" if os.environ.get("PGSSLMODE") else os.environ.get(POSTGRES_VARIABLE, "")
    ports = _ports(postgres)
    kinds, descriptors = _sockets(doors, ports=ports)
    _asked(keep_mounts_here)
    folder = facts["folder"]
    os.mkdir(folder, mode=0o700)
    look_names_up_here(folder=folder)
    hide(facts["hidden"], folder=folder)
    show(facts["shown"], folder=folder)
    try:
        descriptors.append(kernel.listen_for_connects())
    except OSError as error:
        # Then packets are seen, and it is known less well who sent them.
        _say(said, lacking=str(error.strerror or error))
    else:
        kinds.append("connects")
        # The tap's, in what this process becomes.
        inherited = answers.detach()
        os.environ[ASKED_VARIABLE] = f"{os.getpid()}:{inherited}"
        os.set_inheritable(inherited, True)  # noqa: FBT003 - its only way
    told = {
        "kinds": kinds,
        "doors": doors,
        "names": names,
        "mage": os.getpid(),
        "events": facts["events"],
        "places": facts["places"],
        "postgres": postgres,
        "ports": ports,
    }
    socket.send_fds(near, [json.dumps(told).encode()], descriptors)
    for descriptor in descriptors:
        # They are the gate's alone: who becomes the command without a new program keeps none.
        os.close(descriptor)
    try:
        # With them, root could leave the namespace again, and look at what is hidden.
        kernel.give_up(_SYS_ADMIN, _SYS_PTRACE)
    except PermissionError:
        # As in a container whose root may not: that is no reason to have no walls at all.
        return


def _asked(step: Callable[[], _T]) -> _T:
    """Do what a system may refuse to its users."""
    try:
        return step()
    except OSError as error:
        raise _RefusedError(error.strerror or str(error)) from error


def _outside(doors: list[list[Any]]) -> tuple[list[_Door], dict[str, list[str]]]:
    """The addresses of doors, and what their names stand for, as it is outside."""
    found: dict[tuple[str, int], str] = {}
    names: dict[str, list[str]] = {}
    for host, port in doors:
        try:
            known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise _NameUnknownError(f"{host}: {error}") from error
        addresses = [str(one[4][0]) for one in known]
        found |= {(address, int(port)): host for address in addresses}
        if host not in addresses:
            names[host] = list(dict.fromkeys([*names.get(host, []), *addresses]))
    return [(address, port, host) for (address, port), host in found.items()], names


def _leave_gate(
    handover: socket.socket,
    *,
    question: socket.socket,
    line: socket.socket,
    others: tuple[int, ...],
) -> None:
    """Fork the gate; it is no child of what this process becomes."""
    between = os.fork()
    if between:
        os.waitpid(between, 0)
        for one in (handover, question, line):
            one.close()
        return
    # What is left of the run's group may still have something to say when it is ended.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork():
        os._exit(0)
    from . import gate  # noqa: PLC0415 - loaded while the other goes on

    for descriptor in others:
        os.close(descriptor)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    os.chdir("/")
    gate.stand(handover, question=question, line=line)


def _unshare() -> None:
    """New namespaces; in a user namespace where that takes one, with the same user in it."""
    wanted = kernel.NEW_NETWORK | kernel.NEW_MOUNTS
    user, group = os.getuid(), os.getgid()
    try:
        kernel.unshare(wanted)
    except OSError:
        kernel.unshare(wanted | kernel.NEW_USER)
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)


def _ports(postgres: str) -> list[int]:
    """The ports at which each address is the private PostgreSQL: its own is what libpq takes."""
    if not postgres:
        return []
    own = postgres.rpartition("/")[0].rpartition(":")[2]
    return sorted({*_POSTGRES_PORTS, int(own)})


def _sockets(doors: list[_Door], *, ports: list[int]) -> tuple[list[str], list[int]]:
    kinds, sockets = [], []
    for number, (address, port, _) in enumerate(doors):
        try:
            sockets.append(network.listener(address, port))
        except OSError:
            if ":" in address:
                # A name may stand for an address of IPv6 where the kernel has none.
                continue
            raise
        kinds.append(f"door {number}")
    for port in ports:
        for address in ("0.0.0.0", "::"):  # noqa: S104 - its own net
            try:
                sockets.append(network.listener(address, port))
            except OSError:
                # A kernel without IPv6, or a door that has this port of all addresses.
                continue
            kinds.append("postgres")
    for asked in network.name_servers():
        sockets.append(asked)
        kinds.append("names")
    sockets.append(_asked(network.sniffer))
    kinds.append("packets")
    return kinds, [one.detach() for one in sockets]


def _say(descriptor: int, **facts: str) -> None:
    os.write(descriptor, json.dumps(facts).encode() + b"\n")


def _give_up(descriptor: int, **facts: str) -> NoReturn:
    _say(descriptor, **facts)
    os._exit(1)
