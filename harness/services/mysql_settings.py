"""How a MySQL server is set up, whoever runs it: what it forgets quickly, and what it remembers."""

from __future__ import annotations

from harness.services.mysql_server import ADMIN, CHARSET, COLLATION, DATABASE, USER

HISTORY = 4_000
"""Statements whose errors and warnings are kept; how many failed is known beyond them."""

SETTINGS = {
    "character-set-server": CHARSET,
    "collation-server": COLLATION,
    "default-time-zone": "+00:00",
    "max-allowed-packet": "256M",
    "skip-name-resolve": "1",
    "skip-log-bin": "1",
    # It is thrown away: nothing is written to the disk before it has to be.
    "innodb-buffer-pool-size": "64M",
    "innodb-doublewrite": "0",
    "innodb-fast-shutdown": "2",
    "innodb-flush-log-at-trx-commit": "0",
    "innodb-flush-method": "nosync",
    "innodb-buffer-pool-dump-at-shutdown": "0",
    "innodb-buffer-pool-load-at-startup": "0",
    # Each session's statements, with its end.
    "general-log": "1",
    "log-output": "TABLE",
    # Which statements failed or were warned of, and how often a table was written to.
    "performance-schema": "1",
    "performance-schema-instrument": "%=OFF",
    "performance-schema-consumer-events-statements-current": "ON",
    "performance-schema-consumer-events-statements-history-long": "ON",
    "performance-schema-consumer-global-instrumentation": "ON",
    "performance-schema-consumer-thread-instrumentation": "ON",
    "performance-schema-events-statements-history-long-size": str(HISTORY),
    "performance-schema-max-digest-length": "0",
    "performance-schema-digests-size": "0",
}
INSTRUMENTS = ("statement/%=ON", "wait/io/table/sql/handler=ON")
"""What ``performance-schema-instrument`` says besides."""
_ACTORS = "performance_schema.setup_actors"
ORDERS = (
    f"DELETE FROM {_ACTORS}",  # noqa: S608
    f"INSERT INTO {_ACTORS} VALUES ('%', '%', '%', 'YES', 'YES')",  # noqa: S608
    f"INSERT INTO {_ACTORS} VALUES ('%', '{ADMIN}', '%', 'NO', 'NO')",  # noqa: S608
)
"""What the server carries out at each start: the harness's own statements are not its matter."""


def options(**more: str) -> list[str]:
    """The words of the command.

    Args:
        more: Further settings, with underscores.
    """
    given = SETTINGS | {name.replace("_", "-"): value for name, value in more.items()}
    said = [f"--{name}={value}" for name, value in given.items()]
    return [*said, *(f"--performance-schema-instrument={one}" for one in INSTRUMENTS)]


def first_orders(*, admin_password: str, password: str) -> tuple[str, ...]:
    """What a new server carries out before anybody can connect.

    Args:
        admin_password: For the harness's own user.
        password: For the pipelines' user.
    """
    return (
        "DROP USER IF EXISTS root@localhost, root@'127.0.0.1', root@'::1'",
        f"CREATE OR REPLACE USER {ADMIN}@'%' IDENTIFIED BY '{admin_password}'",
        f"GRANT ALL PRIVILEGES ON *.* TO {ADMIN}@'%' WITH GRANT OPTION",
        f"CREATE OR REPLACE USER {USER}@'%' IDENTIFIED BY '{password}'",
        f"GRANT ALL PRIVILEGES ON *.* TO {USER}@'%' WITH GRANT OPTION",
        f"CREATE DATABASE IF NOT EXISTS {DATABASE}",
        *ORDERS,
    )
