"""Mage on this machine: its own environment, and a process of its own for each run."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from harness.clock.preload import added, check, library_in, variables
from harness.clock.sharing import shared
from harness.machine.group import ended
from harness.machine.space import explained
from harness.project.environment import MageEnvironment, ensure_environment
from harness.running.child_environment import BASE_NAMES, NOWHERE, base_environment
from harness.running.runner import STDERR, STDOUT
from harness.running.spawn import Cold
from harness.running.terminal import terminal
from harness.running.warm.ahead import DATA, clear, expected, settled
from harness.running.warm.choice import ahead_of
from harness.tap import SITE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from harness.enclosure.plan import Enclosure
    from harness.machine.guardian import Guardian
    from harness.project.model import Project
    from harness.project.workspace import Workspace
    from harness.running.runner import RunRequest
    from harness.running.spawn import Spawner
    from harness.running.walls import Walled, Walls
    from harness.running.warm.ahead import Ahead
    from harness.settings import Settings

_MACHINE_NAMES = ("LD_LIBRARY_PATH", "TZDIR")
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


class LocalRunner:
    """Runs Mage from the environment that is made for it.

    Args:
        settings: Which Mage, on which Python.
        project: Whose requirements the environment has.
        guardian: Gives the guardian that ends the process group should the harness be killed.
        walls: What is put up around a run.
        progress: Told in a line what is being made.
        spawner: Makes the processes; programs that are started if not given.

    Attributes:
        ahead: Begins runs before they are asked for; None where it takes a new program.
    """

    def __init__(
        self,
        settings: Settings,
        project: Project,
        *,
        guardian: Callable[[], Guardian],
        walls: Walls,
        progress: Callable[[str], None],
        spawner: Spawner | None = None,
    ) -> None:
        self._spawner = spawner or Cold()
        self.ahead = ahead_of(self._spawner)
        self._settings = settings
        self._project = project
        self._guardian = guardian
        self._walls = walls
        self._progress = progress
        self._environment: MageEnvironment | None = None
        self._shared: dict[Path, dict[str, str]] = {}

    @property
    def mage(self) -> MageEnvironment:
        """Mage's own environment, made at the first use.

        Raises:
            EnvironmentNotAbleError: It cannot be made.
        """
        if self._environment is None:
            self._environment = ensure_environment(
                self._settings, self._project, progress=self._progress
            )
        return self._environment

    def command(self) -> tuple[str, ...]:
        """The words that start Mage."""
        self._spawner.prepare(self.mage.mage, env=self._everywhere(NOWHERE))
        return self.mage.mage

    def take(self, project: Project) -> None:
        """Have further runs be in the environment for a project's requirements as they are now.

        Args:
            project: The same one, read again.
        """
        self._project, self._environment = project, None

    def names(self) -> frozenset[str]:
        """The variables that every run has."""
        return BASE_NAMES | _passed_on().keys()

    def environment(self, workspace: Workspace) -> dict[str, str]:
        """Variables that every run has; the folder of Mage's interpreter leads PATH."""
        return self._everywhere(workspace)

    def _everywhere(self, workspace: Workspace) -> dict[str, str]:
        path = f"{self.mage.python.parent}:{_SYSTEM_PATH}"
        return _passed_on() | base_environment(workspace, path=path, pythonpath=str(SITE))

    def timed(self, env: Mapping[str, str], *, offset: int, folder: Path) -> dict[str, str]:
        """Variables of a process that has another time; that it works is tried out each time."""
        if folder not in self._shared:
            self._shared[folder] = shared(self._guardian())
        more = variables(offset, file=library_in(folder)) | self._shared[folder]
        timed = added(env, more)
        # Also what the project's own variables preload differs from run to run.
        check([str(self.mage.python)], timed, offset=offset)
        return timed

    def start(
        self, command: list[str], *, request: RunRequest, env: Mapping[str, str]
    ) -> LocalProcess:
        """Start a process; the guardian ends it should the harness itself be killed."""
        guardian = self._guardian()
        env = {**env, **guardian.environment()}
        within = self._walls.around(request.shown)
        walled = self._taken(command, request=request, env=env, within=within)
        if walled is None:
            with self._spawning(request) as spawner, _outputs(request.folder) as (out, err):
                popen = partial(spawner.spawn, cwd=request.project, env=env, out=out, err=err)
                walled = self._walls.start(
                    command,
                    folder=request.folder,
                    popen=popen,
                    within=within,
                    shown=request.shown,
                )
            guardian.process(walled.process.pid)
        return LocalProcess(walled, guardian=guardian)

    @contextmanager
    def _spawning(self, request: RunRequest) -> Iterator[Spawner]:
        """What makes the process; one that is debugged reads the terminal."""
        if not request.asked.debugged:
            yield self._spawner
            return
        with terminal() as descriptor:
            yield Cold(stdin=descriptor)

    def expect(self, command: list[str], *, request: RunRequest, env: Mapping[str, str]) -> None:
        """Begin with a run that may be asked for next, in the background.

        Args:
            command: Its command line, with any arguments.
            request: Its folders, which are made, and empty but for the project's settings.
            env: Its variables.
        """
        if self.ahead is None or not self.ahead.worth:
            return
        env = {**env, **self._guardian().environment()}
        self.forget()

        def begin(ahead: Ahead) -> None:
            within = self._walls.around(())
            if not settled(within):
                return
            what = expected(
                command, project=request.project, folder=request.folder, env=env, within=within
            )
            start = partial(self._walls.start, command, folder=request.folder, within=within)
            try:
                with _outputs(request.folder) as (out, err):
                    pid = ahead.start(
                        what, lambda popen: start(popen=popen), env=env, out=out, err=err
                    )
            except BaseException:
                clear(request.folder, data=Path(env[DATA]))
                raise
            self._guardian().process(pid)

        self.ahead.begin(begin)

    def forget(self) -> None:
        """End what was begun and not asked for; safe to call twice."""
        pid = self.ahead.drop() if self.ahead is not None else None
        if pid is not None:
            self._guardian().forget_process(pid)

    def _taken(
        self,
        command: list[str],
        *,
        request: RunRequest,
        env: Mapping[str, str],
        within: Enclosure | None,
    ) -> Walled | None:
        if self.ahead is None or request.asked.debugged:
            return None
        what = expected(
            command, project=request.project, folder=request.folder, env=env, within=within
        )
        walled = self.ahead.take(what, command, env)
        if walled is None:
            self.forget()
        return walled


