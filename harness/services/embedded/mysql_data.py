"""MariaDB's initialised data directory: made once, kept, and copied for each start."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING

from filelock import FileLock

from harness.errors import ServiceError
from harness.machine.space import NO_SPACE, explained, full
from harness.services.embedded.run_as import run_as

if TYPE_CHECKING:
    from pathlib import Path

    from harness.services.embedded.account import Account
    from harness.services.embedded.mysql_installation import Installation

ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
_DOING = "initialising MariaDB"
_SIZES = {
    "innodb-log-file-size": "8M",
    "innodb-data-file-path": "ibdata1:1M:autoextend",
    "innodb-temp-data-file-path": "ibtmp1:1M:autoextend",
    "innodb-doublewrite": "0",
}
"""What a start must say as the initialisation did."""
_FIRST = "CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n"
# Nobody without a name, and nobody from elsewhere.
_LAST = (
    "DELETE FROM mysql.global_priv WHERE User = '' OR Host LIKE '%.%' OR Host LIKE @@hostname;\n"
)


def words(installation: Installation, data: Path) -> list[str]:
    """The first words of each command of the server's.

    Args:
        installation: The server.
        data: Its data directory.
    """
    sizes = [f"--{name}={value}" for name, value in _SIZES.items()]
    places = [f"--datadir={data}", f"--lc-messages-dir={installation.messages}"]
    return [str(installation.program), "--no-defaults", *places, *sizes]


def cached(installation: Installation, *, who: Account, cache: Path) -> Path:
    """The initialised data directory that starts are copied from, made if it is not there yet.

    Raises:
        ServiceError: The server failed to make it.
        EnvironmentNotAbleError: The disk is full.
    """
    sql = "".join([_FIRST, *(one.read_text("utf-8") for one in installation.scripts), _LAST])
    content = repr((installation.version, sql, _SIZES, who.uid))
    key = hashlib.sha256(content.encode()).hexdigest()[:16]
    folder = cache / f"mysqldata-{installation.version}-{key}"
    if folder.is_dir():
        return folder
    with explained(cache, doing=_DOING), FileLock(f"{folder}.lock", mode=0o600):
        if not folder.is_dir():
            _initialise(installation, sql, who=who, folder=folder)
    return folder


def copy(source: Path, target: Path, *, who: Account) -> None:
    """Copy an initialised directory to a place that does not exist yet.

    Raises:
        EnvironmentNotAbleError: The disk is full.
        ServiceError: It cannot be copied for another reason.
    """
    _run(["cp", "-R", "-p", str(source), str(target)], who=who, at=target)


def _initialise(installation: Installation, sql: str, *, who: Account, folder: Path) -> None:
    partial = folder.with_name(f"{folder.name}.partial")
    data = partial / "data"
    try:
        shutil.rmtree(partial, ignore_errors=True)
        data.mkdir(parents=True, mode=0o700)
        if who.lent:
            for path in (partial, data):
                os.chown(path, who.uid, who.gid)
        command = [*words(installation, data), "--bootstrap", "--max-allowed-packet=8M"]
        _run([*command, "--innodb-buffer-pool-size=16M"], who=who, at=folder, given=sql)
        data.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _run(command: list[str], *, who: Account, at: Path, given: str = "") -> None:
    status, said = run_as(who, command, environment=ENVIRONMENT, given=given)
    if NO_SPACE in said:
        raise full(at, doing=_DOING)
    if status != 0:
        raise ServiceError(
            "MariaDB could not be prepared",
            cause=f"{command[0]} ended with status {status}",
            evidence=said.splitlines()[-20:],
            remedy="look at what it says; a new version may need to be installed",
        )
