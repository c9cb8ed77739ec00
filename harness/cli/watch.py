"""``mage-harness watch``: pipelines run again when what they depend on is saved."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import watchfiles

from harness.cli.jobs import Work
from harness.cli.options import (
    AtOption,
    DeadlineOption,
    ProjectOption,
    VariablesOption,
    settings_for,
)
from harness.cli.output import Output
from harness.cli.selecting import Selecting
from harness.contracts.holding import Contracts
from harness.contracts.store import contracts_folder
from harness.errors import HarnessError
from harness.plain import counted
from harness.project.workspace import LEFT_OUT
from harness.pyproject import find
from harness.report import words
from harness.report.terminal import RunProgress, print_pipeline
from harness.running.session import Session
from harness.running.variables import parse_assignments
from harness.services.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import Console

    from harness.report.model import PipelineReport
    from harness.settings import Settings

_STEP = 50
_DEBOUNCE = 200
_NAMED = 3


def watch(
    pipelines: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PIPELINE ...]", help="Which pipelines. Default: all."),
    ] = None,
    project: ProjectOption = None,
    var: VariablesOption = None,
    deadline: DeadlineOption = None,
    at: AtOption = None,
) -> None:
    """Run pipelines, and run those again that a saved file can change.

    The services stay up, and Mage's libraries stay loaded (docs/warm.md), so that a verdict comes
    soon after the save. Pipelines of which nothing changed since their last green run are not run.
    Ctrl-C ends it, and clears up.

    Exit statuses: 2 bad usage; 3 the environment is not able; 130 ended by Ctrl-C.
    """
    console = Output()
    variables = parse_assignments(var or ())
    while True:
        settings = settings_for(project, deadline=deadline, at=at)
        with RunProgress(console) as progress, Stack(settings, progress=progress.message) as stack:
            watching = _Watching(
                settings=settings,
                stack=stack,
                wanted=tuple(pipelines or ()),
                variables=variables,
                progress=progress,
                console=console,
            )
            watching.until_restart()


@dataclass(frozen=True, kw_only=True)
class _Watching:
    """Watching with the same settings and fixtures, which services read when they start.

    Where runs are warm, the next one has begun while a save is waited for.
    """

    settings: Settings
    stack: Stack
    wanted: tuple[str, ...]
    variables: Mapping[str, Any]
    progress: RunProgress
    console: Console

    def until_restart(self) -> None:
        saves = self._saves()
        next(saves)  # From here on no save is missed.
        with ExitStack() as sessions:
            self._answer(saves, sessions)

    def _answer(self, saves: Iterator[list[Path]], sessions: ExitStack) -> None:
        session: Session | None = None
        while True:
            try:
                session = self._session(sessions, session)
                self._run(session)
            except HarnessError as error:
                # A file that is half written is as good as one with a mistake: the next save tells.
                told = words.line(self.console, f"{error}", style="red")
                self.console.print(told, soft_wrap=True)
            self.progress.message("waiting for a file to be saved; Ctrl-C ends")
            saved = next(found for found in saves if found)
            self.progress.message(f"{datetime.now().astimezone():%H:%M:%S}  {_named(saved)} saved")
            if any(self._needs_restart(file) for file in saved):
                self.progress.message("the settings or fixtures changed: services start anew")
                return

    def _session(self, sessions: ExitStack, before: Session | None) -> Session:
        """The session of the project as it is now."""
        if before is not None:
            before.read_again()
            return before
        session = Session(self.settings, stack=self.stack, progress=self.progress.message)
        session.expecting = True
        return sessions.enter_context(session)

    def _saves(self) -> Iterator[list[Path]]:
        """The files that were saved since the last look; none where it took a while."""
        home = find(self.settings.project)
        folders = [self.settings.project, self.settings.fixtures, contracts_folder(self.settings)]
        places = {folder for folder in folders if folder.is_dir()} | ({home} if home else set())
        for changes in watchfiles.watch(
            *places,
            watch_filter=lambda _change, path: not LEFT_OUT & set(Path(path).parts),
            step=_STEP,
            debounce=_DEBOUNCE,
            yield_on_timeout=True,
            rust_timeout=_DEBOUNCE,
        ):
            yield sorted(Path(path) for _, path in changes)

    def _needs_restart(self, file: Path) -> bool:
        fixture = file.is_relative_to(self.settings.fixtures)
        contract = file.is_relative_to(contracts_folder(self.settings))
        return (fixture and not contract) or file.name == "pyproject.toml"

    def _run(self, session: Session) -> None:
        given = {"--var": self.variables, "--entry": None, "--contract": True}
        selecting = Selecting(session, self.wanted, given=given)
        selecting.check(self.variables)
        steps = selecting.steps(changed=True, since=None, cached=False)
        if not steps:
            unchanged = counted(len(selecting.left_out), "pipeline")
            self.progress.message(f"{unchanged} unchanged since the last green run")
            return
        session.reset()
        work = Work(variables=self.variables, entry=None, contracts=Contracts(session))
        report = work.run(session, steps, self.progress)
        selecting.keep(report)
        _tell(self.console, report.pipelines)


def _tell(console: Console, pipelines: Sequence[PipelineReport]) -> None:
    """A line for what passed, and all that is known of what failed."""
    for one in pipelines:
        if not one.ok:
            print_pipeline(console, one)
            continue
        rows = sum(sink.rows or 0 for sink in one.sinks)
        wrote = f"{counted(rows, 'row')} in {counted(len(one.sinks), 'sink')}"
        line = f"PASSED {one.uuid}: {wrote}, {words.duration(one.seconds)}"
        console.print(words.text(console, line, style="bold green"), soft_wrap=True)


def _named(files: Sequence[Path]) -> str:
    shown = ", ".join(file.name for file in files[:_NAMED])
    return shown if len(files) <= _NAMED else f"{shown} and {len(files) - _NAMED} more"
