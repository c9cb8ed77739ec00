"""An archive that somebody sent, unpacked: everything that it says is checked first."""

from __future__ import annotations

import hashlib
import shutil
import stat
import zipfile
from typing import TYPE_CHECKING, NoReturn

from harness.bundle.manifest import NAME, Manifest, read_manifest
from harness.bundle.names import refused
from harness.errors import InputError
from harness.machine.space import explained

if TYPE_CHECKING:
    from pathlib import Path

MOST_MEMBERS = 50_000
MOST_BYTES = 4 << 30
"""Of all members together, unpacked."""
_LARGEST_MANIFEST = 32 << 20
_RATIO = 200
_ANY_RATIO = 64 << 20
"""Bytes that may be packed as densely as it goes: a column of zeros is no attack."""
_ENCRYPTED = 0x1
_CHUNK = 1 << 20


def unpack(archive: Path, folder: Path) -> Manifest:
    """Unpack a bundle, as a whole or not at all.

    Args:
        archive: The bundle.
        folder: An empty folder that only its owner can read; nothing is written outside of it.

    Returns:
        What it says of itself.

    Raises:
        InputError: It is no bundle, or one that is not to be trusted; the message says why.
        EnvironmentNotAbleError: There is no room.
    """
    try:
        return _unpacked(archive, folder)
    except BaseException:
        for one in folder.iterdir():
            shutil.rmtree(one) if one.is_dir() else one.unlink()
        raise


def _unpacked(archive: Path, folder: Path) -> Manifest:
    try:
        with zipfile.ZipFile(archive) as packed:
            members = _checked(packed, archive)
            content = _manifest(packed, members, archive)
            manifest = read_manifest(content, archive=archive.name)
            _check_listed(manifest, members, archive)
            with explained(folder, doing="unpacking the bundle"):
                for one in manifest.members:
                    _write(packed, members[one.name], folder, sha256=one.sha256, archive=archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError) as error:
        _refuse(archive, f"it is no ZIP archive that can be read: {error}", error=error)
    except OSError as error:
        _refuse(archive, str(error.strerror or error), error=error)
    return manifest


def _checked(packed: zipfile.ZipFile, archive: Path) -> dict[str, zipfile.ZipInfo]:
    """The members by name, if none of them can do harm."""
    infos = packed.infolist()
    if len(infos) > MOST_MEMBERS:
        _refuse(archive, f"it has {len(infos):,} members, more than {MOST_MEMBERS:,}")
    found: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        why = refused(info.orig_filename) or _kind_refused(info)
        if not why and info.filename in found:
            why = "it is there twice"
        if why:
            _refuse(archive, f"the member {info.orig_filename[:200]!r}: {why}")
        found[info.filename] = info
    _check_sizes(infos, archive)
    return found


def _kind_refused(info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "it is no file, but a link, a device or a folder"
    if info.flag_bits & _ENCRYPTED:
        return "it is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is packed in a way that no bundle is"
    return ""


def _check_sizes(infos: list[zipfile.ZipInfo], archive: Path) -> None:
    there = archive.stat().st_size
    packed = sum(info.compress_size for info in infos)
    unpacked = sum(info.file_size for info in infos)
    if packed > there:
        _refuse(archive, "its members overlap: they are larger than the archive")
    if unpacked > MOST_BYTES:
        _refuse(archive, f"it has {unpacked:,} bytes unpacked, more than {MOST_BYTES:,}")
    if unpacked > max(_ANY_RATIO, there * _RATIO):
        _refuse(archive, f"its {there:,} bytes would be {unpacked:,} unpacked")


def _manifest(packed: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], archive: Path) -> bytes:
    info = members.pop(NAME, None)
    if info is None:
        _refuse(archive, f"it has no {NAME}, so it is no bundle")
    if info.file_size > _LARGEST_MANIFEST:
        _refuse(archive, f"its {NAME} has {info.file_size:,} bytes")
    return packed.read(info)


def _check_listed(manifest: Manifest, members: dict[str, zipfile.ZipInfo], archive: Path) -> None:
    listed = {one.name: one.size for one in manifest.members}
    there = {name: info.file_size for name, info in members.items()}
    if len(listed) != len(manifest.members) or listed != there:
        others = sorted({*listed.items()} ^ {*there.items()})
        which = others[0][0] if others else "a member that is listed twice"
        _refuse(archive, f"its {NAME} and its members differ: {which}")


def _write(
    packed: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path, *, sha256: str, archive: Path
) -> None:
    file = folder.joinpath(*info.filename.split("/"))
    digest, left = hashlib.sha256(), info.file_size
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with packed.open(info) as source, file.open("xb") as target:
        while chunk := source.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                break
            digest.update(chunk)
            target.write(chunk)
    if left or digest.hexdigest() != sha256:
        _refuse(archive, f"the member {info.filename} is not what {NAME} says")
    file.chmod(0o700 if (info.external_attr >> 16) & stat.S_IXUSR else 0o600)


def _refuse(archive: Path, cause: str, *, error: Exception | None = None) -> NoReturn:
    raise InputError(
        f"{archive.name} is not opened",
        cause=cause,
        remedy="nothing of it was used; ask who sent it to have it made anew",
    ) from error
