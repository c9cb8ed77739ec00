"""The public client's own system tests, taken from its sdist in the package index."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

DISTRIBUTION = "google-cloud-bigquery"
# Only these: the package beside them would hide the one that is installed.
_WANTED = re.compile(r"[^/]+/(tests/(?:__init__\.py|(?:system|data)/.+))")


def fetched() -> Path:
    """The folder that holds ``tests`` of the installed version; it is fetched once.

    Raises:
        SystemExit: The index has no sdist of it.
    """
    release = version(DISTRIBUTION)
    folder = user_cache_path("mage-harness") / f"{DISTRIBUTION}-tests-{release}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            _unpack(_sdist(release, Path(scratch)), Path(scratch, "unpacked"))
            Path(scratch, "unpacked").rename(folder)
    return folder


def _sdist(release: str, folder: Path) -> Path:
    # uv has no command that fetches an sdist without building it.
    command = [
        sys.executable,
        "-m",
        "uv",
        "tool",
        "run",
        "-q",
        "pip",
        "download",
        "-q",
        "--no-deps",
    ]
    command += ["--no-binary", DISTRIBUTION, "-d", str(folder), f"{DISTRIBUTION}=={release}"]
    done = subprocess.run(command, check=False)
    found = list(folder.glob("*.tar.gz"))
    if done.returncode or not found:
        raise SystemExit(f"the package index has no sdist of {DISTRIBUTION} {release}")
    return found[0]


def _unpack(sdist: Path, folder: Path) -> None:
    with tarfile.open(sdist) as archive:
        for member in archive.getmembers():
            found = _WANTED.fullmatch(member.name)
            content = archive.extractfile(member) if found else None
            if found is None or content is None:
                continue
            path = folder / found[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.read())
