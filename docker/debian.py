"""The base of all stand-ins: Debian with this machine's certificates, made without a registry."""
# ruff: noqa: INP001 - beside a script, in no package

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from steps import HERE, LABEL, CannotError, checked, digest, follow, run, say, stand_in

SUITE = "bookworm"
BASE = f"local/debian:{SUITE}"
PACKAGES = "ca-certificates,gosu,locales,netbase,tzdata,xz-utils,zstd"


def ensure_base() -> None:
    """Make Debian with this machine's certificates, which every stand-in is built on."""
    if stand_in(BASE) == base_key():
        return
    if os.geteuid() != 0 or shutil.which("mmdebstrap") is None:
        raise CannotError(
            "no registry is in reach, and the base of the stand-ins can only be made by root with "
            "mmdebstrap (Debian, Ubuntu: apt-get install mmdebstrap); or load the official images: "
            "docker load -i FILE"
        )
    say(f"{BASE}: mmdebstrap")
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name) / "base.tar"
        words = (sys.executable, HERE / "base" / "trust.py", bundle())
        python, hook, trusted = (shlex.quote(str(word)) for word in words)
        unread = ("doc", "man", "info", "locale", "lintian")
        follow(
            BASE,
            [
                "mmdebstrap",
                "--variant=apt",
                f"--include={PACKAGES}",
                *(f"--dpkgopt=path-exclude=/usr/share/{one}/*" for one in unread),
                "--dpkgopt=path-include=/usr/share/doc/*/copyright",
                f'--customize-hook={python} {hook} "$1" {trusted}',
                '--customize-hook=chroot "$1" update-ca-certificates',
                '--customize-hook=chroot "$1" localedef -i en_US -c -f UTF-8 en_US.UTF-8',
                *acquire(),
                SUITE,
                str(tree),
            ],
        )
        changes = [f"--change=ENV {one}" for one in base_environment()]
        changes += ['--change=CMD ["bash"]', f"--change=LABEL {LABEL}={base_key()}"]
        checked("docker", "import", *changes, str(tree), BASE)


def acquire() -> list[str]:
    """How this machine's apt fetches, where it differs: proxies, checks of a frozen mirror."""
    if shutil.which("apt-config") is None:
        return []
    lines = run("apt-config", "dump", "Acquire").stdout.splitlines()
    kept = ("http::Proxy ", "https::Proxy ", "Check-Valid-Until ", "Check-Date ")
    return [f"--aptopt={line}" for line in lines if line.removeprefix("Acquire::").startswith(kept)]


def base_environment() -> list[str]:
    """Variables of the base: the programs that keep certificates of their own use the system's."""
    everyone = "/etc/ssl/certs/ca-certificates.crt"
    names = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")
    return [f"{name}={everyone}" for name in names]


def bundle() -> Path:
    """The certificates that this machine trusts."""
    return Path(os.environ.get("SSL_CERT_FILE") or "/etc/ssl/certs/ca-certificates.crt")


def base_key() -> str:
    """A word that changes with what the base is made of."""
    trusted = bundle().read_bytes().hex() if bundle().is_file() else ""
    return digest(SUITE, PACKAGES, trusted, *base_environment(), folder="base")
