"""A private MySQL in a container: MariaDB's server, its data in memory."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from harness.containers.spec import Mount, Spec
from harness.services.mysql import MySql
from harness.services.mysql_access import Access
from harness.services.mysql_client import require_client
from harness.services.mysql_server import Exchange, Running
from harness.services.mysql_settings import first_orders, options

if TYPE_CHECKING:
    from pathlib import Path

    from harness.containers.container import Container
    from harness.containers.world import World

IMAGE = "mariadb:10.11"
_PORT = 3306
_DATA = "/var/lib/mysql"
_EXCHANGE = "/mage-harness-exchange"
_ORDERS = "orders.sql"
_READY_EVERY = 0.05
# The image's own entry point would start a server, and one of its users' passwords, first.
_BEGIN = (
    f"mariadb-install-db --no-defaults --user=mysql --datadir={_DATA} --skip-test-db "
    "--auth-root-authentication-method=normal >&2 && "
    f'exec mariadbd --no-defaults --user=mysql --datadir={_DATA} "$@"'
)


class MySqlContainer(MySql):
    """MySQL in a container of its own.

    Args:
        world: Where the container runs.
        image: An official image of MariaDB, or one made from it.
        folder: The session's private folder, by which rows go in and out.
    """

    def __init__(self, world: World, *, image: str = IMAGE, folder: Path) -> None:
        super().__init__(ContainerServer(world, image=image, folder=folder))


class ContainerServer:
    """Runs the server in a container.

    Args:
        world: Where it runs.
        image: Its image.
        folder: The folder below which files are exchanged.
    """

    def __init__(self, world: World, *, image: str, folder: Path) -> None:
        self._world = world
        self._image = image
        self._folder = folder
        self._container: Container | None = None
        self._exchange: Path | None = None

    def start(self) -> Running:
        """Start the container and return when the server in it answers.

        Raises:
            ServiceError: It did not start; the message holds the end of its log.
            EnvironmentNotAbleError: The image cannot be had, or the engine's disk is full.
        """
        require_client()
        self._exchange = exchange = self._folder / f"mysql-{secrets.token_hex(4)}"
        exchange.mkdir()
        # The server's user is another here than in the container; the folder above is private.
        exchange.chmod(0o777)
        passwords = secrets.token_hex(16), secrets.token_hex(16)
        orders = first_orders(admin_password=passwords[0], password=passwords[1])
        first = exchange / _ORDERS
        first.write_text("".join(f"{order};\n" for order in orders))
        first.chmod(0o644)

        def where(container: Container) -> Running:
            host, port = container.address(_PORT)
            return Running(
                host=host,
                port=port,
                admin_password=passwords[0],
                password=passwords[1],
                exchange=Exchange(here=exchange, there=_EXCHANGE),
            )

        self._container = self._world.start(
            self._spec(exchange),
            ready=lambda container: Access(where(container), server=self).answers(),
            poll=_READY_EVERY,
        )
        first.unlink()
        return where(self._container)

    def stop(self) -> None:
        """Remove the container and what was exchanged. Safe to call twice, or before start."""
        container, self._container = self._container, None
        if container is not None:
            container.stop()
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            for file in exchange.iterdir():
                file.unlink(missing_ok=True)
            exchange.rmdir()

    def check(self) -> None:
        """Make sure that it still runs.

        Raises:
            ServiceError: It has ended, or the engine is gone.
        """
        if self._container is not None:
            self._container.check()

    def _spec(self, exchange: Path) -> Spec:
        said = options(
            port=str(_PORT),
            bind_address="0.0.0.0",  # noqa: S104 - of the container, on the session's own network
            secure_file_priv=_EXCHANGE,
            init_file=f"{_EXCHANGE}/{_ORDERS}",
        )
        return Spec(
            name="mysql",
            image=self._image,
            entrypoint=("bash", "-c", _BEGIN, "mariadbd"),
            command=tuple(said),
            mounts=(Mount(source=exchange, target=_EXCHANGE),),
            tmpfs={_DATA: "mode=1777"},
            ports=(_PORT,),
        )
