"""A hook of mmdebstrap: what this machine trusts and asks for goes into the base image.

Usage: trust.py ROOT BUNDLE. Certificates of the machine's BUNDLE that Debian's own list lacks (a
company's proxy, say) are put where `update-ca-certificates` finds them now and later, so that apt,
pip and git work inside builds on machines where they need them.
"""  # noqa: INP001 - a script, no package

from __future__ import annotations

import re
import sys
from pathlib import Path

CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def main(root: Path, bundle: Path) -> None:
    """Write one file for each certificate that only the machine has."""
    known = set(certificates(root / "etc/ssl/certs/ca-certificates.crt"))
    folder = root / "usr/local/share/ca-certificates"
    folder.mkdir(parents=True, exist_ok=True)
    extra = [one for one in certificates(bundle) if one not in known]
    for number, one in enumerate(dict.fromkeys(extra)):
        (folder / f"machine-{number}.crt").write_text(f"{one}\n", "ascii")


def certificates(bundle: Path) -> list[str]:
    """The certificates of a bundle; none if there is no such file."""
    if not bundle.is_file():
        return []
    return CERTIFICATE.findall(bundle.read_text("utf-8", errors="replace").replace("\r", ""))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
