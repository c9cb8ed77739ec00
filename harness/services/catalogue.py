"""The services that pipelines leave data in: one entry each.

What seeds, expectations, contracts and reports know of a service besides the protocol stands here,
so that a further one is an entry, its module and its builder.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SERVERS = (
    *("/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/bin", "/usr/local/bin"),
    *("/opt/homebrew/opt/mariadb/bin", "/usr/local/opt/mariadb/bin", "/usr/local/mysql/bin"),
)
"""Folders in which systems put servers, on the PATH or not."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What is known of a service before it runs.

    Attributes:
        name: Its name in settings, contracts, seeds and reports.
        title: What it is called in sentences.
        call: The expectation that looks at one of its sinks: ``table`` of ``expect.table``.
        outer: What its sinks are in: a ``schema``, a ``database``, a ``dataset``, a ``bucket`` or
            a ``file``.
        further: Whether it starts only where a pipeline, a seed or a test asks for it.
        clients: Packages whose import by a pipeline asks for it, where it is installed.
        modules: Modules of an extra that it is made of.
        programs: Programs of this machine, one of which it needs.
        seeded: Whether seeds are put into it.
        timed: Whether it tells times, so that the world's clock concerns it.
    """

    name: str
    title: str
    call: str
    outer: str
    further: bool = False
    clients: frozenset[str] = frozenset()
    modules: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    seeded: bool = True
    timed: bool = True

    @property
    def holds_objects(self) -> bool:
        """Whether its sinks are objects in buckets, and no tables."""
        return self.outer == "bucket"

    @property
    def lacking(self) -> list[str]:
        """What of its modules and programs is not installed."""
        modules = [name for name in self.modules if importlib.util.find_spec(name) is None]
        path = os.pathsep.join([os.environ.get("PATH", os.defpath), *SERVERS])
        there = not self.programs or any(shutil.which(name, path=path) for name in self.programs)
        return modules if there else [*modules, self.programs[0]]

    def parts(self, name: str) -> tuple[str, ...]:
        """What the expectation is given for one of its sinks.

        Args:
            name: The sink's name.
        """
        if self.holds_objects:
            bucket, _, path = name.partition("/")
            return bucket, path
        if self.outer == "file":
            file, _, table = name.rpartition(":")
            return file, table
        return (name,)

    def label(self, name: str) -> str:
        """What a message calls one of its sinks.

        Args:
            name: The sink's name.
        """
        thing = "table"
        if self.holds_objects:
            thing = "dataset" if name.endswith("/") else "object"
        return f"{self.title} {thing} {name}"


KINDS = (
    Kind(name="postgres", title="Postgres", call="table", outer="schema"),
    Kind(name="gcs", title="GCS", call="objects", outer="bucket"),
    Kind(name="bigquery", title="BigQuery", call="bigquery", outer="dataset"),
    Kind(
        name="s3",
        title="S3",
        call="s3",
        outer="bucket",
        further=True,
        clients=frozenset(
            ("boto3", "botocore", "aiobotocore", "aioboto3", "s3fs", "awswrangler", "minio")
        ),
        modules=("moto", "flask", "flask_cors", "boto3"),
    ),
    Kind(
        name="mysql",
        title="MySQL",
        call="mysql",
        outer="database",
        further=True,
        clients=frozenset(("pymysql", "MySQLdb", "mysql", "mariadb", "aiomysql", "asyncmy")),
        modules=("pymysql",),
        programs=("mariadbd", "mysqld"),
    ),
    Kind(
        name="duckdb",
        title="DuckDB",
        call="duckdb",
        outer="file",
        further=True,
        clients=frozenset(("duckdb", "duckdb_engine")),
        seeded=False,
        timed=False,
    ),
)
"""In the order of reports."""
BY_NAME = {kind.name: kind for kind in KINDS}
NAMES = tuple(BY_NAME)
SEEDED = tuple(kind.name for kind in KINDS if kind.seeded)
FURTHER = tuple(kind.name for kind in KINDS if kind.further)
WITHOUT_PORTS = frozenset(kind.name for kind in KINDS if kind.outer == "file")
TIMED = frozenset(kind.name for kind in KINDS if kind.timed)


def further_of(placeholder: str) -> str:
    """The further service that tells what a placeholder of the settings stands for; else nothing.

    Args:
        placeholder: What stands in braces, such as ``s3_endpoint``.
    """
    return next((name for name in FURTHER if placeholder.startswith(f"{name}_")), "")


def asked_for(*, services: Iterable[str], packages: Iterable[str]) -> tuple[str, ...]:
    """The further services that something asks for.

    Args:
        services: Services by name, as the source of a pipeline says.
        packages: Packages that it imports.
    """
    named, imported = set(services), set(packages)
    return tuple(
        kind.name
        for kind in KINDS
        if kind.further
        # A client may be imported for something else, and for nothing.
        and (kind.name in named or (kind.clients & imported and not kind.lacking))
    )
