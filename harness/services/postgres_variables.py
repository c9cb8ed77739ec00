"""The names by which clients, Mage and the settings know a PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.services.postgres_server import VARIABLES

if TYPE_CHECKING:
    from harness.services.postgres_server import Login, Running


def environment(running: Running, *, login: Login) -> dict[str, str]:
    """The names that io_config.yaml, the official image and libpq use.

    Args:
        running: The server.
        login: Whom pipelines connect as, and where to.
    """
    port = str(running.port)
    return {
        "POSTGRES_HOST": running.host,
        "POSTGRES_PORT": port,
        "POSTGRES_USER": login.user,
        "POSTGRES_PASSWORD": login.password,
        "POSTGRES_DB": login.database,
        "POSTGRES_DBNAME": login.database,
        "PGHOST": running.host,
        "PGPORT": port,
        "PGUSER": login.user,
        "PGPASSWORD": login.password,
        "PGDATABASE": login.database,
        **{VARIABLES[name]: value for name, value in running.options.items() if name in VARIABLES},
    }


def overlay(running: Running, *, login: Login) -> dict[str, str]:
    """Mage's keys for PostgreSQL; the schema is the author's.

    Args:
        running: The server.
        login: Whom pipelines connect as, and where to.
    """
    return {
        "POSTGRES_HOST": running.host,
        "POSTGRES_PORT": str(running.port),
        "POSTGRES_USER": login.user,
        "POSTGRES_PASSWORD": login.password,
        "POSTGRES_DBNAME": login.database,
    }


def placeholders(running: Running, *, login: Login) -> dict[str, str]:
    """What ``{name}`` stands for in the settings of pipelines.

    Args:
        running: The server.
        login: Whom pipelines connect as, and where to.
    """
    return {
        "postgres_host": running.host,
        "postgres_port": str(running.port),
        "postgres_user": login.user,
        "postgres_password": login.password,
        "postgres_database": login.database,
    }
