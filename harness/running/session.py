"""A session: one project, its Mage environment and its private services, and runs in them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from harness.inspect.kept import Inspections, looked_once
from harness.project.reader import read_project
from harness.running.asked import NOTHING, Asked, check_asked
from harness.running.entry.choice import choose
from harness.running.entry.start import elsewhere
from harness.running.folders import Clearing
from harness.running.following import Following
from harness.running.further import further_services
from harness.running.lacks import awaited, foretold, require_variables, unset_note
from harness.running.moments import shown
from harness.running.one_run import OneRun
from harness.running.secrets import masked, masking
from harness.running.surroundings import Surroundings
from harness.running.world import World
from harness.services.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from types import TracebackType

    from harness.faults.declared import Faults
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
        expecting: Whether more runs will follow, so that each warm one has the next one begun.
        faults: The trouble that runs meet from now on; None for none.
        noted: Told of each run from now on, and has the lines of the project's code collected;
            None for neither.
        before_run: Called before each run from now on, when the services hold what it finds.
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
        self.expecting = False
        self._following = Following(self._surroundings)
        self._clearing = Clearing()
        self._inspections = Inspections()
        self.faults: Faults | None = None
        self.noted: Callable[[PipelineRun], None] | None = None
        self.before_run: Callable[[], None] = lambda: None
        self._world = World(self.stack, settings=settings, progress=progress)

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
        self.close()
        if self._owns_stack:
            self.stack.__exit__(kind, error, trace)

    def close(self) -> None:
        """End what was prepared for further runs; safe to call twice."""
        self._surroundings.close()
        self._clearing.end()

    @property
    def progress(self) -> Callable[[str], None]:
        """Told in a line what is being done, where that takes time."""
        return self._progress

    @property
    def runner(self) -> Runner:
        """Where Mage runs: this machine, or the stack's container."""
        return self._surroundings.runner

    def read_again(self) -> None:
        """Read the project as it is now; what was prepared for further runs stays.

        Raises:
            ProjectError: It cannot be read; it is as it was before.
        """
        self.project = read_project(self.settings.project)
        self._surroundings.take(self.project)

    def reset(self) -> None:
        """Forget everything that runs have written, their own folders too, as for a new test."""
        self._world.reset()
        self._clearing.clear(self.stack.folder, kept=self._following.kept)

    def plant(self) -> None:
        """Put the project's seeds into the services, once until the next reset.

        The world's time begins.

        Raises:
            InputError: A seed cannot be loaded.
            EnvironmentNotAbleError: A service cannot be started.
        """
        self._world.plant()

    def check(self, pipeline: str) -> None:
        """Find what would keep a pipeline from running, without running it.

        Args:
            pipeline: The pipeline's uuid.

        Raises:
            InputError: The pipeline or the io_config.yaml is not right.
            EnvironmentNotAbleError: Mage or a service cannot be started.
        """
        wanted = self.project.pipeline(pipeline)
        self.stack.start(further=further_services(self.project, wanted, env=self.settings.env))
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
        with looked_once(self._inspections):
            return self._run(pipeline, asked, on_event)

    def _run(
        self, pipeline: str, asked: Asked, on_event: Callable[[Mapping[str, Any]], None]
    ) -> PipelineRun:
        wanted = self.project.pipeline(pipeline)
        check_asked(asked, project=self.project, pipeline=wanted)
        choice = choose(
            self.project, wanted, asked=asked, settled=self.settings.entry.get(pipeline)
        )
        if choice.note:
            self._progress(f"note: {pipeline} runs by Mage's engine: {choice.why}")
        self._tell((elsewhere(wanted), *foretold(self.project, wanted)))
        # First, since it starts all services side by side; a container that has Mage is one.
        self.check(pipeline)
        self._tell([unset_note(self.project, wanted, variables=self._surroundings.names())])
        mage = self.runner.command()
        self.plant()
        one = OneRun(
            project=self.project,
            pipeline=wanted,
            choice=choice,
            asked=asked,
            settings=self.settings,
            stack=self.stack,
            surroundings=self._surroundings,
        )
        folder = self._following.folder(self.stack.folder)
        place = one.place(folder, changed=self.changed, tell=self._tell)
        self.stack.look_at(place.layout.project, place.layout.shown)
        before = self.stack.inventory() if asked.inventory or asked.holdings else None
        self.before_run()
        told = self._world.moments.tell(asked.at)
        if told is not None:
            self._progress(f"the time is {shown(told)}")
        request = one.request(
            place,
            mage=mage,
            told=told,
            ran=self._world.last.variables(),
            coverage=self.noted is not None,
        )
        if self.faults is not None:
            request = self.faults.before(request)
        held = self.stack.inventory
        self._tell(awaited(self.project, wanted, held=held, environ=request.env))
        plain = told is None and not self.changed and self.faults is None
        begin = partial(self._following.begin, request, choice=choice)
        if self.expecting and plain:
            on_event = self._following.during(begin, on_event)
        process = one.process(request, on_event=on_event)
        run = one.concluded(process, request=request, place=place, before=before)
        if self.faults is not None:
            run = self.faults.after(run)
        run = masked(run, masking(self, asked.variables))
        self._tell(one.notes(run))
        holdings = self._world.standing.around(before)
        run = replace(run, asked=asked, at=shown(told), layout=place.layout, holdings=holdings)
        self._world.last.add(pipeline, run)
        if self.noted is not None and not self.changed:
            self.noted(run)
        if self.expecting and plain:
            # Where it could not be while this one ran, as with a server that was not ready.
            begin()
        return run

    def last_run(self, pipeline: str) -> PipelineRun:
        """The last run of a pipeline since the start of the test.

        Args:
            pipeline: The pipeline's uuid.

        Raises:
            InputError: It has not run since.
        """
        return self._world.last.of(pipeline)

    def _tell(self, told: Iterable[str]) -> None:
        for note in filter(None, told):
            self._progress(f"note: {note}")
