"""The run after this one: it begins before anybody asks for it, in the folder that it will have."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.errors import HarnessError
from harness.project.workspace import empty_workspace
from harness.running.cold import command_of, environment_of
from harness.running.folders import folder_in_turn, new_folder
from harness.running.local import LocalRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harness.running.entry.choice import Choice
    from harness.running.runner import RunRequest
    from harness.running.surroundings import Surroundings


class Following:
    """Begins with the next run of a session, where runs are warm and it will be as the last one.

    Args:
        surroundings: Those of the session's runs.
    """

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._folder: Path | None = None

    def during(
        self,
        begin: Callable[[], None],
        on_event: Callable[[Mapping[str, Any]], None],
    ) -> Callable[[Mapping[str, Any]], None]:
        """What is told of a run's events, and begins with the next run at the first of them.

        By then this one is under way, and most of what it does takes one core.

        Args:
            begin: Begins with it.
            on_event: Told of each event too.
        """
        begun = False

        def told(event: Mapping[str, Any]) -> None:
            nonlocal begun
            on_event(event)
            if not begun:
                begun = True
                begin()

        return told

    def begin(self, request: RunRequest, *, choice: Choice) -> None:
        """Begin with a run like another one, unless one has begun.

        Args:
            request: That run.
            choice: How it was entered.
        """
        runner = self._surroundings.runner
        usual = choice.entry == "pipeline" and not request.shown and not request.asked.coverage
        if not isinstance(runner, LocalRunner) or not runner.ahead or not usual:
            return
        if runner.ahead.has_begun:
            return
        try:
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = folder_in_turn(request.folder.parents[1])
            space = empty_workspace(self._surroundings.project, folder=self._folder)
            following = replace(
                request,
                project=space.path,
                folder=space.logs,
                env={**request.env, **self._surroundings.variables(space, None)},
            )
        except (HarnessError, OSError):
            # The next run says it, if it is so still.
            return
        runner.expect(command_of(following), request=following, env=environment_of(following))

    @property
    def kept(self) -> Path | None:
        """The folder of the run that has begun; None without one."""
        return self._folder

    def folder(self, home: Path) -> Path:
        """A folder for a run: that of the one that has begun, for who asks for it first.

        Args:
            home: The folder of the services.

        Raises:
            EnvironmentNotAbleError: There is no space for it.
        """
        begun, self._folder = self._folder, None
        return begun or new_folder(home)
