"""What a service that pipelines talk to must offer, whoever provides it.

A provider (embedded, docker) or an address (given) stands behind it. The expectations and the
reports know only this protocol.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa
    from pyarrow import fs as pafs

    from harness.clock.clock import Clock


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a sink.

    Attributes:
        name: The column's name.
        type: The type in the service's own terms: ``timestamp without time zone`` in PostgreSQL,
            ``TIMESTAMP`` in BigQuery, ``timestamp[us]`` (Arrow's term) in an object.
        nullable: Whether the service accepts a null.
    """

    name: str
    type: str
    nullable: bool = True


@dataclass(frozen=True, kw_only=True)
class Sink:
    """Something that a pipeline wrote: a table, an object or a partitioned dataset.

    Attributes:
        service: The service's name, such as ``postgres``.
        name: ``schema.table``, ``bucket/object``, ``bucket/folder/`` or ``dataset.table``.
        rows: Number of rows, or None where the content is not tabular.
        columns: The columns in order; empty where the content is not tabular.
        version: Changes whenever the content is written again.
    """

    service: str
    name: str
    rows: int | None
    columns: tuple[Column, ...] = ()
    version: str = ""


@dataclass(frozen=True, kw_only=True)
class Incident:
    """Something that went wrong at a service, whether or not the pipeline noticed.

    Attributes:
        at: Seconds since the epoch.
        service: The service's name.
        code: A stable short name, for example ``bigquery-job-failed``.
        message: What happened, in the service's words.
        detail: The statement, URL or object concerned.
        raises: Names of the exceptions that a client raises for just this, such as
            ``DuplicateTable`` or ``NotFound``; a block that catches one by name reckons with it.
        remedy: What to do about it; ``PIPELINE`` stands for the name of the pipeline.
    """

    at: float
    service: str
    code: str
    message: str
    detail: str = ""
    raises: tuple[str, ...] = ()
    remedy: str = ""


@runtime_checkable
class Listening(Protocol):
    """A service that others connect to."""

    @property
    def listens_at(self) -> tuple[str, int]:
        """Its host and port."""


class Objects(Protocol):
    """A service that holds objects in buckets."""

    def filesystem(self) -> pafs.FileSystem:
        """The file system of pyarrow for it; a path begins with the bucket."""


@runtime_checkable
class Timed(Protocol):
    """A service that can give another time than the real one."""

    def keep_time(self, clock: Clock) -> None:
        """Give the time of a clock from now on.

        Args:
            clock: The clock of the stack. What a session that is open takes for the time is not
                said: the service may end it.

        Raises:
            EnvironmentNotAbleError: It cannot, on this machine.
            ServiceError: It does not come back.
        """


@runtime_checkable
class Looking(Protocol):
    """A service that is nothing but files of a run."""

    def look_at(self, project: Path, shown: Sequence[tuple[str, str]]) -> None:
        """From now on look at the files of another run.

        Args:
            project: Its copy of the project.
            shown: Files and folders of this machine, each with the path that it is seen at.
        """


@runtime_checkable
class Telling(Protocol):
    """A service that does something for a pipeline that its source does not say."""

    def told(self, since: float) -> Sequence[str]:
        """What it did since a time, a line for the reader of a run each.

        Args:
            since: Seconds since the epoch.
        """


@runtime_checkable
class Service(Protocol):
    """One private, disposable service."""

    name: str

    @property
    def notes(self) -> tuple[str, ...]:
        """What cannot be seen or undone there; told when it has started."""

    def start(self) -> None:
        """Start and return when the service answers.

        Raises:
            ServiceError: It did not start; the message holds the end of its log.
        """

    def stop(self) -> None:
        """End the service and remove what it kept. Safe to call twice, or before start."""

    def reset(self) -> None:
        """Forget all content, as for a new test, without a restart where that is possible."""

    def environment(self) -> Mapping[str, str]:
        """Variables that lead a client in Mage's process to this service."""

    def values(self) -> Mapping[str, str]:
        """What ``{name}`` stands for in ``settings.env``."""

    def overlay(self) -> Mapping[str, str]:
        """Keys of io_config.yaml, with the values that lead to this service."""

    def inventory(self) -> Sequence[Sink]:
        """What the service holds now, sorted by name; without the service's own tables."""

    def describe(self, name: str) -> Sink:
        """One sink by its name.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """

    def read(self, name: str) -> pa.Table:
        """All rows of one sink as an Arrow table; hive partition keys are columns.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """

    def partitions(self, name: str) -> Mapping[str, int]:
        """Rows in each partition of a sink, by partition id.

        The ids are the service's own: ``tpep_pickup_date=2021-01-31`` for a hive-partitioned
        dataset in GCS, ``20210131`` in BigQuery. Empty where the sink is not partitioned.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """

    def incidents(self, since: float) -> Sequence[Incident]:
        """What went wrong from ``since`` (seconds since the epoch) on, in order of time."""
