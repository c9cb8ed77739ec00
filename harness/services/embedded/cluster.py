"""An initialised data directory: made once, kept, and copied for each start."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING

from filelock import FileLock

from harness.errors import ServiceError
from harness.machine.space import NO_SPACE, explained, full
from harness.services.embedded.run_as import run_as
from harness.services.postgres_server import ADMIN
from harness.services.postgres_settings import INITDB, LOCALES, LOG_FILE, SETTINGS
from harness.services.postgres_tenant import DATABASE, USER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from harness.services.embedded.account import Account
    from harness.services.embedded.installation import Installation

LOG = f"log/{LOG_FILE}"
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
_FIRST = (
    # As WholeServer would make them, so that no start has to wait for it.
    f"CREATE ROLE {USER} SUPERUSER LOGIN",
    f"CREATE DATABASE {DATABASE} OWNER {USER} TEMPLATE template0",
)
_ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n"
_CONFIGURATION = SETTINGS | {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "log_directory": "log",
    "log_file_mode": "0600",
}


def cached(installation: Installation, *, who: Account, cache: Path) -> Path:
    """The initialised data directory that starts are copied from, made if it is not there yet.

    Raises:
        ServiceError: ``initdb`` failed.
        EnvironmentNotAbleError: The disk is full.
    """
    content = repr(
        (installation.version, _FIRST, _CONFIGURATION, _ACCESS, who.uid, LOCALES, INITDB)
    )
    key = hashlib.sha256(content.encode()).hexdigest()[:16]
    folder = cache / f"pgdata-{installation.version}-{key}"
    if folder.is_dir():
        return folder
    with explained(cache, doing="initialising PostgreSQL"):
        lock = FileLock(f"{folder}.lock", mode=0o600)
        with lock:
            if not folder.is_dir():
                _initialise(installation, who=who, folder=folder)
    return folder


def copy(source: Path, target: Path, *, who: Account) -> None:
    """Copy an initialised directory to a place that does not exist yet.

    Raises:
        EnvironmentNotAbleError: The disk is full.
        ServiceError: It cannot be copied for another reason.
    """
    # A thousand small files: the system's program takes a fifth of the time of Python's loop.
    status, said = _run(["cp", "-R", "-p", source, target], who=who)
    if NO_SPACE in said:
        raise full(target, doing="starting PostgreSQL")
    if status != 0:
        raise _failed("cp", status, said)


def set_password(installation: Installation, data: Path, *, who: Account, password: str) -> None:
    """Set the administrator's password while no server runs: there is no moment without one.

    Raises:
        ServiceError: The programs of PostgreSQL do not work.
    """
    _alone(installation, data, who=who, orders=[f"ALTER ROLE {ADMIN} PASSWORD '{password}'"])


def _initialise(installation: Installation, *, who: Account, folder: Path) -> None:
    partial = folder.with_name(f"{folder.name}.partial")
    data = partial / "data"
    try:
        for locale in LOCALES:
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(mode=0o700)
            _give(partial, who)
            command: list[str | Path] = [installation.bin / "initdb", "-D", data, "-U", ADMIN]
            options = [*INITDB, f"--locale={locale}", "--auth=reject"]
            status, said = _run([*command, *options], who=who)
            if status == 0:
                break
            if NO_SPACE in said:
                raise full(folder, doing="initialising PostgreSQL")
        else:
            raise _failed("initdb", status, said)
        _alone(installation, data, who=who, orders=_FIRST)
        lines = [f"{name} = '{value}'\n" for name, value in _CONFIGURATION.items()]
        with (data / "postgresql.conf").open("a") as file:
            file.writelines(lines)
        (data / "pg_hba.conf").write_text(_ACCESS)
        data.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _alone(installation: Installation, data: Path, *, who: Account, orders: Iterable[str]) -> None:
    """Carry out SQL in single-user mode, given by stdin, where no other process can read it."""
    command: list[str | Path] = [installation.bin / "postgres", "--single", "-F", "-j", "-D", data]
    # The collector would take the messages away from the pipe that is read here.
    quiet = ["-c", "logging_collector=off", "-c", "log_destination=stderr"]
    sql = "".join(f"{order};\n\n" for order in orders)
    quiet += ["-c", "log_statement=none", "-c", "log_min_error_statement=panic"]
    status, said = _run([*command, *quiet, "postgres"], who=who, given=sql)
    if NO_SPACE in said:
        raise full(data, doing="starting PostgreSQL")
    if status != 0 or "ERROR:" in said:
        raise _failed("postgres --single", status, said)


def _run(command: list[str | Path], *, who: Account, given: str = "") -> tuple[int, str]:
    return run_as(who, command, environment=ENVIRONMENT, given=given)


def _failed(program: str, status: int, said: str) -> ServiceError:
    return ServiceError(
        "PostgreSQL could not be prepared",
        cause=f"{program} ended with status {status}",
        evidence=said.splitlines()[-20:],
        remedy="run `mage-harness doctor`, which checks what this machine can do",
    )


def _give(path: Path, who: Account) -> None:
    if who.lent:
        os.chown(path, who.uid, who.gid)
