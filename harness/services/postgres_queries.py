"""Statements of the harness's own in the pipelines' database, and why one was not carried out."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

import psycopg2

from harness.errors import InputError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from harness.services.postgres_access import Access
    from harness.services.postgres_server import Login

T = TypeVar("T")


class Queries:
    """Carries out statements as the pipelines' user.

    Args:
        access: The ways into the server.
        login: That user, and the database.
    """

    def __init__(self, access: Access, *, login: Login) -> None:
        self._access = access
        self._login = login

    def execute(self, sql: str) -> None:
        """Carry out statements and commit them.

        Raises:
            InputError: PostgreSQL did not accept them.
            ServiceError: The server does not run or does not answer.
        """
        with closing(self._access.connect(self._login)) as connection:
            connection.autocommit = True
            try:
                with connection.cursor() as cursor:
                    cursor.execute(sql)
            except psycopg2.Error as error:
                raise self._refused(sql, error) from error

    def query(self, sql: str) -> pa.Table:
        """Read the result of a query; for types see ``postgres_arrow.fetch``.

        Raises:
            InputError: PostgreSQL did not accept it.
            ServiceError: The server does not run or does not answer.
        """
        from adbc_driver_manager import Error  # noqa: PLC0415 - a stack starts before it reads

        from harness.services.postgres_arrow import fetch  # noqa: PLC0415

        self._access.check()
        try:
            return fetch(self._access.url(self._login, own=True), sql)
        except Error as error:
            raise self._refused(sql, error) from error

    def look(self, function: Callable[..., T], *arguments: object) -> T:
        """Look at the tables that there are.

        Args:
            function: Looks, given a connection and the arguments.
            arguments: Such as a table's name.

        Raises:
            ServiceError: A table is locked, or the server does not run or does not answer.
        """
        try:
            with closing(self._access.connect(self._login)) as connection:
                return function(connection, *arguments)
        except psycopg2.errors.LockNotAvailable as error:
            raise ServiceError(
                "a table in PostgreSQL cannot be read now",
                cause="a session still holds a lock on it, in a transaction that has not ended",
                evidence=[str(error).strip()],
                remedy="commit or roll back what the pipeline began, and close its connection",
            ) from error
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            raise self._access.lost(error) from error

    def _refused(self, statement: str, error: Exception) -> InputError:
        """The error for a statement that a server, which still answers, did not accept."""
        self._access.connect(self._login).close()
        return InputError(
            "PostgreSQL did not accept a statement of the test",
            cause=str(error).strip().splitlines()[0],
            evidence=[statement.strip()[:500]],
            remedy="correct the statement",
        )
