"""A private PostgreSQL from a wheel's programs, on a port of its own."""

from __future__ import annotations

import secrets
import signal
import time
from contextlib import closing
from typing import TYPE_CHECKING

from harness.clock.preload import keeps, library, library_in, variables
from harness.clock.sharing import shared
from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.machine.ports import HOST
from harness.machine.tenancy import AddressInUseError, Tenancy
from harness.services.embedded import cluster
from harness.services.embedded.account import account, cache_for, private_folder
from harness.services.embedded.installation import find, placed
from harness.services.embedded.launch import launch
from harness.services.postgres import Postgres
from harness.services.postgres_server import ADMIN, Login, Running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.clock.clock import Clock
    from harness.machine.guardian import Guardian
    from harness.machine.program import Program

_ENDED = "database system is shut down"


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
        self._program = PostgresProgram(
            cache=cache, guardian=guardian, port=port, bin_folder=bin_folder
        )
        super().__init__(self._program)

    def keep_time(self, clock: Clock) -> None:
        """Give the time of a clock from now on; where that is another one, all sessions end.

        Raises:
            EnvironmentNotAbleError: This machine has no library for it, or none that works.
            ServiceError: The server does not start anew.
        """
        if clock.offset == self._program.offset:
            return
        # One that did not start anew has no sessions, and takes no mark.
        log = self._log if self._program.offset is None else self._settled()
        self._program.restart(clock.offset)
        if log is not None:
            # The last that was written by the old time.
            log.read_to(_ENDED)
        self._prove(clock.offset)
        if log is not None:
            log.offset = clock.offset

    def _prove(self, offset: int) -> None:
        """Make sure that the server takes the time that it is given."""
        began = time.time()
        with closing(self._up().admin()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
            ((found,),) = cursor.fetchall()
        if not keeps(found, offset=offset, began=began):
            self._program.restart(0)
            raise EnvironmentNotAbleError(
                "PostgreSQL does not take the time that it is given",
                cause="it does not start with the library, which is made for glibc on x86_64",
                evidence=[f"it is {found - time.time():.0f} s off, and was to be {offset} s"],
                remedy="leave `at` out to run with the real time",
            )


class PostgresProgram:
    """One server process on a copy of an initialised data directory.

    Args:
        cache: The folder for what is kept between runs.
        guardian: Who clears up when the harness cannot; one of its own if not given.
        port: A fixed port, or None for a free one.
        bin_folder: The folder with ``postgres`` and ``initdb``, instead of the wheel's.

    Attributes:
        offset: Seconds that it adds to the real time; None where it did not start anew.
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
        self._launch: Callable[[int, int], Program] | None = None
        self._owner: tuple[int, int] | None = None
        self._shared: dict[str, str] = {}
        self.offset: int | None = 0

    def start(self) -> Running:
        """Copy the initialised directory, give it a new password and start the server on it.

        Raises:
            ServiceError: It did not start.
            EnvironmentNotAbleError: The disk is full, the fixed port is taken, or this machine
                has no PostgreSQL or no user to run it as.
        """
        who = account()
        self._owner = who.switch
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

        def launched(port: int, offset: int) -> Program:
            return launch(
                installation.bin / "postgres",
                data,
                port=port,
                guardian=self._tenancy.guardian,
                user=who.switch,
                environment=self._environment(folder, offset),
            )

        def attempt(port: int) -> Running:
            self._program = launched(port, 0)
            admin = Login(user=ADMIN, password=password, database="postgres")
            return Running(host=HOST, port=port, admin=admin, log=data / cluster.LOG)

        self._launch = launched
        return self._tenancy.listen(attempt)

    def restart(self, offset: int) -> None:
        """Start it anew at the same place, with what it holds.

        Args:
            offset: Seconds that it is to add to the real time.

        Raises:
            EnvironmentNotAbleError: This machine has no library for it; nothing has changed.
            ServiceError: It does not start; to try again is safe.
        """
        if offset:
            library()
        self.offset = None
        # A fast shutdown: what was committed is on the disk, as after the end of a day.
        self._end(signal.SIGINT)
        port = self._tenancy.port
        if self._launch is not None and port is not None:
            try:
                self._program = self._launch(port, offset)
            except AddressInUseError as error:
                raise ServiceError(
                    "PostgreSQL cannot be started anew with another time",
                    cause=f"another process has taken its port {HOST}:{port} in between",
                    remedy="run again: another port is chosen then, unless one is set; end what "
                    "listens on that one, or set another in [tool.mage-harness.ports]",
                ) from error
        self.offset = offset

    def stop(self) -> None:
        """End the server and delete its data. Safe to call twice, or before start."""
        self._end()
        self.offset = 0
        self._launch, self._shared = None, {}
        self._tenancy.end()

    def _end(self, ending: int | None = None) -> None:
        program, self._program = self._program, None
        if program is not None:
            program.stop(ending=ending)

    def _environment(self, folder: Path, offset: int) -> dict[str, str]:
        if not offset:
            return cluster.ENVIRONMENT
        if not self._shared:
            self._shared = shared(self._tenancy.guardian, owner=self._owner)
        more = variables(offset, file=library_in(folder))
        return cluster.ENVIRONMENT | more | self._shared

    def check(self) -> None:
        """Make sure that it still runs.

        Raises:
            ServiceError: It has ended, or did not start anew.
        """
        if self.offset is None:
            raise ServiceError(
                "PostgreSQL is not running",
                cause="it could not be started anew with another time",
                remedy="see the error that came first",
            )
        if self._program is not None:
            self._program.check()
