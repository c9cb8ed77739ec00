"""A run through the harness beside the bare ``mage run``, and a warm run beside a cold one."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from harness.bench.own import settings_of
from harness.bench.samples import Comparison, rounds, stopwatch
from harness.bench.trivial import PIPELINE, trivial_project
from harness.errors import CheckFailedError
from harness.project.workspace import create_workspace
from harness.running.asked import Asked
from harness.running.child_environment import filled, read_env_file
from harness.running.session import Session
from harness.services.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from harness.bench.samples import Task
    from harness.settings import Settings

WARM_GOAL = 0.12
"""Seconds that a warm run of a trivial pipeline is to take at the most, with its verdict."""
PLAIN = "plain `mage run`"
_PAUSE = 1.0
"""Seconds from a run to the next one that a person waits at the least, and for which it begins."""


def compare_runs(
    settings: Settings,
    pipelines: Sequence[str],
    *,
    count: int,
    progress: Callable[[str], None],
) -> list[Comparison]:
    """Each pipeline through the harness and without, in private services.

    Args:
        settings: Those of the project.
        pipelines: By uuid; none may need another.
        count: Rounds that are counted.
        progress: Told in a line what is being done.
    """
    found = []
    with Stack(settings) as stack, Session(settings, stack=stack, progress=progress) as session:
        for pipeline in pipelines:
            tasks = [through(session, pipeline), plain(session, pipeline)]
            values = rounds(tasks, count=count, progress=progress, doing=pipeline)
            pairs = (
                ("a run", "harness", PLAIN, "plain", "s"),
                ("a run, processor time", "harness cpu", PLAIN, "plain cpu", "s"),
                ("a run", "harness", "Mage's process in it", "process", "s"),
            )
            found += [
                Comparison(
                    name=f"{pipeline}: {name}",
                    against=against,
                    values=values[key],
                    references=values[other],
                    unit=unit,
                )
                for name, key, against, other, unit in pairs
            ]
    return found


def compare_warm(
    settings: Settings, *, count: int, progress: Callable[[str], None]
) -> list[Comparison]:
    """Warm runs of a trivial pipeline beside a cold one.

    Args:
        settings: Those of the project; its Mage is taken.
        count: Rounds that are counted.
        progress: Told in a line what is being done.
    """
    with tempfile.TemporaryDirectory(prefix="mage-harness-bench-") as name:
        of_trivial = settings_of(trivial_project(Path(name)), settings)
        warm = of_trivial.model_copy(update={"runner": "warm"})
        cold = of_trivial.model_copy(update={"runner": "cold"})
        # Each with services of its own: what one empties is not the other's.
        with (
            Session(warm, progress=progress) as begun,
            Session(warm, progress=progress) as forked,
            Session(cold, progress=progress) as other,
        ):
            begun.expecting = True
            tasks = [
                named("begun", after(_PAUSE, through(begun, PIPELINE))),
                named("forked", through(forked, PIPELINE)),
                named("cold", through(other, PIPELINE)),
            ]
            values = rounds(tasks, count=count, progress=progress, doing="warm runs")
    return [
        Comparison(
            name=name,
            against="a cold one",
            values=values[f"{key} harness"],
            references=values["cold harness"],
            goal=goal,
        )
        for name, key, goal in (
            ("a warm run that had begun, three trivial blocks", "begun", WARM_GOAL),
            ("a warm run at once after another", "forked", None),
        )
    ]


def after(seconds: float, task: Task) -> Task:
    """A task that begins after a pause, which is no part of what it measures.

    Args:
        seconds: How long.
        task: The task.
    """

    def paused() -> Mapping[str, float]:
        time.sleep(seconds)
        return task()

    return paused


def named(prefix: str, task: Task) -> Task:
    """A task whose values have a word before their names.

    Args:
        prefix: The word.
        task: The task.
    """
    return lambda: {f"{prefix} {name}": value for name, value in task().items()}


@contextmanager
def processor(
    found: dict[str, float], name: str, *, apart: Callable[[], float] = lambda: 0.0
) -> Iterator[None]:
    """Put the processor time that the block takes into ``found``, in seconds.

    It counts this process and children that ended, so Mage but no service. Whoever else keeps the
    processors busy has little part in it.

    Args:
        found: Where it goes.
        name: Its name there.
        apart: Seconds so far, of this process, that do not count: what another measurement takes.
    """

    def used() -> float:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + ended.ru_utime + ended.ru_stime - apart()

    before = used()
    yield
    found[name] = used() - before


def through(session: Session, pipeline: str) -> Task:
    """A run as ``mage-harness run`` does it, and how much of it Mage's process takes.

    Args:
        session: Where.
        pipeline: The pipeline's uuid.
    """

    def task() -> Mapping[str, float]:
        found: dict[str, float] = {}
        session.reset()
        with stopwatch(found, "harness"), processor(found, "harness cpu"):
            # With inventory, as `mage-harness run` does.
            run = session.run(pipeline, asked=Asked(inventory=True))
        run.require_success()
        return {**found, "process": run.process.seconds}

    return task


def plain(
    session: Session,
    pipeline: str,
    *,
    reset: bool = True,
    apart: Callable[[], float] = lambda: 0.0,
) -> Task:
    """The same command with the same variables and services, without tap, guardian and judges.

    In Mage's container it is started by ``docker exec``.

    Args:
        session: Where.
        pipeline: The pipeline's uuid.
        reset: Whether the services are emptied before.
        apart: As ``processor`` has it.
    """

    def task() -> Mapping[str, float]:
        found: dict[str, float] = {}
        mage = session.runner.command()
        session.stack.start()
        if reset:
            session.reset()
        session.plant()
        folder = Path(tempfile.mkdtemp(dir=session.stack.folder))
        space = create_workspace(session.project, folder=folder, overlay=session.stack.overlay())
        settings = session.settings
        env = {
            **(read_env_file(settings.env_file) if settings.env_file else {}),
            **filled(settings.env, session.stack.values()),
            **session.runner.environment(space),
            **session.stack.environment(),
        }
        del env["PYTHONPATH"]
        command = [*mage, "run", str(space.path), pipeline, "--test"]
        if session.settings.provider == "docker":
            command, env = _executed(session, command, folder=space.path, env=env), {**os.environ}
        with (
            (space.logs / "output.txt").open("wb") as output,
            stopwatch(found, "plain"),
            processor(found, "plain cpu", apart=apart),
        ):
            done = subprocess.run(
                command,
                cwd=space.path,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
            )
        if done.returncode:
            raise CheckFailedError(
                f"the bare `mage run` of {pipeline} ended with status {done.returncode}",
                evidence=(space.logs / "output.txt")
                .read_text("utf-8", "replace")
                .splitlines()[-5:],
                remedy=f"see that it passes first: mage-harness run {pipeline}",
            )
        return found

    return task


def _executed(
    session: Session, command: list[str], *, folder: Path, env: Mapping[str, str]
) -> list[str]:
    given = [part for name, value in env.items() for part in ("--env", f"{name}={value}")]
    return ["docker", "exec", *given, "--workdir", str(folder), session.stack.mage.id, *command]
