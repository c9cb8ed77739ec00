"""The pages of memory that a run writes to: the next one has its own copies before it is asked for.

A page that forked processes share is copied when one of them writes to it, also where that only
counts a reference. To have them copied all at once takes a fraction of the time of as many faults.
"""

import contextlib
import ctypes
import mmap
import os
import re
import struct
from itertools import islice
from typing import Dict, Iterator, Tuple

_POPULATE_WRITE = 23
"""Of madvise(2), since Linux 5.14; an older kernel refuses it, and pages are copied in time."""
_COUNT, _RANGE = struct.Struct("Q"), struct.Struct("QQ")
_MOST = 1 << 16
"""How many parts of the memory are noted."""
_ENTRY = 8
_PRESENT = bytes(number >> 7 for number in range(256))
"""Of the highest byte of an entry: the bit that says that there is such a page."""
_EXCLUSIVE = bytes(number & 1 for number in range(256))
"""The one that says that no other process has it."""
_SOME = re.compile(b"\x01+")


class Pages:
    """What the first run that is forked of this process writes to, of what it shares with it."""

    def __init__(self) -> None:
        # Shared with what is forked, and no descriptor that a run would find open.
        self._written = mmap.mmap(-1, _COUNT.size + _MOST * _RANGE.size)
        self._shared: Dict[int, bytes] = {}
        self._process = 0

    def note(self) -> None:
        """Note what there is to be shared by the processes that are forked of this one."""
        self._process = os.getpid()
        # Where there is no /proc, nothing is copied beforehand.
        with contextlib.suppress(OSError):
            self._shared = {start: _flags(read, _PRESENT) for start, read in _writable()}

    def learn(self) -> None:
        """Note what this process has of its own by now, unless another one has."""
        if os.getpid() == self._process or self._count():
            return
        with contextlib.suppress(OSError):
            found = [_RANGE.pack(*one) for one in islice(self._own(), _MOST)]
            self._written[_COUNT.size : _COUNT.size + len(found) * _RANGE.size] = b"".join(found)
            _COUNT.pack_into(self._written, 0, len(found))

    def have(self) -> None:
        """Have copies of what was written to."""
        advise = ctypes.CDLL(None).madvise
        advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        known = self._written[_COUNT.size : _COUNT.size + self._count() * _RANGE.size]
        for start, length in _RANGE.iter_unpack(known):
            advise(start, length, _POPULATE_WRITE)

    def _count(self) -> int:
        return int(_COUNT.unpack_from(self._written)[0])

    def _own(self) -> Iterator[Tuple[int, int]]:
        """Addresses and lengths of memory that was shared, and is this process's own."""
        for start, read in _writable():
            both = _both(_flags(read, _EXCLUSIVE), self._shared.get(start, b""))
            for found in _SOME.finditer(both):
                begin, end = found.span()
                yield start + begin * mmap.PAGESIZE, (end - begin) * mmap.PAGESIZE


def _writable() -> Iterator[Tuple[int, bytes]]:
    """The address of each part of the memory that can be written to, and its pages' entries."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        lines = [line.split() for line in maps]
    with open("/proc/self/pagemap", "rb") as entries:
        for words in lines:
            if words[1] == "rw-p":
                start, end = (int(word, 16) for word in words[0].split("-"))
                entries.seek(start // mmap.PAGESIZE * _ENTRY)
                yield start, entries.read((end - start) // mmap.PAGESIZE * _ENTRY)


def _flags(entries: bytes, table: bytes) -> bytes:
    """A byte for each page: whether it has a flag of the highest byte."""
    return entries[_ENTRY - 1 :: _ENTRY].translate(table)


def _both(one: bytes, other: bytes) -> bytes:
    """Where two rows of flags both have one."""
    number = int.from_bytes(one, "little") & int.from_bytes(other, "little")
    return number.to_bytes(max(len(one), len(other)), "little")
