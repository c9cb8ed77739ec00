"""What surrounds the runs of a session: where Mage's process runs, its variables and its walls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.enclosure.plan import Enclosure, allowed, hidden_places
from harness.project.beside import lend_modules
from harness.project.container_layout import Layout, lay_out
from harness.project.container_paths import named_paths
from harness.project.import_names import link_import_names
from harness.project.local_files import lend
from harness.running.child_environment import filled, read_env_file
from harness.running.folders import PLACES
from harness.running.lent import lent
from harness.running.local import LocalRunner
from harness.running.redirects import redirects
from harness.running.walls import Walls
from harness.running.warm.choice import spawner_of
from harness.services.google import GoogleIdentity
from harness.tap import PROJECT_VARIABLE, REACHABLE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harness.project.model import Project
    from harness.project.workspace import Workspace
    from harness.running.moments import Told
    from harness.running.runner import Runner
    from harness.services.stack import Stack
    from harness.settings import Settings


class Surroundings:
    """Gives each run of a project its place among the services.

    Args:
        project: The project.
        stack: The services.
        settings: Where Mage runs, with which variables, and what it may reach.
        progress: Told in a line what is being prepared, where that takes time.
    """

    def __init__(
        self,
        project: Project,
        *,
        stack: Stack,
        settings: Settings,
        progress: Callable[[str], None],
    ) -> None:
        self._project = project
        self._stack = stack
        self._settings = settings
        self._progress = progress
        self._runner: Runner | None = None
        self._told_of_the_image = False
        self._spawner = spawner_of(settings, progress=progress)

    @property
    def runner(self) -> Runner:
        """Where Mage runs: this machine, or the stack's container."""
        if self._runner is None:
            if self._settings.provider == "docker":
                from harness.running.container import ContainerRunner  # noqa: PLC0415

                self._runner = ContainerRunner(lambda: self._stack.mage)
            else:
                self._runner = LocalRunner(
                    self._settings,
                    self._project,
                    guardian=lambda: self._stack.guardian,
                    walls=Walls(
                        self._settings.network,
                        enclosure=self._enclosure,
                        progress=self._progress,
                    ),
                    progress=self._progress,
                    spawner=self._spawner,
                )
        return self._runner

    @property
    def project(self) -> Project:
        """The project, as it was last read."""
        return self._project

    def take(self, project: Project) -> None:
        """Have further runs be those of the project as it is now.

        Args:
            project: The same one, read again.
        """
        self._project = project
        if isinstance(self._runner, LocalRunner):
            self._runner.take(project)

    def close(self) -> None:
        """End what was prepared for runs; safe to call twice."""
        if isinstance(self._runner, LocalRunner):
            self._runner.forget()
        self._spawner.close()

    def names(self) -> frozenset[str]:
        """The names of the variables that each run has."""
        return frozenset(self._given()) | self.runner.names()

    def variables(self, workspace: Workspace, told: Told | None) -> dict[str, str]:
        """All variables of the process, the later beating the earlier.

        Args:
            workspace: The folders of the run.
            told: The time that it has; None for the real one.

        Raises:
            EnvironmentNotAbleError: It cannot have another time here.
        """
        variables = {
            **self._given(),
            **self.runner.environment(workspace),
            PROJECT_VARIABLE: str(workspace.path),
            REACHABLE_VARIABLE: ",".join(self._stack.reachable()),
            **self._stack.environment(),
            **redirects(self._stack.environment(), allow=self._settings.allow),
            **lent(self._settings, self._stack.values()),
        }
        if told is None:
            return variables
        variables |= told.variables()
        return self.runner.timed(variables, offset=told.offset, folder=self._stack.folder)

    def layout(self, workspace: Workspace) -> Layout:
        """What a run is to see at the paths of Mage's container.

        Args:
            workspace: The folders of the run.
        """
        lend_modules(self._project.path, workspace.path)
        link_import_names(workspace.path)
        for told in lend(self._project, workspace.path):
            self._progress(f"note: {told}")
        if self._settings.provider == "docker":
            # There they are the image's own.
            self._tell_of_the_image(workspace)
            return Layout(project=workspace.path)
        google = self._stack.services.get("google")
        return lay_out(
            self._project,
            copy=workspace.path,
            folder=self._stack.folder / PLACES,
            variables=self._settings.env,
            key=google.key_file if isinstance(google, GoogleIdentity) else None,
            needed=self._needed(),
        )

    def _tell_of_the_image(self, workspace: Workspace) -> None:
        """Say once that paths which the source names stay in the container, where it names any."""
        if self._told_of_the_image:
            return
        named = named_paths(workspace.path, variables=self._settings.env)
        # Keys are led by the clients that read them; the project has its name within the image.
        own = (self._project.name,)
        roots = sorted({one.root for one in named if not one.key and one.parts[:1] != own})
        if roots:
            self._told_of_the_image = True
            self._progress(
                f"note: {', '.join(roots)} is the image's own: what a run writes there stays in "
                "the container, for no expectation to see"
            )

    def _given(self) -> dict[str, str]:
        """The variables that the settings and the services give, the later beating the earlier."""
        file = self._settings.env_file
        return {
            **(read_env_file(file) if file is not None else {}),
            **filled(self._settings.env, self._stack.values()),
            **self._stack.environment(),
        }

    def _enclosure(self) -> Enclosure:
        """What a run here may reach, and what of this machine it must not see."""
        paths = allowed(self._settings.allow).paths
        return Enclosure(
            doors=self._stack.doors(),
            places=(str(self._stack.folder), *paths),
            # Real credentials may lead on to other files.
            hidden=() if self._settings.real_google else hidden_places(needed=self._needed()),
        )

    def _needed(self) -> list[Path]:
        """What of this machine a run must see."""
        paths: Iterable[str] = allowed(self._settings.allow).paths
        program = self.runner.command()[:1]
        return [self._stack.folder, self._settings.cache, *map(Path, (*program, *paths))]
