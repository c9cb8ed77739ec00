"""A session: one project, its Mage environment and its private services, and runs in them."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from harness.errors import InputError
from harness.machine.space import explained
from harness.plain import counted
from harness.project.reader import read_project
from harness.project.workspace import create_workspace
from harness.running.asked import NOTHING, Asked, check_asked
from harness.running.entry.choice import choose
from harness.running.entry.start import run_by
from harness.running.judged import judged
from harness.running.lacks import require_variables, with_lacks
from harness.running.moments import Moments, shown
from harness.running.notes import generated, notes
from harness.running.reconcile import Standing
from harness.running.runner import RunRequest
from harness.running.surroundings import PLACES, Surroundings
from harness.seeds.plant import check_owned, plant
from harness.seeds.reader import read_seeds
from harness.services.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from harness.project.model import Project
    from harness.running.result import PipelineRun
    from harness.running.runner import Runner
    from harness.settings import Settings


class Session:
    """Runs pipelines of one project against one stack of private services.

    Use it as a context manager: at its end nothing is left behind.

    Args:
        settings: Which project, and how.
        stack: Services that are there already and outlive the session; its own if not given.
        progress: Told in a line what is being prepared, where that takes time.

    Attributes:
        changed: Files of the project that have another text in the runs from now on, relative to
            it; the source is never written to.
        noted: Told of each run from now on, and has the lines of the project's code collected;
            None for neither.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        stack: Stack | None = None,
        progress: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.settings = settings
        self.project: Project = read_project(settings.project)
        self.stack = stack or Stack(settings, progress=progress)
        self._owns_stack = stack is None
        self._progress = progress
        self._surroundings = Surroundings(
            self.project, stack=self.stack, settings=settings, progress=progress
        )
        self.changed: Mapping[Path, str] = {}
        self.noted: Callable[[PipelineRun], None] | None = None
        self._planted = False
        self._last: dict[str, PipelineRun] = {}
        self._standing = Standing(self.stack.inventory)
        self._moments = Moments(self.stack, settings=settings)

    def __enter__(self) -> Self:
        if self._owns_stack:
            self.stack.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._owns_stack:
            self.stack.__exit__(kind, error, trace)

    @property
    def progress(self) -> Callable[[str], None]:
        """Told in a line what is being done, where that takes time."""
        return self._progress

    @property
    def runner(self) -> Runner:
        """Where Mage runs: this machine, or the stack's container."""
        return self._surroundings.runner

    def reset(self) -> None:
        """Forget everything that runs have written, their own folders too, as for a new test."""
        self.stack.reset()
        self._moments.forget()
        self._planted = False
        self._last.clear()
        self._standing.move()
        shutil.rmtree(self.stack.folder / "runs", ignore_errors=True)
        shutil.rmtree(self.stack.folder / PLACES, ignore_errors=True)

    def plant(self) -> None:
        """Put the project's seeds into the services, once until the next reset.

        The world's time begins.

        Raises:
            InputError: A seed cannot be loaded.
            EnvironmentNotAbleError: A service cannot be started.
        """
        if self._planted:
            return
        self._moments.tell()
        seeds = read_seeds(self.settings.fixtures / "seeds")
        if seeds:
            check_owned(seeds, self.settings)
            self._progress(f"planting {counted(len(seeds), 'seed')}")
            plant(seeds, self.stack)
        self._planted = True

    def check(self, pipeline: str) -> None:
        """Find what would keep a pipeline from running, without running it.

        Args:
            pipeline: The pipeline's uuid.

        Raises:
            InputError: The pipeline or the io_config.yaml is not right.
            EnvironmentNotAbleError: Mage or a service cannot be started.
        """
        wanted = self.project.pipeline(pipeline)
        self.stack.start()
        require_variables(
            self.project,
            wanted,
            variables=self._surroundings.names(),
            settings=self.settings,
            stack=self.stack,
        )

    def run(
        self,
        pipeline: str,
        *,
        asked: Asked = NOTHING,
        on_event: Callable[[Mapping[str, Any]], None] = lambda _event: None,
    ) -> PipelineRun:
        """Run a pipeline and judge the run.

        Args:
            pipeline: The pipeline's uuid.
            asked: What is asked of the run beside that.
            on_event: Told of each event of the tap soon after it happens.

        Raises:
            InputError: The pipeline, a block, a variable or the io_config.yaml is not right.
            EnvironmentNotAbleError: Mage or a service cannot be started.
        """
        wanted = self.project.pipeline(pipeline)
        check_asked(asked, project=self.project, pipeline=wanted)
        choice = choose(
            self.project, wanted, asked=asked, settled=self.settings.entry.get(pipeline)
        )
        if choice.note:
            self._progress(f"note: {pipeline} runs by Mage's engine: {choice.why}")
        # First, since it starts all services side by side; a container that has Mage is one.
        self.check(pipeline)
        mage = self.runner.command()
        self.plant()
        folder = self._new_folder()
        workspace = create_workspace(
            self.project, folder=folder, overlay=self.stack.overlay(), changed=self.changed
        )
        for note in workspace.notes:
            self._progress(f"note: {note}")
        layout = self._surroundings.layout(workspace)
        before = self.stack.inventory() if asked.inventory or asked.holdings else None
        told = self._moments.tell(asked.at)
        if told is not None:
            self._progress(f"the time is {shown(told)}")
        request = RunRequest(
            mage=mage,
            project=workspace.path,
            pipeline=pipeline,
            folder=workspace.logs,
            env=self._surroundings.variables(workspace, told),
            deadline=asked.deadline or self.settings.deadline,
            shown=layout.shown,
            asked=replace(asked, coverage=asked.coverage or self.noted is not None),
        )
        process = run_by(
            choice,
            request,
            pipeline=wanted,
            runner=self.runner,
            cache=self.settings.cache,
            on_event=on_event,
        )
        run = judged(
            process,
            request=request,
            choice=choice,
            pipeline=wanted,
            project=self.project,
            workspace=workspace,
            stack=self.stack,
            before=before if asked.inventory else None,
            accept=self.settings.accept,
        )
        run = with_lacks(
            run,
            request=request,
            project=self.project,
            pipeline=wanted,
            settings=self.settings,
            http=self.stack.http,
        )
        made_up = generated(self.stack.http.requests(), since=process.began)
        for note in (*notes(process.events), *made_up):
            self._progress(f"note: {note}")
        for problem in run.accepted:
            self._progress(f"note: accepted by the settings: {problem}")
        run = replace(run, at=shown(told), layout=layout, holdings=self._standing.around(before))
        self._last[pipeline] = run
        if self.noted is not None and not self.changed:
            self.noted(run)
        return run

    def last_run(self, pipeline: str) -> PipelineRun:
        """The last run of a pipeline since the start of the test.

        Args:
            pipeline: The pipeline's uuid.

        Raises:
            InputError: It has not run since.
        """
        if pipeline not in self._last:
            raise InputError(
                f"pipeline {pipeline} has not run in this test",
                evidence=[f"pipelines that have: {', '.join(self._last) or 'none'}"],
                remedy=f'run it first: mage.run("{pipeline}")',
            )
        return self._last[pipeline]

    def _new_folder(self) -> Path:
        runs = self.stack.folder / "runs"
        with explained(runs, doing="making a folder for the run"):
            runs.mkdir(mode=0o700, exist_ok=True)
            return Path(tempfile.mkdtemp(dir=runs))
