"""What it takes to have private services, set against a PostgreSQL made in the plain way."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psycopg2

from harness.bench.samples import Comparison, rounds, stopwatch
from harness.machine.guardian import Guardian
from harness.machine.program import Program
from harness.services.embedded.account import account, cache_for, private_folder
from harness.services.embedded.installation import find, placed
from harness.services.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harness.bench.samples import Task
    from harness.settings import Settings

NAMES = ("postgres", "gcs", "bigquery", "google", "http")
ALL = "all five services"
BARE = "plain `initdb` and `postgres`"
NEW = "new process"
AGAIN = "stop and start of all five"
RESET = "PostgreSQL's reset"
READY_GOALS = {"embedded": 1.0, "docker": 2.5}
"""Seconds within which all services of a provider are to be ready."""
RESET_GOAL = 0.025
"""Seconds that a test is to wait at the most for services that are as new."""
_CONTENT = "CREATE TABLE trips AS SELECT n FROM generate_series(1, 10000) n"
_ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}


def compare_stacks(
    settings: Settings, *, count: int, progress: Callable[[str], None]
) -> list[Comparison]:
    """The stack from nothing, each service alone, and a reset.

    Args:
        settings: The settings.
        count: Rounds that are counted.
        progress: Told in a line what is being done.
    """
    tasks = [bare(settings), lambda: {NEW: new_process(settings)}, whole(settings)]
    tasks += [alone(settings, name) for name in NAMES]
    values = rounds(tasks, count=count, progress=progress, doing="services")
    pairs = [
        (f"{ALL}, nothing to ready", ALL, BARE, READY_GOALS[settings.provider]),
        (f"{ALL}, in a new Python process", NEW, BARE, None),
        ("PostgreSQL alone", "postgres", BARE, None),
        *((f"{name} by itself", name, ALL, None) for name in NAMES),
        ("a new test: reset of all five, content in three", "reset", AGAIN, RESET_GOAL),
    ]
    return [
        Comparison(
            name=name, against=other, values=values[key], references=values[other], goal=goal
        )
        for name, key, other, goal in pairs
    ]


def bare(settings: Settings) -> Task:
    """A PostgreSQL that is made in the plain way, with no harness around it.

    Args:
        settings: The settings; the cache that they name has the programs.
    """
    who = account()
    programs = placed(find(), who=who, cache=cache_for(who, settings.cache)).bin
    user, group = who.switch or (None, None)

    def task() -> Mapping[str, float]:
        found: dict[str, float] = {}
        with Guardian() as guardian:
            folder = private_folder(who, prefix="mage-harness-bench-", guardian=guardian)
            data = folder / "data"
            server = Program(
                # A socket in a private folder: nobody else can reach it, so trust is enough.
                [programs / "postgres", "-D", data, "-c", "listen_addresses=", "-k", folder],
                name="PostgreSQL",
                log=folder / "server.log",
                guardian=guardian,
                environment=_ENVIRONMENT,
                ending=signal.SIGQUIT,
                user=who.switch,
            )
            with stopwatch(found, BARE):
                subprocess.run(
                    [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust"],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    check=True,
                    cwd="/",
                    env=_ENVIRONMENT,
                    user=user,
                    group=group,
                    extra_groups=None if user is None else [],
                )
                server.start(lambda: _answers(folder))
            server.stop()
            guardian.delete(folder)
        return found

    return task


def _answers(folder: Path) -> bool:
    try:
        psycopg2.connect(host=str(folder), user="postgres", dbname="postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


def whole(settings: Settings) -> Task:
    """All services from nothing to ready, a reset with content in them, and the same anew.

    Args:
        settings: The settings; their provider is measured.
    """

    def task() -> Mapping[str, float]:
        found: dict[str, float] = {}
        stack = Stack(settings)
        try:
            with stopwatch(found, ALL):
                stack.start()
                stack.postgres.connect().close()
            write_something(stack)
            with stopwatch(found, "reset"):
                stack.reset()
            with stopwatch(found, AGAIN):
                stack.stop()
                stack.start()
                stack.postgres.connect().close()
        finally:
            stack.stop()
        return found

    return task


def alone(settings: Settings, name: str) -> Task:
    """One service from nothing to ready, and of PostgreSQL the reset.

    Args:
        settings: The settings; their provider is measured.
        name: The service.
    """

    def task() -> Mapping[str, float]:
        found: dict[str, float] = {}
        with Stack(settings) as stack:
            if name == "bigquery":  # it needs this one
                stack.start(["gcs"])
            with stopwatch(found, name):
                stack.start([name])
                if name == "postgres":
                    stack.postgres.connect().close()
            if name == "postgres":
                stack.postgres.execute(_CONTENT)
                with stopwatch(found, RESET):
                    stack.postgres.reset()
        return found

    return task


def new_process(settings: Settings) -> float:
    """Seconds until a new Python process has all services of a provider.

    Args:
        settings: The settings; their provider is measured.

    Raises:
        RuntimeError: They do not start.
    """
    project = str(settings.project)
    command = [sys.executable, "-m", "harness.bench.cold_stack", settings.provider, project]
    began = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        _, out = process.stdin, process.stdout
        if out is None or out.readline().strip() != "ready":
            message = "the services did not start in a new process"
            raise RuntimeError(message)
        return time.perf_counter() - began


def write_something(stack: Stack) -> None:
    """Put some content into each service that holds content.

    Args:
        stack: The services.
    """
    stack.postgres.execute(_CONTENT)
    bucket = stack.gcs.client().create_bucket("benchmark")
    bucket.blob("trips").upload_from_string(bytes(1_000_000))
    client = stack.bigquery.client()
    client.create_dataset("benchmark")
    client.query_and_wait(
        "CREATE TABLE benchmark.trips AS SELECT n FROM UNNEST(GENERATE_ARRAY(1, 10000)) AS n"
    )
