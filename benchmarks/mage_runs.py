"""What a run costs more than the bare ``mage run``."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from samples import Comparison, rounds, stopwatch

from harness.project.workspace import create_workspace
from harness.running.asked import Asked
from harness.running.child_environment import filled, read_env_file
from harness.running.session import Session
from harness.services.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from samples import Task

    from harness.settings import Settings

ROOT = Path(__file__).parent.parent
TRIVIAL = ROOT / "tests" / "projects" / "success"


def compare_runs(
    settings: Settings, *, count: int, progress: Callable[[str], None]
) -> list[Comparison]:
    """A trivial pipeline and the taxi pipeline, through the harness and without.

    Args:
        settings: Those of the taxi project.
        count: Rounds that are counted.
        progress: Told in a line what is being done.
    """
    # With the taxi project's requirements both run in the same environment.
    trivial = settings.model_copy(
        update={"project": TRIVIAL, "requirements": settings.project / "requirements.txt"}
    )
    found = []
    with Stack(settings) as stack:
        for pipeline, label, chosen in (
            ("success", "three trivial blocks", trivial),
            ("api_to_postgres", "api_to_postgres, 10,000 rows", settings),
        ):
            session = Session(chosen, stack=stack, progress=progress)
            tasks = [through(session, pipeline), plain(session, pipeline)]
            values = rounds(tasks, count=count, progress=progress, doing=label)
            pairs = (
                ("Session.run", "harness", "plain `mage run`", "plain", "s"),
                ("Session.run, processor", "harness cpu", "plain `mage run`", "plain cpu", "CPU s"),
                ("Session.run", "harness", "Mage's process in it", "process", "s"),
            )
            found += [
                Comparison(
                    name=f"{label}: {name}",
                    against=against,
                    values=values[key],
                    references=values[other],
                    unit=unit,
                )
                for name, key, against, other, unit in pairs
            ]
    return found


@contextmanager
def _processor(found: dict[str, float], name: str) -> Iterator[None]:
    """Put the processor time that the block takes into ``found``, in seconds.

    It counts this process and children that ended, so Mage but no service. Whoever else keeps the
    processors busy has little part in it.
    """

    def used() -> float:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + ended.ru_utime + ended.ru_stime

    before = used()
    yield
    found[name] = used() - before


def through(session: Session, pipeline: str) -> Task:
    """A run as ``mage-harness run`` does it, and how much of it Mage's process takes."""

    def task() -> Mapping[str, float]:
        found: dict[str, float] = {}
        session.reset()
        with stopwatch(found, "harness"), _processor(found, "harness cpu"):
            # With inventory, as `mage-harness run` does.
            run = session.run(pipeline, asked=Asked(inventory=True))
        run.require_success()
        return {**found, "process": run.process.seconds}

    return task


def plain(session: Session, pipeline: str) -> Task:
    """The same command with the same variables and services, without tap, guardian and judges.

    In Mage's container it is started by ``docker exec``.
    """

    def task() -> Mapping[str, float]:
        found: dict[str, float] = {}
        mage = session.runner.command()
        session.stack.start()
        session.reset()
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
            _processor(found, "plain cpu"),
        ):
            subprocess.run(
                command,
                cwd=space.path,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=True,
            )
        return found

    return task


def _executed(
    session: Session, command: list[str], *, folder: Path, env: Mapping[str, str]
) -> list[str]:
    given = [part for name, value in env.items() for part in ("--env", f"{name}={value}")]
    return ["docker", "exec", *given, "--workdir", str(folder), session.stack.mage.id, *command]