class LocalProcess:
    """One process of ``mage run`` on this machine."""

    def __init__(self, walled: Walled, *, guardian: Guardian) -> None:
        self._walled = walled
        self._process = walled.process
        self._guardian = guardian

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def ended(self, *, within: float) -> bool:
        """Whether it ends in so many seconds."""
        return ended(self._process, within=within)

    def ask_for_stacks(self) -> None:
        """Send it SIGUSR1."""
        # Not by `send_signal`: that reaps a process which has just ended, and its group with all
        # that is left in it would no longer be known by its number.
        os.kill(self._process.pid, signal.SIGUSR1)

    def end(self) -> int:
        """End the process group, and say the process's exit status.

        Raises:
            EnvironmentNotAbleError: What it tried is not told whole.
        """
        if self._process.returncode is None:
            try:
                self._walled.end()
            finally:
                self._guardian.forget_process(self._process.pid)
        return self._process.returncode


def _passed_on() -> dict[str, str]:
    """What says where this machine keeps libraries and time zones."""
    return {name: os.environ[name] for name in _MACHINE_NAMES if name in os.environ}


@contextmanager
def _outputs(folder: Path) -> Iterator[tuple[int, int]]:
    """The files for what a run prints, and for its errors."""
    with _private(folder / STDOUT) as out, _private(folder / STDERR) as err:
        yield out.fileno(), err.fileno()


def _private(file: Path) -> IO[bytes]:
    """A new file that only its owner can read."""
    with explained(file, doing="running the pipeline"):
        return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
