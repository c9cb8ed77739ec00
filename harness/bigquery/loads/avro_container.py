"""Avro's object container files: header, blocks and the marks between them.

The texts of what is wrong are those of the Apache Avro library for C++, which BigQuery hands on.
"""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.loads.avro_limits import BLOCK_BYTES, inflated, too_long
from harness.bigquery.loads.load_bad import READING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"Obj\x01"
SYNC = 16
# "Avro compression": the codecs that a load takes.
_CODECS = ("null", "deflate", "snappy")
_LONGEST = 10
_SMALL = 1 << 12


@dataclass(frozen=True, kw_only=True)
class Header:
    """What stands at the beginning of a file.

    Attributes:
        schema: The Avro schema.
        codec: How blocks are packed.
        sync: The mark behind each block.
    """

    schema: Any
    codec: str
    sync: bytes


def damaged(message: str, *, header: bool = False) -> ApiError:
    """What BigQuery says of a file that the library cannot read."""
    what = "parse the header" if header else "read data"
    return ApiError(
        "invalid",
        f"{READING} The Apache Avro library failed to {what} with the following error: {message}",
    )


def header_of(file: IO[bytes]) -> Header:
    """Read the header of an open file.

    Raises:
        ApiError: It is not one.
    """
    try:
        magic = file.read(len(MAGIC))
        if len(magic) < len(MAGIC):
            raise damaged("EOF reached", header=True)
        if magic != MAGIC:
            raise damaged("Invalid data file. Magic does not match", header=True)
        facts: dict[str, bytes] = {}
        while count := _long(file):
            if count < 0:
                _long(file)
            for _ in range(abs(count)):
                name = _bytes(file).decode("utf-8", "replace")
                facts[name] = _bytes(file)
        sync = _exactly(file, SYNC)
    except EOFError as error:
        raise damaged("EOF reached", header=True) from error
    codec = facts.get("avro.codec", b"null").decode("utf-8", "replace") or "null"
    if codec not in _CODECS:
        raise damaged(f"Unknown codec in data file: {codec}", header=True)
    try:
        schema = json.loads(facts["avro.schema"])
    except KeyError as error:
        raise damaged("No schema in metadata", header=True) from error
    except (ValueError, RecursionError) as error:
        raise damaged(f"JSON error: {error}", header=True) from error
    return Header(schema=schema, codec=codec, sync=sync)


def blocks_of(file: IO[bytes], header: Header) -> Iterator[tuple[int, bytes]]:
    """The blocks behind a header: how many records each has, and these, unpacked.

    Raises:
        ApiError: A block is cut off or damaged.
    """
    try:
        while first := file.read(1):
            count = _long(file, first)
            content = _bytes(file, most=BLOCK_BYTES)
            if count < 0:
                raise damaged("Invalid block count")
            if _exactly(file, SYNC) != header.sync:
                raise damaged("Sync mismatch")
            yield count, _unpacked(content, header.codec)
    except EOFError as error:
        raise damaged("EOF reached") from error


def _unpacked(content: bytes, codec: str) -> bytes:
    if codec == "deflate":
        try:
            return inflated(content)
        except zlib.error as error:
            raise damaged(str(error)) from error
    if codec == "snappy":
        return _unsnapped(content)
    return content


def _unsnapped(content: bytes) -> bytes:
    """A packed block, behind which its CRC stands."""
    import pyarrow as pa  # noqa: PLC0415

    packed, check = content[:-4], int.from_bytes(content[-4:], "big")
    size = _snappy_size(packed)
    try:
        unpacked = bytes(pa.Codec("snappy").decompress(packed, size, asbytes=True))
    except (pa.ArrowException, OSError) as error:
        raise damaged("Snappy Compression reported an error when decompressing") from error
    if zlib.crc32(unpacked) != check:
        raise damaged("CRC32 check failure uncompressing block with Snappy")
    return unpacked


def _snappy_size(packed: bytes) -> int:
    size = 0
    for place, byte in enumerate(packed[:5]):
        size |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            break
    # No text of Snappy is longer than 64 times its packed form.
    if size > 64 * len(packed):
        raise damaged("Snappy Compression reported an error when decompressing")
    if size > BLOCK_BYTES:
        raise too_long()
    return size


def number(value: int) -> bytes:
    """A number that is not negative in Avro's zigzag form."""
    value <<= 1
    content = bytearray()
    while value > 0x7F:  # noqa: PLR2004
        content.append((value & 0x7F) | 0x80)
        value >>= 7
    return bytes([*content, value])


def _long(file: IO[bytes], first: bytes = b"") -> int:
    """A number in Avro's zigzag form."""
    value = shift = 0
    for place in range(_LONGEST):
        byte = first if first and place == 0 else _exactly(file, 1)
        value |= (byte[0] & 0x7F) << shift
        shift += 7
        if not byte[0] & 0x80:
            return (value >> 1) ^ -(value & 1)
    raise EOFError


def _bytes(file: IO[bytes], *, most: int | None = None) -> bytes:
    size = _long(file)
    if size < 0:
        raise EOFError
    return _exactly(file, size, most=most)


def _exactly(file: IO[bytes], size: int, *, most: int | None = None) -> bytes:
    if size > _SMALL:
        # A size that is damaged is not made room for.
        if size > os.fstat(file.fileno()).st_size - file.tell():
            raise EOFError
        if most is not None and size > most:
            raise too_long()
    content = file.read(size)
    if len(content) < size:
        raise EOFError
    return content
