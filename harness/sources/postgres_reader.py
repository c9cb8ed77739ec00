"""A PostgreSQL that is read from: opened so that nothing in it can be changed."""

from __future__ import annotations

from contextlib import ExitStack, closing, suppress
from typing import TYPE_CHECKING, Any

from harness.errors import ServiceError
from harness.services.postgres_access import Access
from harness.services.postgres_server import Running
from harness.sources import postgres_catalog as catalog

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Cursor

    from harness.services.given.postgres_url import Address
    from harness.services.postgres_server import Server
    from harness.sources.postgres_catalog import Reference, Relation

# All tables are of one moment, and the session may wait for the pipeline.
_BEGIN = (
    "SET idle_in_transaction_session_timeout = 0; SET statement_timeout = {milliseconds}",
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
)
_LONGEST = 2**31 - 1
"""Milliseconds that PostgreSQL can count."""


class Reader:
    """One session of a PostgreSQL, in a transaction that reads only.

    Args:
        address: Where it is.
        server: Says how this machine connects.
        seconds: How long a statement may take.
    """

    def __init__(self, address: Address, *, server: Server, seconds: float) -> None:
        self._address = address
        self._server = server
        self._milliseconds = min(int(seconds * 1000) + 1, _LONGEST)
        self._closing = ExitStack()
        self.cursor: Cursor

    @property
    def shown(self) -> str:
        """The address as it may be shown."""
        address = self._address
        return f"postgresql://{address.host}:{address.port}/{address.login.database}"

    def open(self) -> tuple[list[Relation], list[Reference]]:
        """Connect, begin, and say what there is.

        Returns:
            The relations, and which of them refer to which.

        Raises:
            ServiceError: It cannot be reached or read.
        """
        from adbc_driver_manager import Error  # noqa: PLC0415
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415

        address = self._address
        running = Running(
            host=address.host, port=address.port, admin=address.login, options=address.options
        )
        url = Access(running, server=self._server).url(address.login, own=True)
        try:
            connection = self._closing.enter_context(closing(dbapi.connect(url, autocommit=True)))
            self.cursor = self._closing.enter_context(closing(connection.cursor()))
            for statement in (*_BEGIN, catalog.SESSION):
                self._say(statement.format(milliseconds=self._milliseconds))
            return catalog.relations(self.rows), catalog.references(self.rows)
        except Error as error:
            self.close()
            raise ServiceError(
                "the PostgreSQL to record from cannot be read",
                # Only the first line: what follows may be a statement.
                cause=str(error).splitlines()[0].replace(address.login.password or "\0", "***"),
                evidence=[f"asked: {self.shown}"],
                remedy="correct --postgres, or give its user the right to read",
            ) from error

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows that a query gives.

        Args:
            query: The query.
        """
        self.cursor.execute(query)
        rows: list[dict[str, Any]] = self.cursor.fetch_arrow_table().to_pylist()
        return rows

    def cancel(self) -> None:
        """Call off what is asked at this moment, from another thread."""
        from adbc_driver_manager import Error  # noqa: PLC0415

        with suppress(Error):
            self.cursor.adbc_cancel()

    def close(self) -> None:
        """End the session."""
        self._closing.close()

    def _say(self, statements: str) -> None:
        for statement in statements.split("; "):
            self.cursor.execute(statement)
