"""NET functions. Source: "Net functions" of the reference."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Any

import pyarrow as pa

from harness.bigquery.vectors.arrays import each_distinct

_V4, _V6 = 4, 16
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?=[/\\]{2})")


def ip_from_string(texts: Any) -> pa.Array:
    """NET.IP_FROM_STRING."""

    def work(text: str) -> bytes:
        for family in (socket.AF_INET, socket.AF_INET6):
            try:
                return socket.inet_pton(family, text)
            except (OSError, ValueError):
                continue
        message = f"bq:NET.IP_FROM_STRING() encountered an unparseable IP-address: {text}"
        raise ValueError(message)

    return each_distinct(work, pa.binary(), texts)


def ip_to_string(octets: Any) -> pa.Array:
    """NET.IP_TO_STRING."""

    def work(packed: bytes) -> str:
        if len(packed) == _V4:
            return socket.inet_ntop(socket.AF_INET, packed)
        if len(packed) == _V6:
            return socket.inet_ntop(socket.AF_INET6, packed)
        message = (
            "bq:NET.IP_TO_STRING() encountered an invalid IP address. Expected 4 (for IPv4) or "
            f"16 (for IPv6) bytes but got {len(packed)}"
        )
        raise ValueError(message)

    return each_distinct(work, pa.string(), octets)


def ip_net_mask(sizes: Any, lengths: Any) -> pa.Array:
    """NET.IP_NET_MASK."""

    def work(size: int, length: int) -> bytes:
        if size not in (_V4, _V6):
            message = (
                "bq:The first argument of NET.IP_NET_MASK() must be either 4 (for IPv4) or 16 "
                f"(for IPv6); got {size}"
            )
            raise ValueError(message)
        if not 0 <= length <= 8 * size:
            message = (
                "bq:The second argument of NET.IP_NET_MASK() must be between 0 and the first "
                f"argument * 8; got {length}"
            )
            raise ValueError(message)
        return _mask(size, length).to_bytes(size, "big")

    return each_distinct(work, pa.binary(), sizes, lengths)


def _mask(size: int, length: int) -> int:
    bits = 8 * size
    return ((1 << length) - 1) << (bits - length)


def ip_trunc(octets: Any, lengths: Any) -> pa.Array:
    """NET.IP_TRUNC."""

    def work(packed: bytes, length: int) -> bytes:
        size = len(packed)
        if size not in (_V4, _V6):
            message = (
                "bq:The first argument of NET.IP_TRUNC() must have length 4 (for IPv4) or 16 "
                f"(for IPv6); got {size}"
            )
            raise ValueError(message)
        if not 0 <= length <= 8 * size:
            message = (
                "bq:The second argument of NET.IP_TRUNC() must be between 0 and 8 * "
                f"LENGTH(first argument); got {length}"
            )
            raise ValueError(message)
        kept = int.from_bytes(packed, "big") & _mask(size, length)
        return kept.to_bytes(size, "big")

    return each_distinct(work, pa.binary(), octets, lengths)


def host(texts: Any) -> pa.Array:
    """NET.HOST: the host of a URL, without its port; an empty text where there is none."""
    return each_distinct(_host, pa.string(), texts)


def _host(text: str) -> str:
    rest = text.strip(" \t\r\n\f\v")
    if scheme := _SCHEME.match(rest):
        rest = rest[scheme.end() :]
    rest = re.sub(r"^[/\\]{2}", "", rest)
    place = re.split(r"[/\\?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    if place.startswith("["):
        inner, closed, _ = place[1:].partition("]")
        try:
            ipaddress.IPv6Address(inner)
        except ValueError:
            return ""
        return f"[{inner}]" if closed else ""
    return place.partition(":")[0].strip(" ")
