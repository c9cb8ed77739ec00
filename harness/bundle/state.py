"""What all services of a stack hold at one moment, as files, and back again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bundle import duckdb_files, mysql, postgres, seeds, views
from harness.seeds.plant import plant
from harness.seeds.reader import read_seeds

if TYPE_CHECKING:
    from pathlib import Path

    from harness.bundle.manifest import LeftOut
    from harness.services.stack import Stack

DATABASE, MYSQL, DUCKDB, SEEDS = "postgres", "mysql", "duckdb", "services"
VIEWS = "bigquery_views.json"


def keep_state(stack: Stack, folder: Path, *, limit: int) -> list[LeftOut]:
    """Write what the running services hold into files.

    Args:
        stack: The services.
        folder: The folder for them, which is made.
        limit: Bytes that one table or object may have to be kept whole.

    Returns:
        What is not there, or not whole.

    Raises:
        EnvironmentNotAbleError: A service cannot be read.
    """
    left = []
    for name in (DATABASE, SEEDS):
        (folder / name).mkdir(mode=0o700, parents=True)
    if "postgres" in stack.services:
        left += postgres.keep(stack.postgres, folder / DATABASE, limit=limit)
    if "mysql" in stack.services:
        (folder / MYSQL).mkdir(mode=0o700)
        left += mysql.keep(stack.mysql, folder / MYSQL, limit=limit)
    if "duckdb" in stack.services:
        (folder / DUCKDB).mkdir(mode=0o700)
        left += duckdb_files.keep(stack, folder / DUCKDB, limit=limit)
    found: dict[str, str] = {}
    left += seeds.keep(stack, folder / SEEDS, limit=limit, views=found)
    views.write(found, folder / VIEWS)
    return left


def bring_back_state(stack: Stack, folder: Path) -> None:
    """Put what files say into empty services.

    Args:
        stack: The services.
        folder: The files.

    Raises:
        InputError: A service does not take them.
        ServiceError: A service cannot be started.
    """
    if (folder / DATABASE).is_dir():
        postgres.bring_back(stack.postgres, folder / DATABASE)
    if (folder / MYSQL).is_dir():
        mysql.bring_back(stack.mysql, folder / MYSQL)
    if (folder / DUCKDB).is_dir():
        duckdb_files.bring_back(stack, folder / DUCKDB)
    plant(read_seeds(folder / SEEDS), stack)
    views.bring_back(stack, folder / VIEWS)
