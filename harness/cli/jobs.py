"""``--jobs``: pipelines side by side, each group that belongs together in a world of its own."""

from __future__ import annotations

import queue
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.output import Output
from harness.cli.suite import run_all
from harness.errors import InputError
from harness.report.model import RunReport
from harness.report.terminal import RunProgress
from harness.running.session import Session
from harness.running.variables import known_to
from harness.up.keeping import require_terminal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.bundle.bundles import Bundles
    from harness.cli.faults import Declared
    from harness.cli.page import CommandPage
    from harness.contracts.holding import Contracts
    from harness.settings import Settings

JobsOption = Annotated[
    int,
    typer.Option(
        min=1,
        metavar="N",
        help="Run up to N pipelines at a time, each with those that it needs in a private world "
        "of its own. Default: 1, all in one world.",
    ),
]
_SHARED = ("gcs", "bigquery", "real_google")


@dataclass(frozen=True, kw_only=True)
class Work:
    """What is asked of all runs of a command.

    Attributes:
        variables: Runtime variables; each pipeline gets those that it knows.
        entry: By which entry all run; None for what each needs.
        contracts: What the runs are held to, for the first session; None for nothing.
        page: What takes the runs for ``--report``; None for nothing.
        bundles: What makes bundles of the runs; None for none.
        faults: The trouble that they meet; None for none.
    """

    variables: Mapping[str, Any]
    entry: str | None
    contracts: Contracts | None
    page: CommandPage | None = None
    bundles: Bundles | None = None
    faults: Declared | None = None

    def run(self, session: Session, steps: Sequence[str], progress: RunProgress) -> RunReport:
        """Run pipelines, one after the other.

        Args:
            session: Where.
            steps: Pipelines by uuid, needs before those that need them.
            progress: Shown what goes on.
        """
        project = session.project
        # Those of pipelines that run elsewhere, or need not run, are known to none of these.
        mine: dict[str, Any] = {}
        for uuid in steps:
            mine |= known_to(self.variables, project=project, pipeline=project.pipeline(uuid))
        with nullcontext() if self.faults is None else self.faults.around(session):
            return run_all(
                session,
                steps,
                variables=mine,
                progress=progress,
                entry=self.entry,
                contracts=self.contracts and self.contracts.beside(session),
                page=self.page,
                bundles=self.bundles,
            )


def check_jobs(settings: Settings, jobs: int, *, keep: bool = False) -> None:
    """Refuse what several private worlds cannot share, and to wait for nobody.

    Args:
        settings: How pipelines are run.
        jobs: How many worlds there may be.
        keep: Whether the services stay after a failure.

    Raises:
        InputError: A port is fixed, a service that is there already is used, or the services are
            to stay and there are several worlds, or no terminal.
    """
    if keep:
        require_terminal()
    shared = [f"--{name.replace('_', '-')}" for name in _SHARED if getattr(settings, name)]
    shared += ["--port"] if settings.ports else []
    shared += ["--keep"] if keep else []
    if jobs > 1 and shared:
        raise InputError(
            f"--jobs {jobs} and {shared[0]} exclude each other",
            cause="each job has services of its own",
            remedy=f"leave out {shared[0]}, or run with --jobs 1",
        )


def groups(steps: Sequence[str], needs: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Pipelines that belong together, since one needs the other; in order, within and without.

    Args:
        steps: Pipelines by uuid, needs before those that need them.
        needs: For a pipeline, those that must have run before it.
    """
    found: list[list[str]] = []
    for uuid in steps:
        wanted = set(needs.get(uuid, ()))
        mine = [group for group in found if wanted & set(group)]
        joined = [one for group in mine for one in group]
        found = [group for group in found if group not in mine]
        found.append([*joined, uuid])
    place = {uuid: at for at, uuid in enumerate(steps)}
    ordered = [sorted(group, key=place.__getitem__) for group in found]
    return sorted(ordered, key=lambda group: place[group[0]])


def run_in_worlds(
    session: Session, steps: Sequence[str], work: Work, *, progress: RunProgress, jobs: int
) -> RunReport:
    """Run pipelines in one private world, or side by side in several.

    Args:
        session: The first world, or the only one; it is opened here.
        steps: Pipelines by uuid, needs before those that need them; none opens no world.
        work: What is asked of all runs.
        progress: Shown what goes on.
        jobs: How many worlds at the most.

    Raises:
        InputError: Something is not right.
        EnvironmentNotAbleError: Mage or a service cannot be started.
    """
    together = groups(steps, session.settings.needs) if jobs > 1 else [list(steps)]
    if not steps:
        return RunReport(pipelines=())
    with session:
        if len(together) == 1:
            return work.run(session, steps, progress)
        return _side_by_side(session, together, work, jobs=min(jobs, len(together)))


def _side_by_side(
    session: Session, together: Sequence[Sequence[str]], work: Work, *, jobs: int
) -> RunReport:
    free: queue.SimpleQueue[Session] = queue.SimpleQueue()
    free.put(session)

    def run(steps: Sequence[str]) -> RunReport:
        mine = free.get()
        try:
            report = work.run(mine, steps, RunProgress(Output(), moving=False))
            # What this group has written is none of the next one's business.
            mine.reset()
        finally:
            free.put(mine)
        return report

    with ExitStack() as worlds:
        for _ in range(jobs - 1):
            more = Session(session.settings, progress=session.progress)
            more.noted = session.noted
            free.put(worlds.enter_context(more))
        pool = ThreadPoolExecutor(jobs, "mage-harness-run")
        try:
            waiting = [pool.submit(run, steps) for steps in together]
            for done in as_completed(waiting):
                done.result()
        finally:
            # Also for Ctrl-C: what still runs is ended with its session, and is not waited for.
            pool.shutdown(wait=False, cancel_futures=True)
    return RunReport(pipelines=tuple(one for done in waiting for one in done.result().pipelines))
