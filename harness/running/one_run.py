"""One run of a pipeline: its copy of the project, what is asked of Mage, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.project.workspace import create_workspace
from harness.running.concluding import concluded
from harness.running.entry.start import run_by
from harness.running.outputs import VARIABLES, give_outputs
from harness.running.runner import RunRequest
from harness.running.telling import notes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from harness.project.container_layout import Layout
    from harness.project.model import Pipeline, Project
    from harness.project.workspace import Workspace
    from harness.running.asked import Asked
    from harness.running.entry.choice import Choice
    from harness.running.moments import Told
    from harness.running.result import PipelineRun, ProcessResult
    from harness.running.surroundings import Surroundings
    from harness.services.protocol import Sink
    from harness.services.stack import Stack
    from harness.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a run finds its project.

    Attributes:
        workspace: Its copy of the project, and its folders.
        layout: What it sees at the paths of Mage's container.
    """

    workspace: Workspace
    layout: Layout


@dataclass(frozen=True, kw_only=True)
class OneRun:
    """A run among the running services.

    Args:
        project: The project.
        pipeline: The pipeline.
        choice: By which entry it runs.
        asked: What is asked of it beside that.
        settings: The session's.
        stack: The services, running.
        surroundings: Those of the session's runs.
    """

    project: Project
    pipeline: Pipeline
    choice: Choice
    asked: Asked
    settings: Settings
    stack: Stack
    surroundings: Surroundings

    def place(
        self,
        folder: Path,
        *,
        changed: Mapping[Path, str],
        tell: Callable[[Iterable[str]], None],
    ) -> Place:
        """Make its copy of the project.

        Args:
            folder: The run's own.
            changed: Files that have another text in it, relative to the project.
            tell: Told the notes on it, a line each.

        Raises:
            InputError: The io_config.yaml is not right.
            EnvironmentNotAbleError: There is no space for it.
        """
        workspace = create_workspace(
            self.project,
            folder=folder,
            overlay=self.stack.overlay(),
            changed=changed,
            profiles=self.settings.profiles,
        )
        tell(workspace.notes)
        give_outputs(self.asked.given, workspace.pipelines / self.pipeline.uuid / VARIABLES)
        return Place(workspace=workspace, layout=self.surroundings.layout(workspace))

    def request(
        self,
        place: Place,
        *,
        mage: tuple[str, ...],
        told: Told | None,
        ran: Mapping[str, str],
        coverage: bool,
    ) -> RunRequest:
        """What Mage is asked for.

        Args:
            place: Where its project is.
            mage: The command that starts Mage.
            told: The time that it has; None for the real one.
            ran: What it is told of the runs before it.
            coverage: Whether the lines of the project's code are collected, asked for or not.

        Raises:
            EnvironmentNotAbleError: It cannot have another time here.
        """
        workspace = place.workspace
        return RunRequest(
            mage=mage,
            project=workspace.path,
            pipeline=self.pipeline.uuid,
            folder=workspace.logs,
            env={**self.surroundings.variables(workspace, told), **ran},
            deadline=self.asked.deadline or self.settings.deadline,
            shown=place.layout.shown,
            asked=replace(self.asked, coverage=self.asked.coverage or coverage),
        )

    def process(
        self, request: RunRequest, *, on_event: Callable[[Mapping[str, Any]], None]
    ) -> ProcessResult:
        """Have it run, and wait for its end.

        Args:
            request: What Mage is asked for.
            on_event: Told of each event of the tap soon after it happens.

        Raises:
            EnvironmentNotAbleError: A process cannot be started.
            ServiceError: What it ran in went away.
            InputError: The pipeline cannot run by this entry.
        """
        return run_by(
            self.choice,
            request,
            pipeline=self.pipeline,
            runner=self.surroundings.runner,
            cache=self.settings.cache,
            on_event=on_event,
        )

    def concluded(
        self,
        process: ProcessResult,
        *,
        request: RunRequest,
        place: Place,
        before: Sequence[Sink] | None,
    ) -> PipelineRun:
        """Judge it.

        Args:
            process: Its process, ended.
            request: What Mage was asked for.
            place: Where its project is.
            before: What the services held before it; None where nobody looked.
        """
        return concluded(
            process,
            request=request,
            choice=self.choice,
            pipeline=self.pipeline,
            project=self.project,
            workspace=place.workspace,
            stack=self.stack,
            settings=self.settings,
            before=before if self.asked.inventory else None,
        )

    def notes(self, run: PipelineRun) -> Iterator[str]:
        """What its reader is told beside the verdict, a line each.

        Args:
            run: The run, judged.
        """
        return notes_of(
            run,
            project=self.project,
            pipeline=self.pipeline,
            stack=self.stack,
            settings=self.settings,
        )
