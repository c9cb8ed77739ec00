"""An initialised data directory: made once, kept, and copied for each start."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from filelock import FileLock

from harness.errors import ServiceError
from harness.machine.space import NO_SPACE, explained, full

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from harness.services.embedded.account import Account
    from harness.services.embedded.installation import Installation

ADMIN = "postgres"
USER = "mage"
DATABASE = "mage"
LOG = "log/postgres.json"
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
_LOCALES = ("C.UTF-8", "C")
_FIRST = (
    # As the official image does with POSTGRES_USER: what works there must work here.
    f"CREATE ROLE {USER} SUPERUSER LOGIN",
    f"CREATE DATABASE {DATABASE} OWNER {USER} TEMPLATE template0",
)
_ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n"
_CONFIGURATION = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "max_connections": "100",
    # Nothing here needs to survive a crash of the machine.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "'256MB'",
    "autovacuum_naptime": "'1h'",
    # Files of the data directory instead of objects in /dev/shm that a SIGKILL would leave there.
    "dynamic_shared_memory_type": "mmap",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "logging_collector": "on",
    "log_destination": "'jsonlog'",
    "log_directory": "'log'",
    "log_filename": "'postgres.log'",
    "log_file_mode": "0600",
    "log_rotation_age": "0",
    "log_rotation_size": "0",
    "log_statement": "'all'",
    "log_disconnections": "on",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
}


def cached(installation: Installation, *, who: Account, cache: Path) -> Path:
    """The initialised data directory that starts are copied from, made if it is not there yet.

    Raises:
        ServiceError: ``initdb`` failed.
        EnvironmentNotAbleError: The disk is full.
    """
    content = repr((installation.version, _FIRST, _CONFIGURATION, _ACCESS, who.uid, _LOCALES))
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


def set_passwords(
    installation: Installation, data: Path, *, who: Account, passwords: dict[str, str]
) -> None:
    """Set passwords while no server runs, so that there is no moment without one.

    Raises:
        ServiceError: The programs of PostgreSQL do not work.
    """
    orders = [f"ALTER ROLE {role} PASSWORD '{password}'" for role, password in passwords.items()]
    _alone(installation, data, who=who, orders=orders)


def _initialise(installation: Installation, *, who: Account, folder: Path) -> None:
    partial = folder.with_name(f"{folder.name}.partial")
    data = partial / "data"
    try:
        for locale in _LOCALES:
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(mode=0o700)
            _give(partial, who)
            command: list[str | Path] = [
                installation.bin / "initdb",
                "-D",
                data,
                "-U",
                ADMIN,
                "--encoding=UTF8",
            ]
            options = [f"--locale={locale}", "--auth=reject", "--no-sync", "--wal-segsize=1"]
            status, said = _run([*command, *options], who=who)
            if status == 0:
                break
            if NO_SPACE in said:
                raise full(folder, doing="initialising PostgreSQL")
        else:
            raise _failed("initdb", status, said)
        _alone(installation, data, who=who, orders=_FIRST)
        lines = [f"{name} = {value}\n" for name, value in _CONFIGURATION.items()]
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
    user, group = who.switch or (None, None)
    done = subprocess.run(
        command,
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        cwd="/",
        env=ENVIRONMENT,
        user=user,
        group=group,
        extra_groups=None if user is None else [],
        start_new_session=True,
    )
    return done.returncode, done.stdout


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
