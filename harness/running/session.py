"""A session: one project, its Mage environment and its private services, and runs in them."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from harness.enclosure.plan import Enclosure, allowed, hidden_places
from harness.errors import InputError
from harness.machine.space import explained
from harness.plain import counted
from harness.project.lint import lint
from harness.project.reader import read_project
from harness.project.unset import unset_error, unset_variables
from harness.project.workspace import Workspace, create_workspace
from harness.running.child_environment import filled, read_env_file
from harness.running.cold import run_cold
from harness.running.events import blocks_of
from harness.running.local import LocalRunner
from harness.running.moments import Moments, Told, shown
from harness.running.result import PipelineRun, ProcessResult
from harness.running.runner import RunRequest
from harness.running.variables import check_variables
from harness.running.verdict import Evidence, judge
from harness.running.walls import Walls
from harness.seeds.plant import check_owned, plant
from harness.seeds.reader import read_seeds
from harness.services.stack import Stack
from harness.tap import REACHABLE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from types import TracebackType

    from harness.project.model import Pipeline, Project
    from harness.running.runner import Runner
    from harness.services.protocol import Sink
    from harness.settings import Settings


class Session:
    """Runs pipelines of one project against one stack of private services.

    Use it as a context manager: at its end nothing is left behind.

    Args:
        settings: Which project, and how.
        stack: Services that are there already and outlive the session; its own if not given.
        progress: Told in a line what is being prepared, where that takes time.
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
        self._runner: Runner | None = None
        self._planted = False
        self._last: dict[str, PipelineRun] = {}
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
        if self._runner is None:
            if self.settings.provider == "docker":
                from harness.running.container import ContainerRunner  # noqa: PLC0415

                self._runner = ContainerRunner(lambda: self.stack.mage)
            else:
                self._runner = LocalRunner(
                    self.settings,
                    self.project,
                    guardian=lambda: self.stack.guardian,
                    walls=Walls(
                        self.settings.network,
                        enclosure=self._enclosure,
                        progress=self._progress,
                    ),
                    progress=self._progress,
                )
        return self._runner

    def reset(self) -> None:
        """Forget everything that runs have written, their own folders too, as for a new test."""
        self.stack.reset()
        self._moments.forget()
        self._planted = False
        self._last.clear()
        shutil.rmtree(self.stack.folder / "runs", ignore_errors=True)

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
        # Mage renders env_var of a variable that is not set as the text "None", and goes on.
        missing = unset_variables(
            self.project,
            wanted,
            overlaid=self.stack.overlay(),
            environment={*self._given(), *self.runner.names()},
        )
        if missing:
            raise unset_error(wanted.uuid, missing)

    def run(
        self,
        pipeline: str,
        *,
        variables: Mapping[str, Any] | None = None,
        deadline: float | None = None,
        block: str | None = None,
        arguments: Sequence[str] = (),
        at: datetime | str | None = None,
        inventory: bool = False,
        killed_after: int = 0,
        on_event: Callable[[Mapping[str, Any]], None] = lambda _event: None,
    ) -> PipelineRun:
        """Run a pipeline and judge the run.

        Args:
            pipeline: The pipeline's uuid.
            variables: Runtime variables by name.
            deadline: Seconds that the run may take; the settings' if not given.
            block: Run this block only.
            arguments: Further arguments for ``mage run``, as they are.
            at: The moment that the pipeline and the services have for the time when it begins;
                the world's if not given.
            inventory: Whether to look at the services before and after, and say in ``sinks``
                what the run wrote.
            killed_after: Kill Mage's process when so many blocks have ended; 0 for never.
            on_event: Told of each event of the tap soon after it happens.

        Raises:
            InputError: The pipeline, a block, a variable or the io_config.yaml is not right.
            EnvironmentNotAbleError: Mage or a service cannot be started.
        """
        wanted = self.project.pipeline(pipeline)
        if block is not None:
            wanted.block(block)
        check_variables(variables or {}, project=self.project, pipelines=[wanted])
        if deadline is not None and not deadline > 0:
            raise InputError(
                f"the deadline {deadline} is no time",
                remedy="give a number of seconds greater than 0",
            )
        # First, since it starts all services side by side; a container that has Mage is one.
        self.check(pipeline)
        mage = self.runner.command()
        self.plant()
        folder = self._new_folder()
        workspace = create_workspace(self.project, folder=folder, overlay=self.stack.overlay())
        for note in workspace.notes:
            self._progress(f"note: {note}")
        before = self.stack.inventory() if inventory else ()
        told = self._moments.tell(at)
        if told is not None:
            self._progress(f"the time is {shown(told)}")
        env = self._variables(workspace, told)
        process = run_cold(
            RunRequest(
                mage=mage,
                project=workspace.path,
                pipeline=pipeline,
                folder=workspace.logs,
                env=env,
                deadline=self.settings.deadline if deadline is None else deadline,
                variables=variables or {},
                block=block,
                arguments=tuple(arguments),
                killed_after=killed_after,
            ),
            runner=self.runner,
            on_event=on_event,
        )
        run = self._judged(wanted, process, workspace, block, tuple(arguments), before, inventory)
        run = replace(run, at=shown(told))
        self._last[pipeline] = run
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

    def _judged(
        self,
        pipeline: Pipeline,
        process: ProcessResult,
        workspace: Workspace,
        block: str | None,
        arguments: tuple[str, ...],
        before: Sequence[Sink],
        inventory: bool,  # noqa: FBT001 - private
    ) -> PipelineRun:
        blocks = blocks_of((one.uuid for one in pipeline.blocks), process.events)
        evidence = Evidence(
            project=self.project,
            pipeline=pipeline,
            process=process,
            blocks=blocks,
            lint=lint(self.project, pipelines=[pipeline.uuid]),
            incidents=self.stack.incidents(process.began),
            only_block=block,
            skip_sensors="--skip-sensors" in arguments,
        )
        after = self.stack.inventory() if inventory else ()
        found = judge(evidence)
        codes = self.settings.accept.get(pipeline.uuid, ())
        accepted = tuple(problem for problem in found if problem.code in codes)
        for problem in accepted:
            self._progress(f"note: accepted by the settings: {problem}")
        return PipelineRun(
            pipeline=pipeline.uuid,
            blocks=blocks,
            problems=tuple(problem for problem in found if problem.code not in codes),
            accepted=accepted,
            process=process,
            variables_folder=workspace.data_dir
            / workspace.path.name
            / "pipelines"
            / pipeline.uuid
            / ".variables",
            sinks=tuple(sink for sink in after if sink not in before),
        )

    def _new_folder(self) -> Path:
        runs = self.stack.folder / "runs"
        with explained(runs, doing="making a folder for the run"):
            runs.mkdir(mode=0o700, exist_ok=True)
            return Path(tempfile.mkdtemp(dir=runs))

    def _variables(self, workspace: Workspace, told: Told | None) -> dict[str, str]:
        """All variables of the process, the later beating the earlier."""
        variables = {
            **self._given(),
            **self.runner.environment(workspace),
            REACHABLE_VARIABLE: ",".join(self.stack.reachable()),
            **self.stack.environment(),
        }
        if told is None:
            return variables
        variables |= told.variables()
        return self.runner.timed(variables, offset=told.offset, folder=self.stack.folder)

    def _enclosure(self) -> Enclosure:
        """What a run here may reach, and what of this machine it must not see."""
        needed = [self.stack.folder, self.settings.cache, *map(Path, self.runner.command()[:1])]
        return Enclosure(
            doors=self.stack.doors(),
            places=(str(self.stack.folder), *allowed(self.settings.allow).sockets),
            # Real credentials may lead on to other files.
            hidden=() if self.settings.real_google else hidden_places(needed=needed),
        )

    def _given(self) -> dict[str, str]:
        """The variables that the settings and the services give, the later beating the earlier."""
        file = self.settings.env_file
        return {
            **(read_env_file(file) if file is not None else {}),
            **filled(self.settings.env, self.stack.values()),
            **self.stack.environment(),
        }
