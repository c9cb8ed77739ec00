"""The archive: a ZIP file that is the same, byte for byte, for the same files.

ZIP, since every system opens it without a further program, since one member can be read without
unpacking the others, and since the sizes of all stand in one place before anything is unpacked.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import stat
import zipfile
from typing import TYPE_CHECKING

from harness.bundle.manifest import NAME, LeftOut, Manifest, Member
from harness.machine.space import explained

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_WHEN = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_LEVEL = 6


def pack(
    folder: Path,
    target: Path,
    *,
    pipeline: str,
    ok: bool,
    left_out: Iterable[LeftOut],
    scrubbed: Iterable[str],
) -> Manifest:
    """Write a folder into an archive, with a manifest; there is a whole one or none.

    Args:
        folder: The folder.
        target: The archive, which only its owner can read; one that is there is replaced.
        pipeline: The pipeline's uuid.
        ok: Whether its run was a success.
        left_out: What is not in the folder.
        scrubbed: The members that had a secret.

    Raises:
        EnvironmentNotAbleError: There is no room.
    """
    files = {
        one.relative_to(folder).as_posix(): one
        for one in sorted(folder.rglob("*"))
        if one.is_file()
    }
    manifest = Manifest(
        format=1,
        pipeline=pipeline,
        ok=ok,
        members=tuple(_member(name, files[name]) for name in sorted(files)),
        left_out=tuple(sorted(left_out, key=lambda one: (one.what, one.why))),
        scrubbed=tuple(sorted(scrubbed)),
    )
    new = target.with_name(f".{secrets.token_hex(8)}.new")
    with explained(target, doing="writing the bundle"):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            new.touch(mode=0o600)
            with zipfile.ZipFile(new, "w") as archive:
                text = manifest.model_dump_json(indent=1) + "\n"
                archive.writestr(_info(NAME), text, compresslevel=_LEVEL)
                for name in sorted(files):
                    _add(archive, name, files[name])
            new.replace(target)
        finally:
            new.unlink(missing_ok=True)
    return manifest


def _member(name: str, file: Path) -> Member:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Member(name=name, size=file.stat().st_size, sha256=digest)


def _add(archive: zipfile.ZipFile, name: str, file: Path) -> None:
    runs = bool(file.stat().st_mode & stat.S_IXUSR)
    info = _info(name, runs=runs)
    info.file_size = file.stat().st_size
    with file.open("rb") as source, archive.open(info, "w") as member:
        shutil.copyfileobj(source, member, 1 << 20)


def _info(name: str, *, runs: bool = False) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _WHEN)
    info.create_system = _UNIX
    info.external_attr = (stat.S_IFREG | (0o700 if runs else 0o600)) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
