"""Where MariaDB's server is on this machine: no wheel brings one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness.errors import EnvironmentNotAbleError
from harness.services.catalogue import BY_NAME, SERVERS

_SHARED = ("share/mariadb", "share/mysql", "share")
_VERSION = re.compile(r"\bVer (\d+\.\d+\.\d+)-MariaDB")
# Those that have what the server itself needs, in their order.
SCRIPTS = ("{}_system_tables.sql", "{}_performance_tables.sql", "{}_system_tables_data.sql")
_NAMES = ("mariadb", "mysql")
_PATIENCE = 30


@dataclass(frozen=True)
class Installation:
    """One MariaDB.

    Attributes:
        program: The server.
        version: Such as ``10.11.19``.
        scripts: What makes its system tables, in order.
    """

    program: Path
    version: str
    scripts: tuple[Path, ...]

    @property
    def messages(self) -> Path:
        """The folder with the texts of its messages."""
        return self.scripts[0].parent


def find(*, path: str | None = None) -> Installation:
    """Find it on the PATH, else where systems put servers.

    Args:
        path: Folders to look in, as PATH has them; the usual ones if not given.

    Raises:
        EnvironmentNotAbleError: There is none; the message says what to install.
    """
    if path is None:
        path = os.pathsep.join([os.environ.get("PATH", os.defpath), *SERVERS])
    looked = []
    for name in BY_NAME["mysql"].programs:
        place = shutil.which(name, path=path)
        if place is None:
            looked.append(f"{name}: not on the PATH, nor where systems put servers")
            continue
        program = Path(place).resolve()
        said = _said(program)
        version = _VERSION.search(said)
        scripts = _scripts(program)
        if version is not None and scripts:
            return Installation(program, version[1], scripts)
        what = "no file mysql_system_tables.sql beside it" if version else f"no MariaDB: {said}"
        looked.append(f"{place}: {what}")
    raise EnvironmentNotAbleError(
        "there is no MySQL server on this machine",
        cause="something asks for MySQL, which is played by MariaDB's server; no package of "
        "Python's brings one",
        evidence=looked,
        remedy="install it: apt-get install mariadb-server-core (Debian, Ubuntu), dnf install "
        "mariadb-server (Fedora), brew install mariadb (macOS); it need not be started. Or run "
        "with --provider docker, which has it in a container",
    )


def _said(program: Path) -> str:
    try:
        done = subprocess.run(
            [program, "--no-defaults", "--version"],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_PATIENCE,
            cwd="/",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return (done.stdout or done.stderr).strip()[:200]


def _scripts(program: Path) -> tuple[Path, ...]:
    for root in (program.parent.parent, Path("/usr")):
        for folder in (root / shared for shared in _SHARED):
            for name in _NAMES:
                found = tuple(folder / script.format(name) for script in SCRIPTS)
                if all(one.is_file() for one in found):
                    return found
    return ()
