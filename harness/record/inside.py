"""What is packed in a body: a secret in it is no safer there."""

from __future__ import annotations

import bz2
import codecs
import io
import lzma
import zipfile
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

_DEEPEST = 3
_ZSTD = b"\x28\xb5\x2f\xfd"
_PARQUET = b"PAR1"
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def inside(content: bytes, *, depth: int = 0) -> Iterator[bytes]:
    """A body, and all that can be unpacked of it, also where it broke off.

    Args:
        content: The body.
        depth: In how many others it was packed.
    """
    yield content
    if depth < _DEEPEST:
        for part in _parts(content):
            yield from inside(part, depth=depth + 1)


def _parts(content: bytes) -> Iterator[bytes]:
    if content.startswith(_PARQUET):
        yield from _of_parquet(content)
    elif content.startswith(b"PK\x03\x04"):
        yield from _of_zip(content)
    elif content[:2] in _UTF16:
        yield content.decode("utf-16", "replace").encode()
    elif content.startswith(b"\x1f\x8b"):
        yield _unpacked(content, lambda: zlib.decompressobj(wbits=31))
    elif content.startswith(b"BZh"):
        yield _unpacked(content, bz2.BZ2Decompressor)
    elif content.startswith((b"\xfd7zXZ", b"\x5d\0\0")):
        yield _unpacked(content, lzma.LZMADecompressor)
    elif content.startswith(_ZSTD):
        yield from _of_zstd(content)


def _unpacked(content: bytes, make: Callable[[], object]) -> bytes:
    """One stream after the other, up to where the bytes end or make no sense."""
    parts = []
    while content:
        stream = make()
        try:
            parts.append(stream.decompress(content))  # type: ignore[attr-defined]
        except (zlib.error, OSError, EOFError, lzma.LZMAError):
            break
        if not stream.eof:  # type: ignore[attr-defined]
            break
        content = stream.unused_data  # type: ignore[attr-defined]
    return b"".join(parts)


def _of_zip(content: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield "\n".join(archive.namelist()).encode("utf-8", "replace")
            for name in archive.namelist():
                yield archive.read(name)
    except (zipfile.BadZipFile, OSError, zlib.error, RuntimeError, NotImplementedError):
        # An archive that is broken or locked cannot be read by anybody without its key.
        return


def _of_zstd(content: bytes) -> Iterator[bytes]:
    from mitmproxy.net.encoding import decode  # noqa: PLC0415

    try:
        found = decode(content, "zstd")
    except ValueError:
        return
    if isinstance(found, bytes):
        yield found


def _of_parquet(content: bytes) -> Iterator[bytes]:
    """The texts of its columns."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        source = pq.ParquetFile(io.BytesIO(content))
        for group in range(source.metadata.num_row_groups):
            for column in source.read_row_group(group).itercolumns():
                for chunk in column.chunks:
                    yield from _texts(chunk)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError):
        return


def _texts(values: pa.Array) -> Iterator[bytes]:
    """The texts of an array, one a line; nested ones too."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    kind = values.type
    if pa.types.is_dictionary(kind):
        yield from _texts(values.dictionary)
    elif pa.types.is_struct(kind):
        for one in values.flatten():
            yield from _texts(one)
    elif pa.types.is_map(kind):
        yield from _texts(values.keys)
        yield from _texts(values.items)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _texts(values.flatten())
    elif pa.types.is_string(kind) or pa.types.is_binary(kind):
        there = values.drop_null().cast(pa.binary())
        joined = pc.binary_join(pa.ListArray.from_arrays([0, len(there)], there), b"\n")
        yield joined[0].as_py()
