"""FARM_FINGERPRINT and SHA512. Source: "Hash functions" of the reference.

The fingerprint is FarmHash's ``Fingerprint64`` (github.com/google/farmhash, ``farmhashna``): its
arithmetic of 64 bits is done for all rows at once, by classes of length.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from harness.bigquery.vectors.arrays import each_distinct, one_array

if TYPE_CHECKING:
    from collections.abc import Callable

    Words = np.ndarray[Any, np.dtype[np.uint64]]
    Fetch = Callable[[Words, int], Words]

_K0 = np.uint64(0xC3A5C85C97CB3127)
_K1 = np.uint64(0xB492B66FBE98F273)
_K2 = np.uint64(0x9AE16A3B2F90404F)
_BLOCK = 64


def sha512(column: Any) -> pa.Array:
    """SHA512 of BYTES."""
    return each_distinct(lambda one: hashlib.sha512(one).digest(), pa.binary(), column)


def farm_fingerprint(column: Any) -> pa.Array:
    """FARM_FINGERPRINT of BYTES."""
    array = one_array(column).cast(pa.large_binary())
    count = len(array)
    offsets = np.frombuffer(array.buffers()[1], np.int64)[array.offset :][: count + 1]
    data = array.buffers()[2]
    # Whole words are read also where a text is shorter than one.
    octets = np.zeros(int(offsets[-1]) + 8, np.uint8)
    if data is not None:
        octets[:-8] = np.frombuffer(data, np.uint8)[: int(offsets[-1])]
    starts, sizes = offsets[:-1], np.diff(offsets)
    made = np.empty(count, np.uint64)
    classes = (
        (0, 16, _up_to_16),
        (17, 32, _up_to_32),
        (33, 64, _up_to_64),
        (65, int(sizes.max(initial=0)), _longer),
    )
    for least, most, hashed in classes:
        rows = np.flatnonzero((sizes >= least) & (sizes <= most))
        if len(rows):
            made[rows] = hashed(octets, starts[rows], sizes[rows])
    return pa.array(made.view(np.int64))


def _word(octets: Any, places: Any) -> Words:
    """Eight bytes from each place, the least significant first."""
    window: Words = octets[places[:, None] + np.arange(8)].view("<u8")[:, 0]
    return window


def _rotated(value: Words, bits: int) -> Words:
    return (value >> np.uint64(bits)) | (value << np.uint64(64 - bits))


def _mixed(value: Words) -> Words:
    return value ^ (value >> np.uint64(47))


def _joined(low: Words, high: Words, factor: Words) -> Words:
    """``HashLen16``."""
    first = _mixed((low ^ high) * factor)
    return _mixed((high ^ first) * factor) * factor


def _up_to_16(octets: Any, starts: Any, sizes: Any) -> Words:
    length = sizes.astype(np.uint64)
    factor = _K2 + length * np.uint64(2)
    # From eight bytes on.
    a = _word(octets, starts) + _K2
    b = _word(octets, starts + np.maximum(sizes - 8, 0))
    long = _joined(_rotated(b, 37) * factor + a, (_rotated(a, 25) + b) * factor, factor)
    # From four bytes on.
    half = np.uint64(0xFFFFFFFF)
    first = _word(octets, starts) & half
    last = _word(octets, starts + np.maximum(sizes - 4, 0)) & half
    middle = _joined(length + (first << np.uint64(3)), last, factor)
    # Three bytes at most.
    a = octets[starts].astype(np.uint64)
    b = octets[starts + sizes // 2].astype(np.uint64)
    c = octets[starts + np.maximum(sizes - 1, 0)].astype(np.uint64)
    y, z = a + (b << np.uint64(8)), length + (c << np.uint64(2))
    short = np.where(sizes > 0, _mixed((y * _K2) ^ (z * _K0)) * _K2, _K2)
    return np.select([sizes >= 8, sizes >= 4], [long, middle], short)  # noqa: PLR2004


def _up_to_32(octets: Any, starts: Any, sizes: Any) -> Words:
    factor = _K2 + sizes.astype(np.uint64) * np.uint64(2)
    ends = starts + sizes
    a = _word(octets, starts) * _K1
    b = _word(octets, starts + 8)
    c = _word(octets, ends - 8) * factor
    d = _word(octets, ends - 16) * _K2
    return _joined(_rotated(a + b, 43) + _rotated(c, 30) + d, a + _rotated(b + _K2, 18) + c, factor)


def _up_to_64(octets: Any, starts: Any, sizes: Any) -> Words:
    factor = _K2 + sizes.astype(np.uint64) * np.uint64(2)
    ends = starts + sizes
    a = _word(octets, starts) * _K2
    b = _word(octets, starts + 8)
    c = _word(octets, ends - 8) * factor
    d = _word(octets, ends - 16) * _K2
    y = _rotated(a + b, 43) + _rotated(c, 30) + d
    z = _joined(y, a + _rotated(b + _K2, 18) + c, factor)
    e = _word(octets, starts + 16) * factor
    f = _word(octets, starts + 24)
    g = (y + _word(octets, ends - 32)) * factor
    h = (z + _word(octets, ends - 24)) * factor
    return _joined(_rotated(e + f, 43) + _rotated(g, 30) + h, e + _rotated(f + a, 18) + g, factor)


def _weak(octets: Any, places: Any, a: Words, b: Words) -> tuple[Words, Words]:
    """``WeakHashLen32WithSeeds``."""
    w, x, y, z = (_word(octets, places + 8 * number) for number in range(4))
    a = a + w
    b = _rotated(b + a + z, 21)
    c = a
    a = a + x + y
    return a + z, b + _rotated(a, 44) + c


def _round(octets: Any, places: Any, state: list[Words], factor: Any, *, last: bool) -> list[Words]:
    """One block of 64 bytes."""
    x, y, z, v0, v1, w0, w1 = state
    nine = np.uint64(9 if last else 1)
    x = _rotated(x + y + v0 + _word(octets, places + 8), 37) * factor
    y = _rotated(y + v1 + _word(octets, places + 48), 42) * factor
    x = x ^ (w1 * nine)
    y = y + v0 * nine + _word(octets, places + 40)
    z = _rotated(z + w0, 33) * factor
    v0, v1 = _weak(octets, places, v1 * factor, x + w0)
    w0, w1 = _weak(octets, places + 32, z + w1, y + _word(octets, places + 16))
    return [z, y, x, v0, v1, w0, w1]


def _longer(octets: Any, starts: Any, sizes: Any) -> Words:
    count = len(sizes)
    seed = np.full(count, 81, np.uint64)
    y = seed * _K1 + np.uint64(113)
    z = _mixed(y * _K2 + np.uint64(113)) * _K2
    state = [seed * _K2 + _word(octets, starts), y, z, *(np.zeros(count, np.uint64),) * 4]
    blocks = (sizes - 1) // _BLOCK
    for block in range(int(blocks.max())):
        rows = np.flatnonzero(blocks > block)
        places = starts[rows] + block * _BLOCK
        moved = _round(octets, places, [one[rows] for one in state], _K1, last=False)
        state = [_put(one, rows, new) for one, new in zip(state, moved, strict=True)]
    x, y, z, v0, v1, w0, w1 = state
    factor = _K1 + ((z & np.uint64(0xFF)) << np.uint64(1))
    w0 = w0 + ((sizes - 1) % _BLOCK).astype(np.uint64)
    v0 = v0 + w0
    w0 = w0 + v0
    state = _round(octets, starts + sizes - _BLOCK, [x, y, z, v0, v1, w0, w1], factor, last=True)
    x, y, z, v0, v1, w0, w1 = state
    return _joined(
        _joined(v0, w0, factor) + _mixed(y) * _K0 + z, _joined(v1, w1, factor) + x, factor
    )


def _put(whole: Words, rows: Any, new: Words) -> Words:
    changed = whole.copy()
    changed[rows] = new
    return changed
