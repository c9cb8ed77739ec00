"""No connection leaves the private services: one that goes past the proxy is refused and told of.

The events are those of CPython's audit table. Libraries that open their own connections in C
(libpq, gRPC, libcurl) raise none; see ``harness/enclosure`` for these.
"""

import errno
import functools
import ipaddress
import socket
import sys
from typing import Any, List, Set, Tuple, Union

from mage_harness_tap import blocks, events, place

_LOOK_UPS = frozenset(("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"))
_DATAGRAMS = frozenset(("socket.sendto", "socket.sendmsg"))
_INTERNET = (socket.AF_INET, socket.AF_INET6)


_names: Set[str] = set()
_networks: List[Union[ipaddress.IPv4Network, ipaddress.IPv6Network]] = []


def watch(reachable: str) -> None:
    """Refuse connections and look-ups off this machine, for the life of the process.

    Args:
        reachable: Names, addresses and networks (CIDR) of the services, divided by commas.
    """
    for one in filter(None, reachable.split(",")):
        try:
            _networks.append(ipaddress.ip_network(one))
        except ValueError:
            _names.add(one)
    if _names:
        _learn_addresses()
    sys.addaudithook(_heard)


def _learn_addresses() -> None:
    """Let connections through to whatever the services' names stand for."""
    look_up = socket.getaddrinfo

    @functools.wraps(look_up)
    def watched(host: Any, *args: Any, **kwargs: Any) -> Any:
        found = look_up(host, *args, **kwargs)
        if host in _names:
            _networks.extend(ipaddress.ip_network(address[4][0]) for address in found)
        return found

    socket.getaddrinfo = watched


def _heard(event: str, arguments: Tuple[Any, ...]) -> None:
    if event == "socket.connect":
        _connection(*arguments[:2])
    elif event in _DATAGRAMS:
        _datagram(*arguments[:2])
    elif event in _LOOK_UPS:
        _look_up(arguments[0], arguments[1] if len(arguments) > 1 else None)


def _connection(connection: Any, address: Any) -> None:
    if connection.family not in _INTERNET or connection.type & socket.SOCK_DGRAM:
        # A datagram socket sends nothing when it is connected; programs do so to learn which
        # address of their own they would use.
        return
    _refuse_off_machine(address)


def _datagram(connection: Any, address: Any) -> None:
    if connection.family in _INTERNET and isinstance(address, tuple):
        _refuse_off_machine(address)


def _refuse_off_machine(address: Any) -> None:
    host, port = address[0], address[1]
    if not _here(host):
        _tell(host, port)
        raise ConnectionRefusedError(
            errno.ECONNREFUSED, "mage-harness: no connection leaves the machine: %s" % host
        )


def _look_up(host: Any, port: Any) -> None:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name and not _here(name):
        _tell(name, port)
        raise socket.gaierror(
            socket.EAI_NONAME, "mage-harness: no name off the machine is looked up: %s" % name
        )


def _here(host: str) -> bool:
    if not host or host == "localhost" or host == socket.gethostname() or host in _names:
        return True
    try:
        address = ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    if address.is_loopback or address.is_unspecified:
        return True
    return any(address in network for network in _networks)


def _tell(host: str, port: Any) -> None:
    events.emit(
        "connection_refused",
        block=blocks.current(),
        line=place.of_caller(),
        address=host if port in (None, 0, "0") else "%s:%s" % (host, port),
    )
