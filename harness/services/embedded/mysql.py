"""A private MySQL: MariaDB's server in a process of this machine."""

from __future__ import annotations

import os
import secrets
import signal
import time
from typing import TYPE_CHECKING

from harness.clock.preload import keeps, library, library_in, variables
from harness.clock.sharing import shared
from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.machine.ports import HOST
from harness.machine.tenancy import AddressInUseError, Tenancy
from harness.services.embedded import mysql_data
from harness.services.embedded.account import account, cache_for, private_folder
from harness.services.embedded.mysql_installation import find
from harness.services.embedded.mysql_launch import NAME, launch, write_orders
from harness.services.mysql import MySql
from harness.services.mysql_client import require_client
from harness.services.mysql_server import Exchange, Running
from harness.services.mysql_settings import ORDERS, first_orders, options

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.clock.clock import Clock
    from harness.machine.guardian import Guardian
    from harness.machine.program import Program


class MySqlServer(MySql):
    """MySQL in a process of this machine.

    Args:
        cache: The folder for what is kept between runs.
        guardian: Who clears up when the harness cannot; one of its own if not given.
        port: A fixed port, or None for a free one.
        host: The address that pipelines, and the harness, reach it by.
        bind: The address of this machine that it listens on, where it is another one.
    """

    def __init__(
        self,
        *,
        cache: Path,
        guardian: Guardian | None = None,
        port: int | None = None,
        host: str = HOST,
        bind: str | None = None,
    ) -> None:
        self._program = MySqlProgram(
            cache=cache, guardian=guardian, port=port, host=host, bind=bind
        )
        super().__init__(self._program)

    def keep_time(self, clock: Clock) -> None:
        """Give the time of a clock from now on; where that is another one, all sessions end.

        Raises:
            EnvironmentNotAbleError: This machine has no library for it, or none that works.
            ServiceError: The server does not start anew.
        """
        if clock.offset == self._offset:
            return
        self._program.restart(clock.offset)
        self._offset = clock.offset
        began = time.time()
        with self._up().cursor() as cursor:
            cursor.execute("SELECT UNIX_TIMESTAMP(SYSDATE(6))")
            ((found,),) = cursor.fetchall()
        if not keeps(float(found), offset=clock.offset, began=began):
            self._program.restart(0)
            self._offset = 0
            raise EnvironmentNotAbleError(
                "MySQL does not take the time that it is given",
                cause="it does not start with the library, which is made for glibc on x86_64",
                evidence=[
                    f"it is {float(found) - began:.0f} s off, and was to be {clock.offset} s"
                ],
                remedy="leave `at` out to run with the real time",
            )


class MySqlProgram:
    """One server process on a copy of an initialised data directory.

    Args:
        cache: The folder for what is kept between runs.
        guardian: Who clears up when the harness cannot; one of its own if not given.
        port: A fixed port, or None for a free one.
        host: The address that pipelines, and the harness, reach it by.
        bind: The address of this machine that it listens on, where it is another one.
    """

    def __init__(
        self,
        *,
        cache: Path,
        guardian: Guardian | None = None,
        port: int | None = None,
        host: str = HOST,
        bind: str | None = None,
    ) -> None:
        self._cache = cache
        self._host = host
        self._bind = bind or host
        self._tenancy = Tenancy("mysql", cache=cache, guardian=guardian, port=port)
        self._program: Program | None = None
        self._launch: Callable[[int, int], Program] | None = None
        self._shared: dict[str, str] = {}

    def start(self) -> Running:
        """Copy the initialised directory and start the server on it, with new passwords.

        Raises:
            ServiceError: It did not start.
            EnvironmentNotAbleError: It, or its client, is not installed, the disk is full, the
                fixed port is taken, or there is no user to run it as.
        """
        require_client()
        installation = find()
        who = account(program=NAME)
        cache = cache_for(who, self._cache, program=NAME)
        template = mysql_data.cached(installation, who=who, cache=cache)
        self._tenancy.folder = folder = private_folder(
            who, prefix="mage-harness-my-", guardian=self._tenancy.guardian, program=NAME
        )
        data, exchange = folder / "data", folder / "exchange"
        mysql_data.copy(template, data, who=who)
        exchange.mkdir(mode=0o700)
        if who.lent:
            os.chown(exchange, who.uid, who.gid)
        passwords = secrets.token_hex(16), secrets.token_hex(16)
        orders = folder / "orders.sql"
        command = [
            *mysql_data.words(installation, data),
            *options(
                bind_address=self._bind,
                socket=str(folder / "socket"),
                pid_file=str(folder / "pid"),
                secure_file_priv=str(exchange),
                tmpdir=str(folder),
                init_file=str(orders),
            ),
        ]

        def launched(port: int, offset: int) -> Program:
            return launch(
                [*command, f"--port={port}"],
                folder=folder,
                guardian=self._tenancy.guardian,
                user=who.switch,
                environment=self._environment(folder, offset, owner=who.switch),
            )

        def attempt(port: int) -> Running:
            self._program = launched(port, 0)
            return Running(
                host=self._host,
                port=port,
                admin_password=passwords[0],
                password=passwords[1],
                exchange=Exchange(here=exchange, there=str(exchange)),
            )

        self._launch = launched
        first = first_orders(admin_password=passwords[0], password=passwords[1])
        write_orders(orders, first, who=who)
        running = self._tenancy.listen(attempt)
        # The passwords are in no file from now on.
        write_orders(orders, ORDERS, who=who)
        return running

    def restart(self, offset: int) -> None:
        """Start it anew at the same place, with what it holds.

        Args:
            offset: Seconds that it is to add to the real time.

        Raises:
            EnvironmentNotAbleError: This machine has no library for it; nothing has changed.
            ServiceError: It does not start.
        """
        if offset:
            library()
        self._end(signal.SIGTERM)
        port = self._tenancy.port
        if self._launch is not None and port is not None:
            try:
                self._program = self._launch(port, offset)
            except AddressInUseError as error:
                raise ServiceError(
                    "MySQL cannot be started anew with another time",
                    cause=f"another process has taken its port {port} in between",
                    remedy="run again: another port is chosen then, unless one is set",
                ) from error

    def stop(self) -> None:
        """End the server and delete its data. Safe to call twice, or before start."""
        self._end()
        self._launch, self._shared = None, {}
        self._tenancy.end()

    def check(self) -> None:
        """Make sure that it still runs.

        Raises:
            ServiceError: It has ended, or did not start anew.
        """
        if self._program is None:
            raise ServiceError("MySQL is not running", remedy="see the error that came first")
        self._program.check()

    def _end(self, ending: int | None = None) -> None:
        program, self._program = self._program, None
        if program is not None:
            program.stop(ending=ending)

    def _environment(
        self, folder: Path, offset: int, *, owner: tuple[int, int] | None
    ) -> dict[str, str]:
        if not offset:
            return mysql_data.ENVIRONMENT
        if not self._shared:
            self._shared = shared(self._tenancy.guardian, owner=owner)
        more = variables(offset, file=library_in(folder))
        return mysql_data.ENVIRONMENT | more | self._shared
