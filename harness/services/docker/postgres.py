"""A private PostgreSQL in a container, its data in memory."""

from __future__ import annotations

import secrets
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2

from harness.containers.spec import Mount, Spec
from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.services.postgres import Postgres
from harness.services.postgres_access import parameters
from harness.services.postgres_server import ADMIN, Login, Running
from harness.services.postgres_settings import INITDB, LOCALES, LOG_FILE, SETTINGS

if TYPE_CHECKING:
    from pathlib import Path

    from harness.containers.container import Container
    from harness.containers.world import World

IMAGE = "postgres:16"
_PORT = 5432
# In place of the volumes that the image declares, before version 18 and since. PGDATA is named,
# because its default has changed too.
_DATA = "/var/lib/postgresql/data"
_MEMORY = ("/var/lib/postgresql", _DATA)
_LOGS = "/var/log/mage-harness"
_LOG_TAIL = 4_000
_READY_EVERY = 0.02
_TOO_OLD = '"jsonlog"'


class PostgresContainer(Postgres):
    """PostgreSQL in a container of its own.

    Args:
        world: Where the container runs.
        image: An official image of PostgreSQL 15 or newer, or one made from it.
        folder: The session's private folder, which takes the log.
    """

    def __init__(self, world: World, *, image: str = IMAGE, folder: Path) -> None:
        super().__init__(ContainerServer(world, image=image, folder=folder))


class ContainerServer:
    """Runs the server in a container.

    Args:
        world: Where it runs.
        image: Its image.
        folder: The folder below which the log is written.
    """

    def __init__(self, world: World, *, image: str, folder: Path) -> None:
        self._world = world
        self._image = image
        self._folder = folder
        self._container: Container | None = None
        self._logs: Path | None = None

    def start(self) -> Running:
        """Start the container and return when the server in it answers a query.

        Raises:
            ServiceError: It did not start; the message holds the end of its log.
            EnvironmentNotAbleError: The image cannot be had or is too old, or the engine's disk
                is full.
        """
        self._logs = logs = self._folder / f"postgres-{secrets.token_hex(4)}"
        logs.mkdir()
        # The server's user is another here than in the container; the folder above is private.
        logs.chmod(0o777)
        log = logs / LOG_FILE
        admin = Login(user=ADMIN, password=secrets.token_hex(16), database="postgres")

        def where(container: Container) -> Running:
            host, port = container.address(_PORT)
            return Running(host=host, port=port, admin=admin, log=log)

        spec = self._spec(logs, password=admin.password)
        try:
            self._container = self._world.start(
                spec, ready=lambda container: _answers(where(container)), poll=_READY_EVERY
            )
        except ServiceError as error:
            raise self._explained(error, log) from error
        return where(self._container)

    def stop(self) -> None:
        """Remove the container and its log. Safe to call twice, or before start."""
        container, self._container = self._container, None
        if container is not None:
            container.stop()
        logs, self._logs = self._logs, None
        if logs is not None:
            for file in logs.iterdir():
                file.unlink(missing_ok=True)
            logs.rmdir()

    def check(self) -> None:
        """Make sure that it still runs.

        Raises:
            ServiceError: It has ended, or the engine is gone.
        """
        if self._container is not None:
            self._container.check()

    def _spec(self, logs: Path, *, password: str) -> Spec:
        # 0666: the log is emptied by this process's user.
        settings = SETTINGS | {"log_directory": _LOGS, "log_file_mode": "0666"}
        options = (part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        return Spec(
            name="postgres",
            image=self._image,
            command=("postgres", *options),
            environment={
                "PGDATA": _DATA,
                # As the settings say; else initdb compares all zones that there are with the clock.
                "TZ": SETTINGS["timezone"],
                "POSTGRES_USER": ADMIN,
                "POSTGRES_PASSWORD": password,
                "POSTGRES_DB": "postgres",
                "POSTGRES_HOST_AUTH_METHOD": "scram-sha-256",
                "POSTGRES_INITDB_ARGS": " ".join([*INITDB, f"--locale={LOCALES[0]}"]),
            },
            mounts=(Mount(source=logs, target=_LOGS),),
            tmpfs=dict.fromkeys(_MEMORY, "mode=1777"),
            ports=(_PORT,),
        )

    def _explained(self, error: ServiceError, log: Path) -> EnvironmentNotAbleError:
        """The same error, with what the server wrote into its own log, or why it cannot be."""
        said = "\n".join(error.evidence)
        if _TOO_OLD in said:
            return EnvironmentNotAbleError(
                f"the image {self._image} holds a PostgreSQL that is too old",
                cause="it cannot write its log as JSON, by which sessions are judged; that is "
                "known from version 15 on",
                evidence=error.evidence,
                remedy="name a newer one by `images` in [tool.mage-harness], such as "
                f'postgres = "{IMAGE}"',
            )
        tail = log.read_text("utf-8", "replace")[-_LOG_TAIL:] if log.exists() else ""
        return ServiceError(
            error.symptom,
            cause=error.cause,
            evidence=[*error.evidence, *tail.splitlines()[-10:]],
            remedy=error.remedy,
        )


def _answers(running: Running) -> bool:
    """Whether it answers a query; the server that only makes the database listens nowhere."""
    try:
        with (
            closing(psycopg2.connect(**parameters(running, running.admin))) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except psycopg2.OperationalError:
        return False
