"""A private PostgreSQL from a wheel's programs, on a port of its own."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from harness.machine.ports import HOST
from harness.machine.tenancy import Tenancy
from harness.services.embedded import cluster
from harness.services.embedded.account import account, cache_for, private_folder
from harness.services.embedded.installation import find, placed
from harness.services.embedded.launch import launch
from harness.services.postgres import Postgres
from harness.services.postgres_server import ADMIN, Login, Running

if TYPE_CHECKING:
    from pathlib import Path

    from harness.machine.guardian import Guardian
    from harness.machine.program import Program


class PostgresServer(Postgres):
    """PostgreSQL in a process of this machine.

    Args:
        cache: The folder for what is kept between runs.
        guardian: Who clears up when the harness cannot; one of its own if not given.
        port: A fixed port, or None for a free one.
        bin_folder: The folder with ``postgres`` and ``initdb``, instead of the wheel's.
    """

    def __init__(
        self,
        *,
        cache: Path,
        guardian: Guardian | None = None,
        port: int | None = None,
        bin_folder: Path | None = None,
    ) -> None:
        super().__init__(
            PostgresProgram(cache=cache, guardian=guardian, port=port, bin_folder=bin_folder)
        )


class PostgresProgram:
    """One server process on a copy of an initialised data directory.

    Args:
        cache: The folder for what is kept between runs.
        guardian: Who clears up when the harness cannot; one of its own if not given.
        port: A fixed port, or None for a free one.
        bin_folder: The folder with ``postgres`` and ``initdb``, instead of the wheel's.
    """

    def __init__(
        self,
        *,
        cache: Path,
        guardian: Guardian | None = None,
        port: int | None = None,
        bin_folder: Path | None = None,
    ) -> None:
        self._cache = cache
        self._tenancy = Tenancy("postgres", cache=cache, guardian=guardian, port=port)
        self._bin_folder = bin_folder
        self._program: Program | None = None

    def start(self) -> Running:
        """Copy the initialised directory, give it a new password and start the server on it.

        Raises:
            ServiceError: It did not start.
            EnvironmentNotAbleError: The disk is full, the fixed port is taken, or this machine
                has no PostgreSQL or no user to run it as.
        """
        who = account()
        cache = cache_for(who, self._cache)
        installation = placed(find(bin_folder=self._bin_folder), who=who, cache=cache)
        template = cluster.cached(installation, who=who, cache=cache)
        self._tenancy.folder = folder = private_folder(
            who, prefix="mage-harness-pg-", guardian=self._tenancy.guardian
        )
        data = folder / "data"
        cluster.copy(template, data, who=who)
        password = secrets.token_hex(16)
        cluster.set_password(installation, data, who=who, password=password)

        def attempt(port: int) -> Running:
            self._program = launch(
                installation.bin / "postgres",
                data,
                port=port,
                guardian=self._tenancy.guardian,
                user=who.switch,
            )
            admin = Login(user=ADMIN, password=password, database="postgres")
            return Running(host=HOST, port=port, admin=admin, log=data / cluster.LOG)

        return self._tenancy.listen(attempt)

    def stop(self) -> None:
        """End the server and delete its data. Safe to call twice, or before start."""
        program, self._program = self._program, None
        if program is not None:
            program.stop()
        self._tenancy.end()

    def check(self) -> None:
        """Make sure that it still runs.

        Raises:
            ServiceError: It has ended.
        """
        if self._program is not None:
            self._program.check()
